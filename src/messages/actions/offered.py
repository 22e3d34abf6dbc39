"""Which tools the model may ask for, and whether what it fills in is what their owner takes."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import orjson

from src.core.agent_config import Tool
from src.core.openai_types import Function
from src.messages.actions.mcp_tools import McpTool

MAX_ARGUMENTS = 4_096  # bytes of JSON
_WHY = 300
# Where one of these stands beside `properties`, they may not be all names there are.
_OPEN = frozenset({"additionalProperties", "patternProperties", "allOf", "anyOf", "oneOf", "$ref"})


def functions(tools: Iterable[Tool | McpTool]) -> tuple[Function, ...]:
    """The tools as the model is told of them."""
    return tuple(Function(tool.name, tool.description, tool.parameters) for tool in tools)


def checked(tool: Tool | McpTool, arguments: Mapping[str, Any]) -> str | None:
    """Why the arguments are not what the tool takes, as a sentence for the model; None when they are.

    Names that the schema does not know are refused, unless it says itself that there may be others.
    """
    try:
        written = orjson.dumps(arguments)
    except TypeError:
        return "The arguments are not JSON."
    if len(written) > MAX_ARGUMENTS:
        return "The arguments are too long."
    foreign = sorted(set(arguments) - set(tool.parameters.get("properties", {})))
    if foreign and _OPEN.isdisjoint(tool.parameters):
        return f"The tool takes no {', '.join(foreign)}."[:_WHY]
    return _failure(orjson.dumps(tool.parameters), arguments)


def _failure(schema: bytes, arguments: Mapping[str, Any]) -> str | None:
    from referencing.exceptions import Unresolvable  # noqa: PLC0415  # slow, and few need it

    try:
        failure = next(iter(_validator(schema).iter_errors(arguments)), None)
    except (Unresolvable, RecursionError):
        return "The arguments cannot be checked."
    if failure is None:
        return None
    place = ".".join(str(part) for part in failure.absolute_path)
    return f"{place or 'arguments'}: {failure.message}"[:_WHY]


@lru_cache(maxsize=256)
def _validator(schema: bytes) -> Any:
    """A validator that looks nothing up: a reference that leads out of the schema is an error, never a request."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415
    from referencing import Registry  # noqa: PLC0415

    return Draft202012Validator(orjson.loads(schema), registry=Registry())
