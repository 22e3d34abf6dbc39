"""What an owner may say about the tools of an agent: checked, and with a secret each."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn

import orjson
from pydantic import Field, field_validator

from src.core import outgoing
from src.core.agent_config import Tool
from src.core.errors import Invalid
from src.core.outgoing import OutgoingRefused
from src.core.security import new_webhook_secret, webhook_key
from src.core.settings import Settings

KEPT = "set"  # what is shown in the place of a secret: sent back, it means "as it is"
MAX_TOOLS = 20
MAX_SCHEMA = 8 * 1024  # bytes of JSON
_MAX_DEPTH = 12
_TAKEN = "mcp_"  # begins the names of an MCP server's tools


class ToolInput(Tool):
    """A tool as an owner gives it; a `secret` that is absent, or `set`, is the one that its name has already."""

    secret: Annotated[str, Field(pattern=rf"^({KEPT}|.{{16,200}})$")] | None = None

    @field_validator("parameters")
    @classmethod
    def _is_a_schema(cls, value: dict[str, Any]) -> dict[str, Any]:
        if (problem := schema_problem(value)) is not None:
            raise ValueError(problem)
        return value


@dataclass(frozen=True)
class SettledTools:
    """Tools as they are kept; `secrets` are those that were made just now, by the tool's name: to be shown once."""

    tools: tuple[Tool, ...]
    secrets: Mapping[str, str]


def settle_tools(given: Sequence[ToolInput], before: Sequence[Tool], settings: Settings) -> SettledTools:
    """What is given, where a tool without a secret keeps the one that its name has, else gets one.

    Raises `Invalid`, which names the field.
    """
    known = {tool.name: tool.secret for tool in before}
    names: set[str] = set()
    kept, made = [], {}
    for number, tool in enumerate(given):
        _check(f"tools[{number}]", tool, names, settings)
        names.add(tool.name)
        secret = known.get(tool.name) if tool.secret in (None, KEPT) else tool.secret
        if secret is None:
            secret = made[tool.name] = new_webhook_secret()
        kept.append(Tool(**{**tool.model_dump(), "secret": secret}))
    return SettledTools(tuple(kept), made)


def _check(place: str, tool: ToolInput, names: set[str], settings: Settings) -> None:
    if tool.name in names:
        _refuse(f"{place}.name", f"{tool.name} is there twice")
    if tool.name.startswith(_TAKEN):
        _refuse(f"{place}.name", f"must not begin with {_TAKEN}: an MCP server's tools do")
    try:
        outgoing.check(tool.url, settings.outgoing_private)
    except OutgoingRefused as error:
        _refuse(f"{place}.url", str(error))
    try:
        key = webhook_key(tool.secret) if tool.secret not in (None, KEPT) else bytes(16)
    except ValueError:
        _refuse(f"{place}.secret", "is no base64 after whsec_")
    if len(key) < 16:
        _refuse(f"{place}.secret", "must hold 16 bytes at least")


def _refuse(field: str, message: str) -> NoReturn:
    raise Invalid(f"{field}: {message}", errors=[{"field": field, "message": message}]) from None


def schema_problem(schema: Mapping[str, Any]) -> str | None:
    """Why this is no JSON schema (2020-12) of a tool's arguments that can be checked safely; None when it is one."""
    if (problem := _problem_of_shape(schema)) is not None:
        return problem
    for key, value in _entries(schema):
        if key in ("$ref", "$dynamicRef") and not str(value).startswith("#"):
            return f"{key} must stay inside the schema"
        if key == "pattern" and not _is_pattern(value):
            return "has a pattern that cannot be read"
    return _problem_of_meaning(schema)


def _problem_of_shape(schema: Mapping[str, Any]) -> str | None:
    if _depth(schema) > _MAX_DEPTH:
        return f"is nested deeper than {_MAX_DEPTH}"
    try:
        size = len(orjson.dumps(schema))
    except TypeError:
        return "has a whole number over 64 bits, or text that is no Unicode"
    if size > MAX_SCHEMA:
        return f"is larger than {MAX_SCHEMA} bytes"
    if schema.get("type") != "object" or not isinstance(schema.get("properties"), dict):
        return 'must be an object\'s schema: {"type": "object", "properties": {…}}'
    return None


def _problem_of_meaning(schema: Mapping[str, Any]) -> str | None:
    from jsonschema import Draft202012Validator, SchemaError  # noqa: PLC0415  # slow, and few need it

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return f"is no JSON schema: {error.message}"[:300]
    return None


def _depth(node: Any) -> int:
    """How deep it is nested; no deeper than counts is looked."""
    level, depth = [node], 0
    while level and depth <= _MAX_DEPTH:
        level = [inner for one in level for inner in _inside(one)]
        depth += 1
    return depth


def _inside(node: Any) -> list[Any]:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [one for one in inner if isinstance(one, dict | list)]


def _entries(node: Any) -> Iterator[tuple[str, Any]]:
    """Every name with its value, anywhere in the schema; names of arguments are not read as words of JSON Schema."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "properties" and isinstance(value, dict):
                for inner in value.values():
                    yield from _entries(inner)
                continue
            yield key, value
            yield from _entries(value)
    elif isinstance(node, list):
        for one in node:
            yield from _entries(one)


def _is_pattern(value: Any) -> bool:
    try:
        re.compile(value)
    except (re.error, TypeError, OverflowError, RecursionError):
        return False
    return True
