"""A small MCP server for tests: of the revision without sessions, or of the one with them; JSON or events."""

import base64
import json
from typing import Any

from tests.owner import Owner, Request, Says

MODERN, LEGACY = "2026-07-28", "2025-11-25"
STOCK = {
    "name": "get-Stock.v2",
    "description": "How many are left.",
    "inputSchema": {"type": "object", "properties": {"sku": {"type": "string", "x-mcp-header": "Sku"}}},
    "annotations": {"readOnlyHint": True},
}
BOOK = {"name": "book", "description": "Books.", "inputSchema": {"type": "object"}}


class McpStandIn(Owner):
    """`tools` are what it lists, `result` is what each call brings; `events` answers with a stream."""

    def __init__(self, revision: str, *, events: bool = False) -> None:
        super().__init__(self._respond)
        self.revision, self.events = revision, events
        self.tools: list[dict[str, Any]] = [STOCK, BOOK]
        self.result: dict[str, Any] = {"content": [{"type": "text", "text": "3 left"}]}
        self.error: dict[str, Any] | None = None
        self.sessions: set[str] = set()
        self.begun = 0

    def methods(self) -> list[str]:
        """What was asked, in order."""
        return [request.json["method"] for request in self.requests]

    def _respond(self, request: Request) -> Says:
        message = request.json
        if request.headers.get("authorization") != "Bearer key":
            return Says({"error": "who are you?"}, status=401)
        says = self._modern(request, message) if self.revision == MODERN else self._legacy(request, message)
        if self.events and says.status == 200 and isinstance(says.body, dict):
            return self._stream(says)
        return says

    def _modern(self, request: Request, message: dict[str, Any]) -> Says:
        if message["method"] == "initialize" or "_meta" not in message["params"]:
            return _error(message, -32602, 400)
        meta = message["params"]["_meta"]
        named = (request.headers.get("mcp-protocol-version"), request.headers.get("mcp-method"))
        if named != (meta["io.modelcontextprotocol/protocolVersion"], message["method"]):
            return _error(message, -32020, 400)
        if message["method"] == "tools/call" and not self._mirrors(request, message["params"]):
            return _error(message, -32020, 400)
        return self._result(message)

    def _mirrors(self, request: Request, params: dict[str, Any]) -> bool:
        sku = params["arguments"].get("sku")
        named = [_plain(request.headers.get(header)) for header in ("mcp-name", "mcp-param-sku")]
        return named == [params["name"], sku]

    def _legacy(self, request: Request, message: dict[str, Any]) -> Says:
        if message["method"] == "initialize":
            self.begun += 1
            session = f"session-{self.begun}"
            self.sessions.add(session)
            result = {"protocolVersion": self.revision, "capabilities": {"tools": {}}, "serverInfo": {}}
            return Says(_answered(message, result), headers={"Mcp-Session-Id": session})
        if request.headers.get("mcp-session-id") is None:
            return _error({"id": None}, -32000, 400)
        if request.headers["mcp-session-id"] not in self.sessions:
            return Says({"error": "no such session"}, status=404)
        if request.headers.get("mcp-protocol-version") != self.revision:
            return _error(message, -32600, 400)
        if message["method"] == "notifications/initialized":
            return Says(b"", status=202)
        return self._result(message)

    def _result(self, message: dict[str, Any]) -> Says:
        if message["method"] == "server/discover":
            return Says(_answered(message, {"supportedVersions": [MODERN], "capabilities": {"tools": {}}}))
        if message["method"] == "tools/list":
            at = int(message["params"].get("cursor", 0))
            more = {"nextCursor": str(at + 1)} if at + 1 < len(self.tools) else {}
            return Says(_answered(message, {"tools": self.tools[at : at + 1], **more}))
        if self.error is not None:
            return Says({"jsonrpc": "2.0", "id": message["id"], "error": self.error})
        return Says(_answered(message, self.result))

    def _stream(self, says: Says) -> Says:
        progress = {"jsonrpc": "2.0", "method": "notifications/progress", "params": {}}
        written = json.dumps(says.body, indent=1).split("\n")  # one event's data may stand in several lines
        lines = [": hello", f"data: {json.dumps(progress)}", "", "event: message"]
        lines += [f"data: {line}" for line in written]
        return Says("\r\n".join([*lines, "", ""]).encode(), kind="text/event-stream", headers=says.headers)


def _answered(message: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": message["id"], "result": result}


def _error(message: dict[str, Any], code: int, status: int) -> Says:
    error = {"code": code, "message": "no"}
    return Says({"jsonrpc": "2.0", "id": message["id"], "error": error}, status=status)


def _plain(value: str | None) -> str | None:
    if value is not None and value.startswith("=?base64?"):
        return base64.b64decode(value[9:-2]).decode()
    return value
