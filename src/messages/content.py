"""Reads the words out of WhatsApp's message objects, theirs and ours, whatever else is in them."""

import re
import unicodedata
from typing import Any

_LINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_EMOJI = "[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]"
# Control and format characters, the tags that repeat ASCII unseen, variation selectors, fillers without a shape.
_UNSEEN = (
    "\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# An emoji of several parts is joined, and a sign is shown as a picture, by characters that are unseen elsewhere.
_JOINED = f"(?<={_EMOJI})\ufe0f|(?<=[#*0-9])\ufe0f(?=\u20e3)|(?<={_EMOJI})\u200d(?={_EMOJI})|(?<=\ufe0f)\u200d(?={_EMOJI})"
_STRIPPED = re.compile(f"({_JOINED})|[{_UNSEEN}]")


def clean(text: str) -> str:
    """The text as a person sees it, in NFC: without invisible, control and direction characters, and lone surrogates.

    Newlines and tabs stay, and what holds an emoji together.
    """
    seen = _STRIPPED.sub(lambda found: found[1] or "", _LINES.sub("\n", text))
    return unicodedata.normalize("NFC", seen)


def words_of(kind: str, content: Any) -> str | None:
    """The customer's own words, cleaned: a text, a caption, a template's button."""
    node = content.get(kind) if isinstance(content, dict) else None
    if not isinstance(node, dict):
        return None
    words = node.get({"text": "body", "button": "text"}.get(kind, "caption"))
    seen = clean(words) if isinstance(words, str) else ""
    return seen if seen.strip() else None


def tap_of(content: Any) -> str | None:
    """The id of the button or row that was tapped."""
    return _chosen(content, "id")


def said_by_customer(kind: str, content: Any) -> str | None:
    """The words of a customer's message as a person reads them: their own, or the label they tapped."""
    return words_of(kind, content) or _chosen(content, "title")


def _chosen(content: Any, key: str) -> str | None:
    interactive = content.get("interactive") if isinstance(content, dict) else None
    if not isinstance(interactive, dict):
        return None
    for reply in (interactive.get("button_reply"), interactive.get("list_reply")):
        if isinstance(reply, dict) and isinstance(reply.get(key), str):
            return str(reply[key])
    return None


def said_by_us(content: dict[str, Any]) -> str | None:
    """The words of a reply of ours, as the customer reads them."""
    body = content.get("text") or content["interactive"]["body"]
    found: str | None = body.get("body") or body.get("text")
    return found
