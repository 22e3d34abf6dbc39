"""What a customer attaches: pictures, voice notes, films, documents and stickers, a place, somebody's contact."""

import base64
import binascii
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException

from sandbox import media, reading
from sandbox.showing import MEDIA
from sandbox.store import Store

Json = dict[str, Any]

KINDS = (*MEDIA, "location", "contacts")
MOST = 16 * 1024 * 1024  # bytes of one file
CAPTION, FILENAME = 1024, 240
_CAPTIONED = ("image", "video", "document")
_MIME_TYPE = re.compile(r"[a-z]+/[\w.+-]{1,80}(; ?[\w=.,+\"-]{1,40})?", re.ASCII)
_PLACE = {"latitude": 40.4168, "longitude": -3.7038, "name": "Puerta del Sol", "address": "Madrid"}
_CONTACT = {
    "name": {"formatted_name": "Ana Torres", "first_name": "Ana", "last_name": "Torres"},
    "phones": [{"phone": "+34 611 20 33 44", "wa_id": "34611203344", "type": "CELL"}],
}


def node(store: Store, phone_number_id: str, kind: str, asked: Json, at: float) -> Json:
    """The message's node; a file without `content` (base64) is a small one of ours. Raises HTTPException 400."""
    if kind == "location":
        return {"type": kind, kind: _place(asked)}
    if kind == "contacts":
        return {"type": kind, kind: reading.objects(asked, kind, 257) if kind in asked else [_CONTACT]}
    sample = _samples()[kind]
    mime_type = reading.optional_text(asked, "mime_type") or sample["mime_type"]
    if _MIME_TYPE.fullmatch(mime_type) is None:
        raise HTTPException(400, "mime_type must be a type such as image/jpeg")
    content = _content(reading.optional_text(asked, "content") or sample["content"])
    filename = _short(asked, "filename", FILENAME) or sample["filename"]
    until = at + media.INBOUND_LASTS
    kept = media.keep(store, phone_number_id, mime_type, filename, content, until)
    about: Json = {"id": kept.id, "mime_type": mime_type, "sha256": kept.sha256_of_webhook}
    return {"type": kind, kind: about | _more(kind, filename, asked)}


def _more(kind: str, filename: str, asked: Json) -> Json:
    """What only some kinds say beside their file."""
    more: Json = {}
    caption = _short(asked, "caption", CAPTION)
    if caption is not None and kind in _CAPTIONED:
        more["caption"] = caption
    if kind == "document":
        more["filename"] = filename
    if kind == "audio":
        more["voice"] = reading.truth(asked, "voice", True)
    if kind == "sticker":
        more["animated"] = reading.truth(asked, "animated", False)
    return more


def _content(written: str) -> bytes:
    try:
        content = base64.b64decode(written, validate=True)
    except binascii.Error:
        raise HTTPException(400, "content must be base64") from None
    if not 0 < len(content) <= MOST:
        raise HTTPException(400, f"content must have 1 to {MOST} bytes")
    return content


def _short(asked: Json, key: str, most: int) -> str | None:
    found = reading.optional_text(asked, key)
    if found is not None and len(found) > most:
        raise HTTPException(400, f"{key} must have at most {most} characters")
    return found


def _place(asked: Json) -> Json:
    """A place that was chosen, with a name and an address, or where the customer is; else a known one."""
    if "latitude" not in asked and "longitude" not in asked:
        return _PLACE
    place: Json = {
        "latitude": reading.number_between(asked, "latitude", -90, 90, 0),
        "longitude": reading.number_between(asked, "longitude", -180, 180, 0),
    }
    told = {key: reading.optional_text(asked, key) for key in ("name", "address")}
    return place | {key: text for key, text in told.items() if text is not None}


@cache
def _samples() -> dict[str, dict[str, str]]:
    """A real, tiny file of each kind: {mime_type, filename, content in base64}."""
    path = Path(__file__).with_name("samples.json")
    found: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="ascii"))
    return found
