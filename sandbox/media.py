"""The files that customers send and the business uploads, as Meta keeps them: found by their id, fetched by a ticket."""

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass

from sandbox.config import DAY
from sandbox.store import Row, Store

INBOUND_LASTS = 7 * DAY  # Meta: Media, "media IDs in webhooks"
UPLOAD_LASTS = 30 * DAY
_MB = 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument."

# What Meta takes (Cloud API, Supported media types), and the most bytes of each.
LIMITS: dict[str, int] = {
    **dict.fromkeys(("image/jpeg", "image/png"), 5 * _MB),
    **dict.fromkeys(("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), 16 * _MB),
    **dict.fromkeys(("video/mp4", "video/3gpp"), 16 * _MB),
    **dict.fromkeys(("text/plain", "application/pdf", "application/msword"), 100 * _MB),
    **dict.fromkeys(("application/vnd.ms-excel", "application/vnd.ms-powerpoint"), 100 * _MB),
    f"{_OFFICE}wordprocessingml.document": 100 * _MB,
    f"{_OFFICE}spreadsheetml.sheet": 100 * _MB,
    f"{_OFFICE}presentationml.presentation": 100 * _MB,
    "image/webp": 500 * 1024,
}


@dataclass(frozen=True)
class Media:
    """A file of one number's; it is gone after `expires_at` (seconds since 1970)."""

    id: str
    phone_number_id: str
    mime_type: str
    filename: str | None
    content: bytes
    expires_at: float

    @property
    def sha256(self) -> bytes:
        """The hash: in base64 in webhooks, in hexadecimal digits where the id is asked for."""
        return hashlib.sha256(self.content).digest()

    @property
    def sha256_of_webhook(self) -> str:
        """The hash as a message carries it."""
        return base64.b64encode(self.sha256).decode()


def plain(mime_type: str) -> str:
    """`audio/ogg; codecs=opus` without its parameters."""
    return mime_type.partition(";")[0].strip().lower()


def keep(
    store: Store, phone_number_id: str, mime_type: str, filename: str | None, content: bytes, until: float
) -> Media:
    """Keeps a file under a new id, and forgets those whose time is over."""
    media = Media(
        id=str(10**15 + secrets.randbelow(10**15)),
        phone_number_id=phone_number_id,
        mime_type=mime_type,
        filename=filename,
        content=content,
        expires_at=until,
    )
    with store.transaction():
        store.write("DELETE FROM media WHERE expires_at < ?", time.time())
        store.write(
            "INSERT INTO media (id, phone_number_id, mime_type, filename, content, expires_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            *(media.id, phone_number_id, mime_type, filename, content, until),
        )
    return media


def find(store: Store, media_id: str) -> Media | None:
    """The file of that id while it lasts, or None."""
    row = store.row("SELECT * FROM media WHERE id = ? AND expires_at >= ?", media_id, time.time())
    return None if row is None else _media(row)


def _media(row: Row) -> Media:
    return Media(**dict(row))


def forget(store: Store, media: Media) -> None:
    """Deletes a file. Safe to call twice."""
    with store.transaction():
        store.write("DELETE FROM media WHERE id = ?", media.id)


def ticket(secret: str, media: Media, until: float) -> str:
    """The last part of the address of a file's bytes, which is good until then (seconds since 1970)."""
    return f"{media.id}-{until:.3f}-{_mark(secret, media.id, f'{until:.3f}')}"


def media_of(store: Store, secret: str, given: str) -> Media | None:
    """The file that a ticket leads to; None when it is over or not one of ours."""
    media_id, _, rest = given.partition("-")
    until, _, mark = rest.partition("-")
    if not hmac.compare_digest(mark.encode(), _mark(secret, media_id, until).encode()):
        return None
    return find(store, media_id) if time.time() < float(until) else None


def _mark(secret: str, media_id: str, until: str) -> str:
    return hmac.new(secret.encode(), f"media {media_id} {until}".encode(), hashlib.sha256).hexdigest()[:40]
