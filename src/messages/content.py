"""Reads the words out of WhatsApp's message objects, theirs and ours, whatever else is in them."""

from typing import Any

from src.core.visible import clean


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
    """The words of a reply of ours, as the customer reads them; None where they are forgotten."""
    body = content.get("text") or content.get("interactive", {}).get("body", {})
    found: str | None = body.get("body") or body.get("text")
    return found
