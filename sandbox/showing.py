"""How the control API shows what is in a message."""

from typing import Any

Json = dict[str, Any]

MEDIA = ("image", "audio", "video", "document", "sticker")


def content(node: Json) -> Json:
    """What the telephone draws of a wire node, under the name of what it is."""
    kind = node["type"]
    inner = node.get(kind)
    if kind in MEDIA and isinstance(inner, dict):
        return {"media": inner}
    if kind in ("location", "contacts"):
        return {kind: inner}
    if kind == "text" and isinstance(inner, dict):
        return {"text": inner.get("body", "")}
    if kind == "reaction" and isinstance(inner, dict):
        return {"emoji": inner.get("emoji", ""), "message_id": inner.get("message_id")}
    if kind != "interactive" or not isinstance(inner, dict):
        return {}
    reply = inner.get("type")
    if reply in ("button_reply", "list_reply"):
        return {"type": reply, "reply": inner[reply]}
    return {"interactive": inner}
