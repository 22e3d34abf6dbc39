"""A sealed stream of bytes: AES-256-GCM in chunks whose order, number and end are sealed with them."""

import os
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from src.accounts.backup.errors import Damaged, NoBackup
from src.accounts.backup.keys import KINDS, Key

_MAGIC = b"released-backup\n"
_VERSION = 1
_HEAD = struct.Struct(">16sBB32s16s")  # magic, version, kind of key, salt, check; a CRC-32 follows
HEAD_BYTES = _HEAD.size + 4
CHUNK = 1024 * 1024
SEALED = CHUNK + 16  # with its tag


def _nonce(index: int, last: bool) -> bytes:
    return index.to_bytes(11, "big") + bytes((last,))  # the key is this archive's alone: a count is enough


class Sealer:
    """Writes a sealed stream to `file`; without `close` it has no end, and is refused."""

    def __init__(self, file: BinaryIO, key: Key) -> None:
        salt = os.urandom(32)
        secret, check = key.derive(salt)
        head = _HEAD.pack(_MAGIC, _VERSION, key.kind, salt, check)
        self._head = head + zlib.crc32(head).to_bytes(4, "big")
        self._file, self._cipher = file, AESGCM(secret)
        self._held = bytearray()
        self._index = 0
        file.write(self._head)

    def write(self, data: bytes) -> None:
        """Adds to the stream."""
        self._held += data
        while len(self._held) > CHUNK:  # the last one is written by `close`, and says that it is the last
            self._seal(bytes(self._held[:CHUNK]), last=False)
            del self._held[:CHUNK]

    def close(self) -> None:
        """Ends the stream."""
        self._seal(bytes(self._held), last=True)

    def _seal(self, chunk: bytes, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._index, last), chunk, self._head))
        self._index += 1


class Opener:
    """Reads a sealed stream. Raises `NoBackup` for another file or key, `Damaged` for what is not as it was written."""

    def __init__(self, file: BinaryIO, key: Key) -> None:
        head = file.read(HEAD_BYTES)
        if not head.startswith(_MAGIC):
            raise NoBackup("this is not a backup of Released")
        if len(head) < HEAD_BYTES or zlib.crc32(head[:-4]).to_bytes(4, "big") != head[-4:]:
            raise Damaged(f"the backup is damaged or cut off in its first {HEAD_BYTES} bytes")
        _, version, kind, salt, check = _HEAD.unpack(head[:-4])
        if version != _VERSION:
            raise NoBackup(
                f"the backup has format {version}: restore it with the version of Released that made it"
            )
        if kind != key.kind:
            raise NoBackup(f"the backup was sealed with a {KINDS[kind]}, not with a {KINDS[key.kind]}")
        secret = key.fits(salt, check)
        if secret is None:
            raise NoBackup(f"this is not the {KINDS[kind]} that the backup was sealed with")
        self._file, self._head, self._cipher = file, head, AESGCM(secret)

    def chunks(self) -> Iterator[bytes]:
        """The stream's bytes, piece by piece; nothing is given out that was not checked."""
        index, chunk = 0, self._file.read(SEALED)
        while True:
            following = self._file.read(SEALED)
            yield self._open(chunk, index, last=not following)
            if not following:
                return
            index, chunk = index + 1, following

    def _open(self, chunk: bytes, index: int, last: bool) -> bytes:
        plain = self._try(chunk, index, last)
        if plain is not None:
            return plain
        start = HEAD_BYTES + index * SEALED
        end = start + len(chunk)
        if self._try(chunk, index, not last) is not None:
            told = f"was cut off after byte {end}" if last else f"goes on after its end at byte {end}"
            raise Damaged(f"the backup {told}")
        cut = " or cut off there" if last else ""
        raise Damaged(f"the backup is damaged between the bytes {start} and {end}{cut}")

    def _try(self, chunk: bytes, index: int, last: bool) -> bytes | None:
        try:
            return self._cipher.decrypt(_nonce(index, last), chunk, self._head)
        except InvalidTag:
            return None
