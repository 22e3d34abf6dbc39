"""No key lies in the repository, in no version that it ever had."""

import hashlib
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.secret_shapes import keys_in

PROJECT = Path(__file__).resolve().parents[2]

# The SHA-256 of what looks like a key and is none, and what it is.
NO_KEYS = {
    "96ad2ccd81462a766178ae09a71df55f548a3f66da11606f9cdf40b391e22dd0": "Standard Webhooks' own published example",
}


def _git(*words: str, given: bytes = b"") -> bytes:
    return subprocess.run(["git", *words], cwd=PROJECT, input=given, capture_output=True, check=True).stdout


def _every_version() -> Iterator[tuple[str, bytes]]:
    """The name and content of each file of each commit."""
    lines = [line.split(b" ", 1) for line in _git("rev-list", "--objects", "--all").splitlines()]
    names = {line[0]: line[1].decode("utf-8", "replace") for line in lines if len(line) == 2}
    answer = memoryview(_git("cat-file", "--batch", given=b"\n".join(names) + b"\n"))
    at = 0
    while at < len(answer):
        end = bytes(answer[at : at + 200]).index(b"\n") + at
        oid, kind, size = bytes(answer[at:end]).split()
        if kind == b"blob":
            yield names[oid], bytes(answer[end + 1 : end + 1 + int(size)])
        at = end + 1 + int(size) + 1


def _every_file() -> Iterator[tuple[str, bytes]]:
    for name in _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split(b"\0"):
        path = PROJECT / name.decode()
        if name and path.is_file():
            yield name.decode(), path.read_bytes()


def test_nothing_that_looks_like_a_key_is_or_was_ever_in_the_repository() -> None:
    if not (PROJECT / ".git").exists():
        pytest.skip("this is no clone: it has no history")
    found = set()
    seen = 0
    for name, content in [*_every_version(), *_every_file()]:
        seen += 1
        for what, key in keys_in(content):
            if (digest := hashlib.sha256(key).hexdigest()) not in NO_KEYS:
                found.add((name, what, digest))  # never the key itself
    assert seen > 100
    assert sorted(found) == []


@pytest.mark.parametrize(
    "key",
    [
        "EAA" + secrets.token_hex(40),
        "sk-proj-" + secrets.token_urlsafe(48),
        "AKIA" + "Q3ZL7WPX2MDK5RTB",
        "ghp_" + secrets.token_hex(18),
        "xoxb-" + secrets.token_hex(20),
        "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"[::-1],
        "rel_" + secrets.token_urlsafe(32),
        "-----BEGIN " + "PRIVATE KEY-----\n" + secrets.token_hex(40),
    ],
    ids=("meta", "openai", "aws", "github", "slack", "webhook", "ours", "private"),
)
def test_a_key_is_found(key: str) -> None:
    assert keys_in(f"TOKEN = '{key}'  # mine".encode())


@pytest.mark.parametrize("text", ["sk-...", "EAA...", "whsec_…", "sk-" + "x" * 48, "your-app-secret"])
def test_an_examples_placeholder_is_no_key(text: str) -> None:
    assert keys_in(text.encode()) == []
