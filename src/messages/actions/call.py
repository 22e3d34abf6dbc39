"""Calls an owner's tool over HTTP: signed, for the customer of the conversation, bounded in time and size."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from src.core import outgoing
from src.core.agent_config import Tool
from src.core.outgoing import OutgoingAnswer, OutgoingFailed, OutgoingRefused
from src.core.security import webhook_headers

CALL_SECONDS = 8.0
MAX_BYTES = 256 * 1024
MAX_TEXT = 4_000  # characters of a result that a model reads
_IDENTITY = ("wa_id", "user_id", "name")

_SAYS = {
    "refused": "The tool's address may not be called. The owner must mend it.",
    "unreachable": "The tool could not be reached.",
    "slow": "The tool did not answer in time.",
    "too large": "The tool's answer was too large to be read.",
    "not json": "The tool's answer could not be read.",
    "asks back": "The tool asked for something that cannot be given here.",
}


class ToolFailed(Exception):
    """A tool brought nothing: `reason` is a word for us, `says` a sentence for the model.

    `unknown` is true where what it was called for may have been done all the same.
    """

    def __init__(self, reason: str, unknown: bool, says: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.unknown = unknown
        self.says = says or _SAYS.get(reason) or f"The tool refused the request ({reason})."


@dataclass(frozen=True)
class Behalf:
    """For whom a tool is called, as the conversation has it and never as a model says it."""

    agent_id: str
    conversation_id: int | None  # none where only is asked what the bot would say
    customer: Mapping[str, Any]  # conversation.customer

    @property
    def identity(self) -> dict[str, str]:
        """{wa_id?, user_id?, name?}."""
        return {key: str(self.customer[key]) for key in _IDENTITY if self.customer.get(key)}


def run(
    tool: Tool,
    call_id: str,
    arguments: Mapping[str, Any],
    behalf: Behalf,
    *,
    private: str | None,
    seconds: float,
) -> str:
    """What the owner's system says, at most 4,000 characters, JSON without spaces. Raises `ToolFailed`.

    Signed as Standard Webhooks with `call_id` as the message's id; that id is the Idempotency-Key too.
    """
    if tool.secret is None:
        raise ToolFailed("refused", unknown=False)
    body = orjson.dumps(
        {
            "call_id": call_id,
            "tool": tool.name,
            "arguments": dict(arguments),
            "customer": behalf.identity,
            "agent_id": behalf.agent_id,
            "conversation_id": behalf.conversation_id,
        }
    )
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/plain",
        "Idempotency-Key": call_id,
        **webhook_headers(tool.secret, call_id, int(time.time()), body),
    }
    return text_of(post(tool.url, body, headers, private=private, seconds=seconds))


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, private: str | None, seconds: float
) -> OutgoingAnswer:
    """The answer of a server that does a tool's work, whatever its status. Raises `ToolFailed`."""
    try:
        return outgoing.call(
            "POST", url, body, headers, seconds=seconds, max_bytes=MAX_BYTES, private=private
        )
    except OutgoingRefused:
        raise ToolFailed("refused", unknown=False) from None
    except OutgoingFailed as failed:
        raise ToolFailed(failed.reason, failed.sent) from None


def text_of(answer: OutgoingAnswer) -> str:
    """What a model may read of an answer; `ok` where it is empty. Raises `ToolFailed`."""
    if not 200 <= answer.status < 300:
        raise ToolFailed(f"status {answer.status}", unknown=answer.status >= 500)
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not answer.body.strip():
        return "ok"
    try:
        if "content-encoding" in answer.headers:
            raise ValueError("it is packed")
        if kind == "application/json" or kind.endswith("+json"):
            return readable(orjson.loads(answer.body))
        if kind == "text/plain":
            return readable(answer.body.decode())
    except (ValueError, TypeError):  # no JSON, no UTF-8, or nested too deep
        raise ToolFailed("not json", unknown=True) from None
    raise ToolFailed("not json", unknown=True)


def readable(content: Any) -> str:
    """The content as text, cut to 4,000 characters, without what nobody sees."""
    text = content if isinstance(content, str) else orjson.dumps(content).decode()
    plain = "".join(sign for sign in text.strip() if sign.isprintable() or sign in "\n\t")
    return plain if len(plain) <= MAX_TEXT else plain[: MAX_TEXT - 1] + "…"
