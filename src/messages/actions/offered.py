"""Which tools the model may ask for, and whether what it fills in is what their owner takes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from src.core.agent_config import Tool
from src.core.openai_types import Function
from src.messages.actions.mcp_tools import McpTool

MAX_ARGUMENTS = 4_096  # bytes of JSON
_WHY = 300
_REFERENCES = 500  # that one check follows: a schema whose references double at each step would never end
# Python's regular expressions may run for hours on forty letters, and hold all threads meanwhile; what `unevaluated…`
# stands for follows references without counting them.
_UNBOUNDED = ("pattern", "unevaluatedProperties", "unevaluatedItems")
_BY_PATTERN = "patternProperties"
_OF_OTHER_NAMES = ("additionalProperties",)  # which those are only a pattern could tell
# Where one of these stands beside `properties`, they may not be all names there are.
_OPEN = frozenset({"additionalProperties", "patternProperties", "allOf", "anyOf", "oneOf", "$ref"})


def functions(tools: Iterable[Tool | McpTool]) -> tuple[Function, ...]:
    """The tools as the model is told of them."""
    return tuple(Function(tool.name, tool.description, tool.parameters) for tool in tools)


def checked(tool: Tool | McpTool, arguments: Mapping[str, Any]) -> str | None:
    """Why the arguments are not what the tool takes, as a sentence for the model; None when they are.

    Names that the schema does not know are refused, unless it says itself that there may be others. What a `pattern`
    says is left to the tool.
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


def _validator(schema: bytes) -> Any:
    """A validator for one check, whose time is bounded whatever the schema says.

    It looks nothing up: a reference that leads out of the schema is an error, never a request. It follows so many
    references and then raises RecursionError.
    """
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415
    from referencing import Registry  # noqa: PLC0415

    left = iter(range(_REFERENCES))

    def counted(follow: Any) -> Any:
        def step(validator: Any, reference: Any, instance: Any, whole: Any) -> Iterator[Any]:
            if next(left, None) is None:
                raise RecursionError
            yield from follow(validator, reference, instance, whole)

        return step

    known = Draft202012Validator.VALIDATORS
    bounded = {name: counted(known[name]) for name in ("$ref", "$dynamicRef")}
    extend: Any = validators.extend  # it has no types
    kind = extend(Draft202012Validator, {**dict.fromkeys(_UNBOUNDED, _passes), **bounded})
    return kind(_bare(orjson.loads(schema)), registry=Registry())


def _passes(*_: Any) -> tuple[()]:
    """No failure: the keyword is not checked."""
    return ()


def _bare(node: Any) -> Any:
    """The schema without what would have its parts checked by another validator, or names by regular expressions."""
    if isinstance(node, list):
        return [_bare(one) for one in node]
    if not isinstance(node, dict):
        return node
    others = _OF_OTHER_NAMES if _BY_PATTERN in node else ()
    return {key: _bare(value) for key, value in node.items() if key not in ("$schema", _BY_PATTERN, *others)}
