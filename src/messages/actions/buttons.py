"""What a customer reads of a tool that would change something: exactly what will be sent, and two buttons."""

import json
import re
from collections.abc import Mapping
from typing import Any

from src.core.agent_config import Tool
from src.messages import phrases
from src.messages.actions.consent import NO, YES, Answer, button_id
from src.messages.actions.mcp_tools import McpTool
from src.messages.actions.outcome import Declined, Ended, Expired
from src.messages.decision import Confirm

MAX_BODY = 1_024  # Meta, "Interactive reply buttons messages": characters of the body
_MAX_WHAT = 200
_SENTENCE = re.compile(r"(?<=[.!?])\s")


def confirmation(
    tool: Tool | McpTool, call_id: str, arguments: Mapping[str, Any], language: str
) -> Confirm | None:
    """The question, with each argument in a line of its own; None when not all of it can be shown.

    No word of it is a model's but the values, which are those that will be sent: what cannot be seen in a value, or
    would begin a new line, is shown by its code.
    """
    lines = [f"• {_title(tool, name)}: {_shown(value, language)}" for name, value in arguments.items()]
    what = _SENTENCE.split(" ".join(tool.description.split()), maxsplit=1)[0][:_MAX_WHAT]
    text = "\n\n".join(
        part for part in (phrases.say("action_ask", language), "\n".join([what, *lines])) if part
    )
    if len(text) > MAX_BODY:
        return None
    action = {"buttons": [_button(call_id, YES, language), _button(call_id, NO, language)]}
    interactive = {"type": "button", "body": {"text": text}, "action": action}
    return Confirm(text, {"type": "interactive", "interactive": interactive})


def _button(call_id: str, answer: Answer, language: str) -> dict[str, Any]:
    title = phrases.say(f"action_{answer}", language)
    return {"type": "reply", "reply": {"id": button_id(call_id, answer), "title": title}}


def _title(tool: Tool | McpTool, name: str) -> str:
    """How the owner calls the argument: its title in the schema, else its name."""
    declared = tool.parameters.get("properties", {}).get(name)
    title = declared.get("title") if isinstance(declared, dict) else None
    return " ".join((title if isinstance(title, str) else name.replace("_", " ")).split())[:60]


def _shown(value: Any, language: str) -> str:
    if isinstance(value, bool):
        return phrases.say("yes" if value else "no", language)
    if isinstance(value, str):
        return value if value.isprintable() and value == value.strip() else json.dumps(value)
    written = json.dumps(value, ensure_ascii=False)
    return written if written.isprintable() else json.dumps(value)


def ending(taken: Ended | Declined | Expired, language: str, contact: str | None) -> str:
    """What the customer is told where no model words it."""
    if isinstance(taken, Declined):
        return phrases.say("action_declined", language)
    if isinstance(taken, Expired):
        return phrases.say("action_expired", language)
    if taken.reason is None:
        return phrases.say("action_done", language)
    return phrases.with_contact("action_unknown" if taken.unknown else "action_failed", language, contact)
