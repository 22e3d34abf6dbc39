"""The tools of an MCP server, as far as they can be offered to a model: named as ours, checked, with what they change."""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from src.accounts.tool_input import schema_problem
from src.messages.actions.call import readable

PREFIX = "mcp_"
MAX_TOOLS = 40
_MAX_NAME = 44
_MAX_DESCRIPTION = 1_000
_HEADER = "x-mcp-header"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PLAIN = re.compile(r"[!-~](?:[ -~]*[!-~])?")


@dataclass(frozen=True)
class McpTool:
    """A tool of the MCP server's: `name` is ours, `remote` theirs; `changes` unless they say that it only reads.

    `mirrored` are the arguments that go along as HTTP headers too: the path of each, and its header's name.
    """

    name: str
    remote: str
    description: str
    parameters: Mapping[str, Any]
    changes: bool
    mirrored: tuple[tuple[tuple[str, ...], str], ...]


def tools_of(listed: Any) -> tuple[McpTool, ...]:
    """The tools in what `tools/list` gave that can be offered, in its order, each name once, 40 at most."""
    found: dict[str, McpTool] = {}
    for one in listed if isinstance(listed, list) else []:
        tool = _tool(one)
        if tool is not None and tool.name not in found and len(found) < MAX_TOOLS:
            found[tool.name] = tool
    return tuple(found.values())


def _tool(listed: Any) -> McpTool | None:
    if not isinstance(listed, dict) or not isinstance(listed.get("name"), str):
        return None
    schema = listed.get("inputSchema")
    if not isinstance(schema, dict):
        return None
    parameters = {"properties": {}, **schema}
    mirrored = _mirrored(parameters)
    if schema_problem(parameters) is not None or mirrored is None:
        return None
    remote = listed["name"]
    annotations = listed.get("annotations")
    reads = isinstance(annotations, dict) and annotations.get("readOnlyHint") is True
    description = readable(str(listed.get("description") or listed.get("title") or remote))
    name = PREFIX + re.sub(r"[^a-z0-9_]+", "_", remote.lower())
    return McpTool(name[:_MAX_NAME], remote, description[:_MAX_DESCRIPTION], parameters, not reads, mirrored)


def _mirrored(schema: Mapping[str, Any]) -> tuple[tuple[tuple[str, ...], str], ...] | None:
    """The arguments marked `x-mcp-header`; None where one is marked as it may not be (MCP 2026-07-28, Tools)."""
    found = list(_marked(schema, ()))
    names = [str(name).lower() for _, name, _ in found]
    right = all(
        isinstance(name, str) and _TOKEN.fullmatch(name) and kind in ("string", "integer", "boolean")
        for _, name, kind in found
    )
    if not right or len(set(names)) != len(names) or _count(schema) != len(found):
        return None
    return tuple((path, name) for path, name, _ in found)


def _marked(schema: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Those that are reached through `properties` alone: path, header, type."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    for name, inner in properties.items() if isinstance(properties, dict) else ():
        if isinstance(inner, dict):
            if _HEADER in inner:
                yield (*path, name), inner[_HEADER], inner.get("type")
            yield from _marked(inner, (*path, name))


def _count(schema: Any) -> int:
    """How often the mark stands anywhere."""
    if isinstance(schema, list):
        return sum(map(_count, schema))
    if not isinstance(schema, dict):
        return 0
    here = _HEADER in schema and not isinstance(schema[_HEADER], dict)
    return here + sum(map(_count, schema.values()))


def header_values(tool: McpTool, arguments: Mapping[str, Any]) -> dict[str, str]:
    """The headers that repeat arguments, for intermediaries; an argument that is absent or null has none."""
    found = {}
    for path, name in tool.mirrored:
        value: Any = arguments
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        if value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            found[f"Mcp-Param-{name}"] = header_value(text)
    return found


def header_value(text: str) -> str:
    """The text as a header's value: as it is where that is safe, else in base64 between MCP's marks."""
    if _PLAIN.fullmatch(text) and not (text.startswith("=?base64?") and text.endswith("?=")):
        return text
    return f"=?base64?{base64.b64encode(text.encode()).decode()}?="
