"""What opens a backup: a passphrase, or a key file of 32 random bytes."""

import hmac
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from src.accounts.backup.errors import NoBackup, from_system

PASSPHRASE, KEY_FILE = 1, 2
KINDS = {PASSPHRASE: "passphrase", KEY_FILE: "key file"}
SHORTEST = 12  # characters of a passphrase
_SCRYPT = {"n": 2**16, "r": 8, "p": 2}  # 64 MiB and about half a second for each guess
_LINE = re.compile(r"released-backup-key-1 ([0-9a-f]{64})")
_LARGEST = 64 * 1024  # bytes of a passphrase file: more is another file


@dataclass(frozen=True)
class Key:
    """What somebody keeps, and its kind."""

    kind: int
    secret: bytes

    def derive(self, salt: bytes) -> tuple[bytes, bytes]:
        """The key of one archive (32 bytes), and a value (16 bytes) by which a wrong key is told from damage."""
        base = (
            Scrypt(salt=salt, length=32, **_SCRYPT).derive(self.secret)
            if self.kind == PASSPHRASE
            else self.secret
        )
        both = HKDF(SHA256(), 48, salt, b"released backup 1").derive(base)
        return both[:32], both[32:]

    def fits(self, salt: bytes, check: bytes) -> bytes | None:
        """The archive's key; None when this is another one."""
        key, expected = self.derive(salt)
        return key if hmac.compare_digest(expected, check) else None


def make_key_file(path: Path) -> None:
    """A new key in `path`, mode 0600; an existing file is never touched. Raises `NoBackup`."""
    line = f"released-backup-key-1 {secrets.token_hex(32)}\n"
    try:
        with os.fdopen(
            os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii"
        ) as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise NoBackup(f"{path} exists already: a key is never overwritten, choose another name") from None
    except OSError as error:
        raise from_system(f"{path} cannot be written", error) from error


def read_key_file(path: Path) -> Key:
    """The key in a file that `make_key_file` wrote. Raises `NoBackup`."""
    found = _LINE.fullmatch(_read(path))
    if found is None:
        raise NoBackup(f"{path} is not a backup's key file: make one with `released backup --new-key FILE`")
    return Key(KEY_FILE, bytes.fromhex(found.group(1)))


def read_passphrase(path: Path) -> Key:
    """The passphrase in a file, without the white space around it. Raises `NoBackup`."""
    return passphrase(_read(path))


def passphrase(words: str) -> Key:
    """A passphrase as a key. Raises `NoBackup` when it is too short to protect anything."""
    if len(words) < SHORTEST:
        raise NoBackup(
            f"the passphrase has fewer than {SHORTEST} characters: four or five random words are good"
        )
    return Key(PASSPHRASE, words.encode())


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST).decode().strip()
    except UnicodeDecodeError:
        raise NoBackup(f"{path} is not text: name the file with the key or the passphrase") from None
    except OSError as error:
        raise from_system(f"{path} cannot be read", error) from error
