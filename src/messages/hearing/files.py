"""Which files are opened: by their declared type, their first bytes, and their size."""

from src.core.settings import Settings

_MB = 1024 * 1024
SOUND_BYTES = 16 * _MB  # Meta takes no larger ones from customers (Cloud API, Supported media types)
PICTURE_BYTES = 5 * _MB

_MPEG = tuple(bytes((0xFF, second)) for second in (0xF2, 0xF3, 0xFA, 0xFB))
_BEGINNINGS: dict[str, tuple[tuple[int, bytes], ...]] = {
    "audio/ogg": ((0, b"OggS"),),
    "audio/mp4": ((4, b"ftyp"),),
    "audio/mpeg": ((0, b"ID3"), *((0, mark) for mark in _MPEG)),
    "image/jpeg": ((0, b"\xff\xd8\xff"),),
    "image/png": ((0, b"\x89PNG\r\n\x1a\n"),),
    "image/webp": ((8, b"WEBP"),),
}


def plain(mime: str) -> str:
    """`audio/ogg; codecs=opus` without its parameters."""
    return mime.partition(";")[0].strip().lower()


def is_taken(kind: str, mime: str) -> bool:
    """Is a file of this declared type opened? What the transcriber cannot read, AMR and AAC, is not."""
    family = {"audio": "audio/", "image": "image/"}.get(kind)
    return family is not None and plain(mime).startswith(family) and plain(mime) in _BEGINNINGS


def begins_as(mime: str, content: bytes) -> bool:
    """Do the first bytes say what was declared?"""
    return any(content[at : at + len(mark)] == mark for at, mark in _BEGINNINGS.get(plain(mime), ()))


def most_bytes(kind: str, settings: Settings) -> int:
    """How large a file of this kind may be."""
    return min(SOUND_BYTES if kind == "audio" else PICTURE_BYTES, settings.media_max_mb * _MB)
