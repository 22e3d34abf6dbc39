"""What is sealed stays sealed, and only who knows the secret may sign."""

import hashlib
import hmac
import stat
from pathlib import Path

import pytest

from src.core.api_key_text import is_whole, new_key
from src.core.errors import InvalidSettings
from src.core.keyring import Keyring
from src.core.security import same, secret_file, signed_by

KEYS = Keyring("k" * 40)


def sign(secret: bytes, body: bytes) -> bytes:
    return b"sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest().encode()


def test_a_sealed_value_opens_only_in_its_place_and_with_its_key() -> None:
    sealed = KEYS.seal("¿abrís?".encode(), "message.content")
    assert KEYS.open(sealed, "message.content").decode() == "¿abrís?"
    for keys, place in ((KEYS, "turn.detail"), (Keyring("l" * 40), "message.content")):
        with pytest.raises(InvalidSettings, match="SECRET_KEY"):
            keys.open(sealed, place)


def test_sealing_twice_never_gives_the_same_bytes() -> None:
    assert KEYS.seal(b"hola", "a.b") != KEYS.seal(b"hola", "a.b")


def test_look_ups_are_keyed() -> None:
    assert KEYS.lookup("wa:34600") == Keyring("k" * 40).lookup("wa:34600")
    assert KEYS.lookup("wa:34600") != Keyring("l" * 40).lookup("wa:34600")
    assert KEYS.lookup("x") != KEYS.seen("x")


def test_any_active_secret_may_sign_and_no_other() -> None:
    body = b'{"a": "\\u00e9"}'
    active = (b"new", b"old")
    assert signed_by(active, body, sign(b"new", body))
    assert signed_by(active, body, sign(b"old", body))
    assert not signed_by(active, body, sign(b"older", body))
    assert not signed_by((), body, sign(b"", body))


@pytest.mark.parametrize(
    "header", [b"", b"sha256=", b"sha1=00", "sha256=é".encode(), b"\xff\xfe", sign(b"s", b"body")[7:]]
)
def test_rubbish_is_no_signature(header: bytes) -> None:
    assert not signed_by((b"s",), b"body", header)


def test_a_signature_fits_the_raw_bytes_alone() -> None:
    assert not signed_by((b"s",), b'{"a":1}', sign(b"s", b'{"a": 1}'))


def test_a_secret_file_is_made_once_and_is_private(tmp_path: Path) -> None:
    first = secret_file(tmp_path / "home" / "api_key", 16, new_key)
    assert is_whole(first)
    assert secret_file(tmp_path / "home" / "api_key", 16, new_key) == first
    assert stat.S_IMODE((tmp_path / "home" / "api_key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["api_key"]


def test_a_folder_that_is_a_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(InvalidSettings, match="RELEASED_HOME"):
        secret_file(tmp_path / "home" / "api_key", 16)


@pytest.mark.parametrize("kept", [b"", b"\n", b"short\n", b"rel_" + b"\xff" * 20])
def test_a_secret_file_that_holds_no_secret_is_a_clear_error(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "api_key").write_bytes(kept)
    with pytest.raises(InvalidSettings, match="api_key holds no secret of 16"):
        secret_file(tmp_path / "api_key", 16)


def test_same_compares_whole_words() -> None:
    assert same("clé", "clé")
    assert not same("cl", "clé")
    assert not same("\ud800", "clé")
