"""The instance's keys: sealing of stored texts, keyed hashes for look-ups.

`SECRET_KEY`, the master key, opens the data keys, which lie wrapped in the table `data_key`; these seal everything
else: secrets with one that `released secrets rotate` renews, contents with one of their UTC day, which is destroyed
when the day is over age. So the master key can be changed without touching a row, and what is forgotten stays so in
copies too (docs/security/keys.md).
"""

import hashlib
import hmac
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.exc import SQLAlchemyError

from src.core.errors import InvalidSettings

SHORTEST = 32  # characters of a master key
_FORMAT = 1
_NONCE = 12
FRESH_SECONDS = 30.0  # for so long a process seals with the keys it knows before it looks for newer ones
_FIRST = "m1"  # derived from the root: sealed everything before there were data keys


class Purpose(StrEnum):
    """What a data key is for."""

    ROOT = "root"  # of it are made the keys of hashes, which never change
    OWNER = "owner"  # what an owner gave: tokens, FAQs, tools
    CONTENT = "content"  # what customers wrote and were answered, on one UTC day


@dataclass(frozen=True)
class DataKey:
    """A row of `data_key`: wrapped by a master key; it seals from `begins_at` until `ends_at` (ms; None: no end)."""

    id: str
    purpose: Purpose
    wrapped: bytes
    begins_at: int
    ends_at: int | None


class Forgotten(Exception):
    """The key that sealed this was destroyed: nobody can read it any more."""


class Keyring:
    """The keys of an instance; `secret_key` is its master key, or several parted by commas, the newest first.

    `again` reads it once more, where it lies in a file that may change. `source`, which `Database` sets, reads the data
    keys, or raises SQLAlchemyError; None while there is no table of them. What needs a key that cannot be asked for
    fails with that error: to take it for destroyed, or another for it, would lose what is stored.
    """

    def __init__(self, secret_key: str, again: Callable[[], str] | None = None) -> None:
        self._masters = masters(secret_key)
        self._again = again
        self._token_key = self._masters[0]
        self.source: Callable[[], list[DataKey] | None] | None = None
        self._root: bytes | None = None
        self._ciphers: dict[str, AESGCM | None] = {}  # None: destroyed
        self._known: list[DataKey] = []
        self._looked = float("-inf")
        self._one = Lock()  # whoever read the rows earlier must not overwrite what came later

    @property
    def oldest(self) -> bytes:
        """The oldest master key: the root of an instance that was made before there were data keys."""
        return self._masters[-1]

    def token(self, purpose: str) -> str:
        """A secret of 32 hexadecimal digits, always the same for one purpose and the master key of the start."""
        return _derive(self._token_key, f"token/{purpose}").hex()[:32]

    def seal(self, plain: bytes, place: str, purpose: Purpose = Purpose.OWNER) -> bytes:
        """Encrypts with AES-256-GCM; `place` (table.column) is bound to it, the key's id stands inside the value."""
        key_id = self.current(purpose)
        cipher = self._cipher(key_id)
        assert cipher is not None, "the current key is known"
        nonce = os.urandom(_NONCE)
        head = bytes((_FORMAT, len(key_id))) + key_id.encode()
        return head + nonce + cipher.encrypt(nonce, plain, head + place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """The plain bytes. Raises `Forgotten`, and `InvalidSettings` when the instance's key is another one."""
        end = 2 + sealed[1]
        head, nonce, body = sealed[:end], sealed[end : end + _NONCE], sealed[end + _NONCE :]
        cipher = self._cipher(id_in(sealed))
        if cipher is None:
            raise Forgotten
        try:
            return cipher.decrypt(nonce, body, head + place.encode())
        except InvalidTag:
            raise InvalidSettings(
                f"{place} was sealed with another SECRET_KEY: give this instance the key it was made with"
            ) from None

    def lookup(self, value: str) -> bytes:
        """A keyed hash of 16 bytes, by which a sealed identifier is found again."""
        return self._hash("lookup", value)

    def seen(self, wamid: str) -> bytes:
        """The keyed hash under which a message counts as seen; its key never rotates."""
        return self._hash("seen", wamid)

    def passing(self, value: str) -> bytes:
        """A keyed hash for what is not stored, also while the database is away: another master key makes another."""
        return _hashed(_derive(self._token_key, "passing"), value)

    def sign(self, purpose: str, content: bytes) -> bytes:
        """The HMAC-SHA-256 of a content, for one purpose of this instance: who has not the key cannot make it."""
        return hmac.new(_derive(self._rooted(), purpose), content, hashlib.sha256).digest()

    def token_key(self, token: str) -> bytes:
        """The keyed hash by which an access token is known."""
        return self.lookup(f"token:{token}")

    def _hash(self, purpose: str, value: str) -> bytes:
        return _hashed(_derive(self._rooted(), purpose), value)

    def _rooted(self) -> bytes:
        """The root: its row's, else the master key, as before there were data keys."""
        if self._root is None and self.source is not None:
            self.look()
        return self.oldest if self._root is None else self._root

    def current(self, purpose: Purpose) -> str:
        """The id of the key that seals now."""
        if self.source is not None and time.monotonic() - self._looked > FRESH_SECONDS:
            self._look_again()
        now = time.time() * 1000
        live = [
            one
            for one in self._known
            if one.purpose == purpose and one.begins_at <= now and (one.ends_at is None or now < one.ends_at)
        ]
        if live:
            return max(live, key=lambda one: (one.begins_at, one.id)).id
        # Days are made a week ahead; should nobody have done so, nothing is lost for it.
        return _FIRST if purpose == Purpose.OWNER else self.current(Purpose.OWNER)

    def _look_again(self) -> None:
        """The known keys go on while the database is away."""
        try:
            self.look()
        except SQLAlchemyError:
            if not self._known:
                raise
            self._looked = time.monotonic()

    def look(self) -> None:
        """Reads the data keys anew. Raises SQLAlchemyError when they cannot be read, `InvalidSettings` for another key's."""
        with self._one:
            if self._again is not None:
                with suppress(InvalidSettings):
                    self._masters = masters(self._again())
            rows = self.source() if self.source is not None else None
            self._looked = time.monotonic()
            if rows is not None:
                self._know(rows)

    def _know(self, rows: list[DataKey]) -> None:
        root = next((self.unwrap(row) for row in rows if row.purpose == Purpose.ROOT), self.oldest)
        if root != self._root:
            self._root = root
            self._ciphers.pop(_FIRST, None)
        self._known = [row for row in rows if row.purpose != Purpose.ROOT]
        for row in self._known:
            if self._ciphers.get(row.id) is None:
                self._ciphers[row.id] = AESGCM(self.unwrap(row))
        there = {row.id for row in self._known}
        for gone in self._ciphers.keys() - there - {_FIRST}:
            self._ciphers[gone] = None

    def _cipher(self, key_id: str) -> AESGCM | None:
        if key_id == _FIRST:
            root = self._rooted()
            if _FIRST not in self._ciphers:
                self._ciphers[_FIRST] = AESGCM(_derive(root, "seal"))
            return self._ciphers[_FIRST]
        if key_id not in self._ciphers:
            self.look()
            self._ciphers.setdefault(key_id, None)
        return self._ciphers[key_id]

    def wrap(self, key_id: str, purpose: Purpose, raw: bytes) -> bytes:
        """A data key's bytes, sealed by the newest master key."""
        nonce = os.urandom(_NONCE)
        return nonce + _wrapper(self._masters[0]).encrypt(nonce, raw, f"data_key/{key_id}/{purpose}".encode())

    def unwrap(self, row: DataKey) -> bytes:
        """A data key's bytes. Raises `InvalidSettings` when no master key opens it."""
        nonce, body = row.wrapped[:_NONCE], row.wrapped[_NONCE:]
        for master in self._masters:
            try:
                return _wrapper(master).decrypt(nonce, body, f"data_key/{row.id}/{row.purpose}".encode())
            except InvalidTag:
                continue
        raise InvalidSettings(
            "the data keys were wrapped with another SECRET_KEY: give this instance the key it was made with"
        )


def masters(secret_key: str) -> list[bytes]:
    """The master keys in a setting. A comma parts them where each part is long enough to be one."""
    parts = [part.strip() for part in secret_key.split(",")]
    several = len(parts) > 1 and all(len(part) >= SHORTEST for part in parts)
    return [part.encode() for part in parts] if several else [secret_key.encode()]


def id_in(sealed: bytes) -> str:
    """The id of the key that sealed this value."""
    return sealed[2 : 2 + sealed[1]].decode("ascii", "replace")


def _derive(secret: bytes, purpose: str) -> bytes:
    return hmac.new(secret, f"released/{purpose}".encode(), hashlib.sha256).digest()


def _hashed(key: bytes, value: str) -> bytes:
    return hashlib.blake2b(value.encode("utf-8", "replace"), key=key, digest_size=16).digest()


def _wrapper(master: bytes) -> AESGCM:
    return AESGCM(_derive(master, "wrap"))
