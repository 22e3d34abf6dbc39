"""What a customer writes, taps, feels or sends, as the node of an inbound message."""

from typing import Any

from starlette.exceptions import HTTPException

from sandbox import attachments, chats, reading
from sandbox.chats import Message
from sandbox.people import Customer, Number
from sandbox.store import Store

Json = dict[str, Any]

TEXT = 4096
KINDS = ("text", "button_reply", "list_reply", "reaction", "raw", *attachments.KINDS)


def node(store: Store, customer: Customer, number: Number, asked: Json, at: float) -> Json:
    """The node of a message of that time, without its ids. Raises HTTPException 400 or 404."""
    kind = reading.choice(asked, "type", KINDS)
    if kind == "raw":
        return _raw(asked)
    if kind in ("button_reply", "list_reply"):
        return _tap(store, customer, number, kind, asked)
    if kind == "reaction":
        return _reaction(store, customer, number, asked)
    if kind in attachments.KINDS:
        attached = attachments.node(store, number.phone_number_id, kind, asked, at)
        return attached | _quoted(store, customer, number, asked)
    return _text(store, customer, number, asked)


def _text(store: Store, customer: Customer, number: Number, asked: Json) -> Json:
    body = reading.text(asked, "text")
    return {"type": "text", "text": {"body": body}} | _quoted(store, customer, number, asked)


def _quoted(store: Store, customer: Customer, number: Number, asked: Json) -> Json:
    """The message that is quoted in this one, if any."""
    quoted = reading.optional_text(asked, "context")
    if quoted is None:
        return {}
    return {"context": _context(_message(store, customer, number, quoted), customer, number)}


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
