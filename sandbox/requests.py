"""Reads what a business asks for on `/messages`, as strictly as Meta does."""

import re
from dataclasses import dataclass
from typing import Any

from sandbox import interactive
from sandbox.errors import GraphError
from sandbox.ids import digits_of

TEXT, TRACKER = 4096, 512
TYPES = ("text", "interactive", "reaction")
NOT_YET = ("audio", "contacts", "document", "image", "location", "sticker", "template", "video")
_BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")

Node = dict[str, Any]


@dataclass(frozen=True)
class Send:
    """A message that may be sent, to `wa_id` or to `user_id`; `input` is that as it was written."""

    input: str
    wa_id: str | None
    user_id: str | None
    type: str
    content: Node
    tracker: str | None


@dataclass(frozen=True)
class MarkRead:
    """The business has read `message_id` and all before it; perhaps it is typing an answer."""

    message_id: str
    typing: bool


def read(body: Node) -> Send | MarkRead:
    """What is asked for. Raises GraphError with Meta's code when it is not allowed."""
    product = _required(body, "messaging_product")
    if product != "whatsapp":
        raise _wrong(f"Param messaging_product must be one of {{WHATSAPP}} - got {product!r}.")
    return _mark_read(body) if "status" in body else _send(body)


def _mark_read(body: Node) -> MarkRead:
    if body["status"] != "read":
        raise _wrong(f"Param status must be one of {{READ}} - got {body['status']!r}.")
    message_id = _required(body, "message_id")
    typing = body.get("typing_indicator")
    if typing is not None and typing != {"type": "text"}:
        raise _wrong("Param typing_indicator must be {'type': 'text'}.")
    return MarkRead(_string(message_id, "message_id"), typing is not None)


def _send(body: Node) -> Send:
    if body.get("recipient_type", "individual") != "individual":
        raise _wrong(f"Param recipient_type must be one of {{INDIVIDUAL}} - got {body['recipient_type']!r}.")
    given, wa_id, user_id = _address(body)
    kind = body.get("type", "text")
    if kind in NOT_YET:
        raise GraphError(131051, f"Messages of type {kind!r} are not known to the sandbox yet.")
    if kind not in TYPES:
        raise _wrong(f"Param type must be one of {{{', '.join(TYPES + NOT_YET).upper()}}} - got {kind!r}.")
    node = _required(body, kind)
    if not isinstance(node, dict):
        raise _wrong(f"Param {kind} must be a JSON object.")
    {"text": _check_text, "interactive": interactive.check, "reaction": _check_reaction}[kind](node)
    content = {"type": kind, kind: node}
    if "context" in body:
        content["context"] = _context(body["context"])
    return Send(given, wa_id, user_id, kind, content, _tracker(body))


def _address(body: Node) -> tuple[str, str | None, str | None]:
    """What was written, and the digits or the BSUID that it means; `to` wins over `recipient`."""
    if body.get("to") is not None:
        written = _string(body["to"], "to")
        digits = digits_of(written)
        if digits is None:
            raise GraphError(
                131009, f"Param to must be a phone number with its country code - got {written!r}."
            )
        return written, digits, None
    if body.get("recipient") is None:
        raise _wrong("The parameter to is required.")
    written = _string(body["recipient"], "recipient")
    if _BSUID.fullmatch(written) is None:
        raise GraphError(131009, f"Param recipient must be a business-scoped user id - got {written!r}.")
    return written, None, written


def _check_text(node: Node) -> None:
    if node.get("body") is None:
        raise _wrong("The parameter text['body'] is required.")
    body = _string(node["body"], "text['body']")
    if not body.strip():
        raise _wrong("Param text['body'] must be non-empty.")
    if len(body) > TEXT:
        raise _wrong(f"Param text['body'] must be at most {TEXT} characters long.")


def _check_reaction(node: Node) -> None:
    if node.get("message_id") is None:
        raise GraphError(131008, "The parameter reaction.message_id is required.")
    _string(node["message_id"], "reaction['message_id']")
    if not isinstance(node.get("emoji", ""), str):
        raise GraphError(131009, "reaction.emoji must be a string")


def _context(context: Any) -> Node:
    if not isinstance(context, dict) or not isinstance(context.get("message_id"), str):
        raise _wrong("The parameter context['message_id'] is required.")
    return {"message_id": context["message_id"]}


def _tracker(body: Node) -> str | None:
    if body.get("biz_opaque_callback_data") is None:
        return None
    tracker = _string(body["biz_opaque_callback_data"], "biz_opaque_callback_data")
    if len(tracker) > TRACKER:
        raise _wrong(f"Param biz_opaque_callback_data must be at most {TRACKER} characters long.")
    return tracker


def _required(body: Node, key: str) -> Any:
    if body.get(key) is None:
        raise _wrong(f"The parameter {key} is required.")
    return body[key]


def _string(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise _wrong(f"Param {name} must be a string.")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise _wrong(f"Param {name} must be valid Unicode.")
    return value


def _wrong(message: str) -> GraphError:
    return GraphError(100, message=f"(#100) {message}")
