"""A Model Context Protocol server as a source of tools: lists them and calls them, in its revision of the protocol."""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from src import VERSION
from src.messages.actions.call import CALL_SECONDS, Behalf, ToolFailed, readable
from src.messages.actions.mcp_tools import McpTool, header_value, header_values, tools_of
from src.messages.actions.mcp_wire import McpFailed, Wire

log = logging.getLogger(__name__)

LISTED_SECONDS = 300.0  # how long a list of tools is believed
REST_SECONDS = (60.0, 120.0, 300.0)  # after a first, second … failure in a row the server is left alone
FIRST_SECONDS = 2.0  # how long its very first list is waited for, by all together
MODERN = "2026-07-28"  # each request says all there is to know
LEGACY = ("2025-11-25", "2025-06-18", "2025-03-26")  # a session is begun by `initialize`
_PAGES = 5
_META = "io.modelcontextprotocol/"
_US = {"name": "released", "version": VERSION}
_DISCONTENT = (-32020, -32021)  # errors of a server that speaks our revision
_AWAY = ("refused", "unreachable", "slow")


@dataclass(frozen=True)
class _Session:
    version: str
    id: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        named = {"Mcp-Session-Id": self.id} if self.id else {}
        return {"MCP-Protocol-Version": self.version, **named}


@cache
def server(url: str, token: str | None, private: str | None) -> "McpServer":
    """The server of this address, one for the whole process."""
    return McpServer(url, token, private)


class McpServer:
    """One MCP server. Safe to share between threads."""

    def __init__(self, url: str, token: str | None, private: str | None) -> None:
        self._wire = Wire(url, token, private)
        self._looking = threading.Lock()
        self._looked = threading.Event()  # the first list came, or did not
        self._first_ends: float | None = None
        self._session: _Session | None = None
        self._tools: tuple[McpTool, ...] = ()
        self._failures = 0
        self._look_again = 0.0

    def tools(self) -> tuple[McpTool, ...]:
        """Its tools as they were listed last; the list is asked for beside, at most every five minutes.

        Only the very first list is waited for, two seconds at most in the life of a process; without it there is none.
        """
        if time.monotonic() >= self._look_again and self._looking.acquire(blocking=False):
            threading.Thread(target=self._look, name="mcp", daemon=True).start()
        if not self._looked.is_set():
            self._first_ends = self._first_ends or time.monotonic() + FIRST_SECONDS
            self._looked.wait(max(0.0, self._first_ends - time.monotonic()))
        return self._tools

    def _look(self) -> None:
        try:
            self._tools = self._list(time.monotonic() + CALL_SECONDS)
            self._failures = 0
            self._look_again = time.monotonic() + LISTED_SECONDS
        except ToolFailed as failed:
            log.warning("mcp_failed", extra={"reason": failed.reason})
            self._session = None  # what answers next time may be of another revision
            rest = REST_SECONDS[min(self._failures, len(REST_SECONDS) - 1)]
            self._failures += 1
            self._look_again = time.monotonic() + rest
        finally:
            self._looked.set()
            self._looking.release()

    def _list(self, ends: float) -> tuple[McpTool, ...]:
        listed: list[Any] = []
        cursor: dict[str, Any] = {}
        for _ in range(_PAGES):
            result = self._ask("tools/list", cursor, {}, ends)
            page = result.get("tools")
            listed += page if isinstance(page, list) else []
            if not result.get("nextCursor"):
                break
            cursor = {"cursor": result["nextCursor"]}
        return tools_of(listed)

    def run(
        self, tool: McpTool, call_id: str, arguments: Mapping[str, Any], behalf: Behalf, seconds: float
    ) -> str:
        """What the tool says, as text of at most 4,000 characters. Raises `ToolFailed`.

        The customer's identity goes along in `_meta`, as `released/customer`, beside the call's id.
        """
        meta = {"released/customer": behalf.identity, "released/call_id": call_id}
        params = {"name": tool.remote, "arguments": dict(arguments), "_meta": meta}
        headers = {"Mcp-Name": header_value(tool.remote), **header_values(tool, arguments)}
        return _said(self._ask("tools/call", params, headers, time.monotonic() + seconds))

    def _ask(
        self, method: str, params: Mapping[str, Any], headers: Mapping[str, str], ends: float
    ) -> dict[str, Any]:
        """The result of a request, in a session where the server wants one; begun anew once when it has ended."""
        session = self._session or self._begin(ends)
        try:
            return self._request(session, method, params, headers, ends)
        except McpFailed as failed:
            if session.id is None or failed.status != 404:
                raise
        return self._request(self._begin(ends), method, params, headers, ends)

    def _begin(self, ends: float) -> _Session:
        """Finds out which revision the server speaks: ours, else the one that it names to `initialize`."""
        session = _Session(MODERN)
        try:
            self._request(session, "server/discover", {}, {}, ends)
        except ToolFailed as failed:
            speaks_ours = isinstance(failed, McpFailed) and failed.code in _DISCONTENT
            if speaks_ours or failed.reason in _AWAY:
                raise
            session = self._initialize(ends)
        self._session = session
        return session

    def _initialize(self, ends: float) -> _Session:
        params = {"protocolVersion": LEGACY[0], "capabilities": {}, "clientInfo": _US}
        result, headers = self._wire.ask("initialize", params, {}, ends)
        version = result.get("protocolVersion")
        if version not in LEGACY:
            raise ToolFailed("another protocol", unknown=False)
        session = _Session(version, headers.get("mcp-session-id"))
        self._wire.tell("notifications/initialized", session.headers, ends)
        return session

    def _request(
        self,
        session: _Session,
        method: str,
        params: Mapping[str, Any],
        headers: Mapping[str, str],
        ends: float,
    ) -> dict[str, Any]:
        if session.version != MODERN:
            return self._wire.ask(method, params, session.headers, ends)[0]
        own = {
            f"{_META}protocolVersion": MODERN,
            f"{_META}clientInfo": _US,
            f"{_META}clientCapabilities": {},
        }
        whole = {**params, "_meta": {**params.get("_meta", {}), **own}}
        return self._wire.ask(method, whole, {**session.headers, "Mcp-Method": method, **headers}, ends)[0]


def _said(result: Mapping[str, Any]) -> str:
    """The text of a tool's result. Raises `ToolFailed` when it is none: an error, or a question back."""
    if result.get("resultType", "complete") != "complete":
        raise ToolFailed("asks back", unknown=False)
    content = result.get("content")
    parts = [one for one in content if isinstance(one, dict)] if isinstance(content, list) else []
    texts = [str(one["text"]) for one in parts if one.get("type") == "text" and "text" in one]
    text = readable("\n".join(texts)) or readable(result.get("structuredContent") or "ok")
    if result.get("isError"):
        raise ToolFailed("tool error", unknown=False, says=f"The tool says that it failed: {text}")
    return text
