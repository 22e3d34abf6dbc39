"""What a customer writes, taps, feels or sends, as the node of an inbound message."""

import secrets
from typing import Any

from starlette.exceptions import HTTPException

from sandbox import chats, reading
from sandbox.chats import Message
from sandbox.people import Customer, Number
from sandbox.store import Store

Json = dict[str, Any]

TEXT = 4096
_MIMES = {"image": "image/jpeg", "audio": "audio/ogg; codecs=opus", "sticker": "image/webp"}
_PLACE = {"latitude": 40.4168, "longitude": -3.7038, "name": "Puerta del Sol", "address": "Madrid"}
KINDS = ("text", "button_reply", "list_reply", "reaction", "raw", "location", *_MIMES)


def node(store: Store, customer: Customer, number: Number, asked: Json) -> Json:
    """The message's node without its ids and time. Raises HTTPException 400 or 404."""
    kind = reading.choice(asked, "type", KINDS)
    if kind == "raw":
        return _raw(asked)
    if kind in ("button_reply", "list_reply"):
        return _tap(store, customer, number, kind, asked)
    if kind == "reaction":
        return _reaction(store, customer, number, asked)
    if kind == "location":
        return {"type": "location", "location": _PLACE}
    if kind in _MIMES:
        return {"type": kind, kind: _media(kind)}
    return _text(store, customer, number, asked)


def _text(store: Store, customer: Customer, number: Number, asked: Json) -> Json:
    body = reading.text(asked, "text")
    written: Json = {"type": "text", "text": {"body": body}}
    if asked.get("context") is not None:
        written["context"] = _context(
            _message(store, customer, number, reading.text(asked, "context")), customer, number
        )
    return written


def _raw(asked: Json) -> Json:
    message = asked.get("message")
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise HTTPException(400, "message must be an object with a type")
    return {key: value for key, value in message.items() if key != "id"}


def _tap(store: Store, customer: Customer, number: Number, kind: str, asked: Json) -> Json:
    message = _message(store, customer, number, reading.text(asked, "message_id"))
    chosen = reading.text(asked, "id")
    options = [option for option in _options(message, kind) if option["id"] == chosen]
    if not options:
        raise HTTPException(404, "That message has no such button or row")
    keys = ("id", "title", "description") if kind == "list_reply" else ("id", "title")
    reply = {key: options[0][key] for key in keys if options[0].get(key)}
    return {
        "context": _context(message, customer, number),
        "type": "interactive",
        "interactive": {"type": kind, kind: reply},
    }


def _options(message: Message, kind: str) -> list[Json]:
    """The buttons or the rows of a message of the business's."""
    interactive = message.content.get("interactive", {})
    if message.author != "business" or interactive.get("type") != kind.removesuffix("_reply"):
        return []
    if kind == "button_reply":
        return [button["reply"] for button in interactive["action"]["buttons"]]
    return [row for section in interactive["action"]["sections"] for row in section["rows"]]


def _reaction(store: Store, customer: Customer, number: Number, asked: Json) -> Json:
    message = _message(store, customer, number, reading.text(asked, "message_id"))
    emoji = asked.get("emoji", "")
    if not isinstance(emoji, str):
        raise HTTPException(400, "emoji must be a text")
    return {"type": "reaction", "reaction": {"message_id": message.id} | ({"emoji": emoji} if emoji else {})}


def _message(store: Store, customer: Customer, number: Number, wamid: str) -> Message:
    message = chats.find(store, wamid)
    if message is None or (message.customer_id, message.phone_number_id) != (
        customer.id,
        number.phone_number_id,
    ):
        raise HTTPException(404, "No such message in this chat")
    return message


def _context(message: Message, customer: Customer, number: Number) -> Json:
    author = number.digits if message.author == "business" else customer.wa_id
    return {"id": message.id} if author is None else {"from": author, "id": message.id}


def _media(kind: str) -> Json:
    media: Json = {
        "mime_type": _MIMES[kind],
        "sha256": secrets.token_urlsafe(32),
        "id": str(10**15 + secrets.randbelow(10**15)),
    }
    return media | {"audio": {"voice": True}, "sticker": {"animated": False}, "image": {}}[kind]
