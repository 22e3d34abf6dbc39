"""How a key of the API is written: a prefix that scanners know, 32 random characters, 6 of a checksum."""

import secrets
import string
import zlib

PREFIX = "rel_live_"
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM, _CHECK = 32, 6


def new_key() -> str:
    """A fresh key of 190 random bits: `rel_live_` and 38 letters and digits."""
    begun = PREFIX + "".join(secrets.choice(_BASE62) for _ in range(_RANDOM))
    return begun + _checksum(begun)


def is_whole(key: str) -> bool:
    """True when the key has its length and its checksum fits: whoever has mistyped it is told so without a look-up."""
    begun, check = key[:-_CHECK], key[-_CHECK:]
    return len(key) == len(PREFIX) + _RANDOM + _CHECK and check == _checksum(begun)


def _checksum(begun: str) -> str:
    """The CRC32 of what stands before it, as 6 digits to the base of 62."""
    rest, digits = zlib.crc32(begun.encode("utf-8", "replace")), ""
    for _ in range(_CHECK):
        rest, digit = divmod(rest, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits
