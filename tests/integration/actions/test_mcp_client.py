"""An MCP server's tools are offered and called as the owner's own, whichever revision it speaks."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from src.messages.actions import mcp
from src.messages.actions.call import MAX_TEXT, Behalf, ToolFailed
from src.messages.actions.mcp import FIRST_SECONDS, McpServer
from src.messages.actions.mcp_tools import McpTool, header_value, tools_of
from tests.integration.actions.mcp_standin import BOOK, LEGACY, MODERN, STOCK, McpStandIn
from tests.owner import Says
from tests.world import eventually

BEHALF = Behalf("asst_1", 7, {"wa_id": "34600111222", "name": "Ana"})
BOTH = pytest.mark.parametrize("revision", [MODERN, LEGACY])


@contextmanager
def standing_in(revision: str, **more: Any) -> Iterator[tuple[McpStandIn, McpServer]]:
    with McpStandIn(revision, **more) as there:
        yield there, McpServer(there.url, "key", there.private)


def call(server: McpServer, tool: McpTool, **arguments: Any) -> str:
    return server.run(tool, "c" * 32, arguments, BEHALF, 5.0)


def fails(server: McpServer, **arguments: Any) -> ToolFailed:
    with pytest.raises(ToolFailed) as failed:
        call(server, server.tools()[0], **arguments)
    return failed.value


@BOTH
@pytest.mark.parametrize("events", [False, True])
def test_its_tools_are_listed_page_by_page_and_called(revision: str, events: bool) -> None:
    with standing_in(revision, events=events) as (there, server):
        stock, book = server.tools()
        assert (stock.name, stock.remote, stock.changes) == ("mcp_get_stock_v2", "get-Stock.v2", False)
        assert (book.name, book.changes, book.parameters) == (
            "mcp_book",
            True,
            {"type": "object", "properties": {}},
        )
        assert call(server, stock, sku="ñ 7") == "3 left"
        params = there.requests[-1].json["params"]
        assert (params["name"], params["arguments"]) == ("get-Stock.v2", {"sku": "ñ 7"})


@BOTH
def test_who_the_customer_is_goes_beside_the_arguments(revision: str) -> None:
    with standing_in(revision) as (there, server):
        call(server, server.tools()[0], sku="1")
        meta = there.requests[-1].json["params"]["_meta"]
        assert meta["released/customer"] == {"wa_id": "34600111222", "name": "Ana"}
        assert meta["released/call_id"] == "c" * 32


def test_the_newer_revision_needs_no_session_and_the_older_one_begins_one() -> None:
    with standing_in(MODERN) as (there, server):
        server.tools()
        assert there.methods() == ["server/discover", "tools/list", "tools/list"]
    with standing_in(LEGACY) as (there, server):
        server.tools()
        assert there.methods()[:3] == ["server/discover", "initialize", "notifications/initialized"]
        assert there.begun == 1


def test_a_session_that_has_ended_is_begun_anew_and_the_call_goes_through() -> None:
    with standing_in(LEGACY) as (there, server):
        (stock, _) = server.tools()
        there.sessions.clear()
        assert call(server, stock, sku="1") == "3 left"
        assert there.begun == 2


@BOTH
def test_the_list_is_believed_for_a_while(revision: str) -> None:
    with standing_in(revision) as (there, server):
        first = server.tools()
        asked = len(there.requests)
        assert server.tools() is first
        assert len(there.requests) == asked


def test_a_server_that_is_away_costs_its_tools_and_nothing_else_and_is_left_alone_for_a_while() -> None:
    with McpStandIn(MODERN) as gone:
        pass
    server = McpServer(gone.url, "key", gone.private)
    assert server.tools() == ()
    began = time.monotonic()
    assert [server.tools() for _ in range(1_000)] == [()] * 1_000
    assert time.monotonic() - began < 5


def test_a_server_that_hangs_holds_nobody_up_and_what_it_had_listed_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mcp, "LISTED_SECONDS", 0.0)
    goes_on = threading.Event()
    with standing_in(MODERN) as (there, server):
        known = eventually(server.tools)
        eventually(lambda: server.tools() and there.methods().count("tools/list") >= 4)  # asked anew, beside
        respond = there.answer
        there.answer = lambda request: respond(request) if goes_on.wait(60) else Says({})
        asked = len(there.requests)
        eventually(lambda: [server.tools()] and len(there.requests) > asked)  # one look hangs now
        hanging = len(there.requests)
        assert [server.tools() for _ in range(100)] == [known] * 100
        assert len(there.requests) == hanging  # one look at a time
        goes_on.set()


def test_a_server_that_hangs_from_the_start_is_waited_for_once() -> None:
    goes_on = threading.Event()
    with McpStandIn(MODERN) as there:
        respond = there.answer
        there.answer = lambda request: respond(request) if goes_on.wait(60) else Says({})
        server = McpServer(there.url, "key", there.private)
        assert server.tools() == ()
        began = time.monotonic()
        assert [server.tools() for _ in range(10)] == [()] * 10
        assert time.monotonic() - began < FIRST_SECONDS  # all of them together
        goes_on.set()
        assert eventually(server.tools)


def test_a_wrong_token_brings_no_tools() -> None:
    with McpStandIn(MODERN) as there:
        assert McpServer(there.url, "wrong", there.private).tools() == ()


def test_an_address_inside_is_not_called_unless_the_operator_allows_it() -> None:
    with McpStandIn(MODERN) as there:
        assert McpServer(there.url, "key", None).tools() == ()
        assert there.requests == []


@BOTH
@pytest.mark.parametrize(
    ("result", "text"),
    [
        (
            {"content": [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]},
            "a\nb",
        ),
        ({"content": [], "structuredContent": {"left": 3}}, '{"left":3}'),
        ({"content": []}, "ok"),
        ({}, "ok"),
        ({"content": [{"type": "text", "text": "x" * 5_000}]}, "x" * (MAX_TEXT - 1) + "…"),
        ({"resultType": "complete", "content": [{"type": "text", "text": "a"}]}, "a"),
    ],
)
def test_text_is_what_the_model_reads(revision: str, result: dict[str, Any], text: str) -> None:
    with standing_in(revision) as (there, server):
        there.result = result
        assert call(server, server.tools()[0], sku="1") == text


@pytest.mark.parametrize(
    ("prepare", "reason", "unknown"),
    [
        (lambda there: setattr(there, "error", {"code": -32602, "message": "?"}), "error -32602", False),
        (lambda there: setattr(there, "error", {"code": -32603, "message": "?"}), "error -32603", True),
        (lambda there: setattr(there, "result", {"resultType": "input_required"}), "asks back", False),
        (lambda there: setattr(there, "result", {"isError": True, "content": []}), "tool error", False),
        (
            lambda there: setattr(there, "answer", lambda _r: Says(b"<html>", kind="text/html")),
            "not json",
            True,
        ),
        (lambda there: setattr(there, "answer", lambda _r: Says(b"", status=502)), "status 502", True),
        (
            lambda there: setattr(there, "answer", lambda _r: Says({"id": 999, "result": {}})),
            "not json",
            True,
        ),
    ],
)
def test_every_failure_has_a_reason(
    prepare: Callable[[McpStandIn], None], reason: str, unknown: bool
) -> None:
    with standing_in(MODERN) as (there, server):
        server.tools()
        prepare(there)
        failed = fails(server, sku="1")
        assert (failed.reason, failed.unknown) == (reason, unknown)


def test_what_a_tool_says_of_its_failure_is_for_the_model() -> None:
    with standing_in(MODERN) as (there, server):
        there.result = {"isError": True, "content": [{"type": "text", "text": "no such sku"}]}
        assert fails(server, sku="1").says == "The tool says that it failed: no such sku"


@pytest.mark.parametrize(
    "listed",
    [
        None,
        {"name": "a"},
        {"name": 1, "inputSchema": {"type": "object"}},
        {"name": "a", "inputSchema": None},
        {"name": "a", "inputSchema": {"type": "string"}},
        {"name": "a", "inputSchema": {"type": "object", "properties": {"b": {"$ref": "https://x/y"}}}},
        {"name": "a", "inputSchema": {"type": "object", "properties": {"b": {"x-mcp-header": "not ok"}}}},
        {
            "name": "a",
            "inputSchema": {"type": "object", "properties": {"b": {"type": "number", "x-mcp-header": "B"}}},
        },
        {
            "name": "a",
            "inputSchema": {
                "type": "object",
                "properties": {"b": {"items": {"type": "string", "x-mcp-header": "B"}}},
            },
        },
    ],
)
def test_a_tool_that_cannot_be_offered_is_left_out_and_the_others_stay(listed: Any) -> None:
    assert [tool.name for tool in tools_of([listed, BOOK])] == ["mcp_book"]


def test_two_tools_of_one_name_are_one_and_only_a_clear_word_makes_one_read() -> None:
    other = {**BOOK, "name": "BOOK", "annotations": {"readOnlyHint": "true"}}
    (book,) = tools_of([BOOK, other])
    assert (book.remote, book.changes) == ("book", True)
    assert tools_of([other])[0].changes


def test_values_that_a_header_cannot_carry_are_encoded() -> None:
    assert header_value("us-west1") == "us-west1"
    assert header_value("Hello, 世界") == "=?base64?SGVsbG8sIOS4lueVjA==?="
    assert header_value(" padded ") == "=?base64?IHBhZGRlZCA=?="
    assert header_value("line1\nline2") == "=?base64?bGluZTEKbGluZTI=?="
    assert header_value("=?base64?literal?=") == "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="
    assert tools_of([STOCK])[0].mirrored == ((("sku",), "Sku"),)
