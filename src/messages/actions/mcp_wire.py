"""JSON-RPC over MCP's streamable HTTP: one POST a message, answered by JSON or by a stream of events."""

import time
from collections.abc import Mapping
from itertools import count
from typing import Any

import orjson

from src.core.outgoing import OutgoingAnswer
from src.messages.actions.call import ToolFailed, post

_INTERNAL = -32603  # JSON-RPC's "internal error": nobody knows how far it came


class McpFailed(ToolFailed):
    """The server answered with an error: `code` is JSON-RPC's where there is one, `status` HTTP's."""

    def __init__(self, status: int, code: int | None) -> None:
        reason = f"status {status}" if code is None else f"error {code}"
        super().__init__(reason, unknown=status >= 500 or code == _INTERNAL)
        self.status, self.code = status, code


class Wire:
    """The way to one server. Safe to share between threads."""

    def __init__(self, url: str, token: str | None, private: str | None) -> None:
        self._url, self._private = url, private
        self._authorization = {"Authorization": f"Bearer {token}"} if token else {}
        self._ids = count(1)

    def ask(
        self, method: str, params: Mapping[str, Any], headers: Mapping[str, str], ends: float
    ) -> tuple[dict[str, Any], Mapping[str, str]]:
        """The result of a request, and the headers that came with it; `ends` is when its time is over (monotonic).

        Raises `ToolFailed`, as `McpFailed` where the server answered.
        """
        number = next(self._ids)
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        answer = self._post(message, headers, ends)
        return _result(answer, number), answer.headers

    def tell(self, method: str, headers: Mapping[str, str], ends: float) -> None:
        """Sends a notification, whatever the server says to it. Raises `ToolFailed`."""
        self._post({"jsonrpc": "2.0", "method": method}, headers, ends)

    def _post(self, message: Mapping[str, Any], headers: Mapping[str, str], ends: float) -> OutgoingAnswer:
        given = {
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            **self._authorization,
            **headers,
        }
        left = ends - time.monotonic()
        return post(self._url, orjson.dumps(message), given, private=self._private, seconds=left)


def _result(answer: OutgoingAnswer, number: int) -> dict[str, Any]:
    messages = _messages(answer)
    found = next((one for one in messages if one.get("id") == number), None)
    if found is not None and isinstance(found.get("result"), dict) and answer.status == 200:
        return dict(found["result"])
    if found is None and answer.status == 200:
        raise ToolFailed("not json", unknown=True)
    failed = found or next((one for one in messages if "error" in one), {})  # an early error knows no id
    error = failed.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    raise McpFailed(answer.status, code if isinstance(code, int) else None)


def _messages(answer: OutgoingAnswer) -> list[dict[str, Any]]:
    """Every message in the answer that can be read."""
    text = answer.body.decode("utf-8", "replace")
    if answer.headers.get("content-type", "").startswith("text/event-stream"):
        texts = [_content(event) for event in text.replace("\r\n", "\n").split("\n\n")]
    else:
        texts = [text]
    found = []
    for one in texts:
        try:
            message = orjson.loads(one)
        except ValueError:
            continue
        if isinstance(message, dict):
            found.append(message)
    return found


def _content(event: str) -> str:
    """The lines of an event's data, joined."""
    lines = [line.removeprefix("data:") for line in event.split("\n") if line.startswith("data:")]
    return "\n".join(lines)
