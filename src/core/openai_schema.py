"""The part of JSON Schema that structured output has: is a schema strict, and does a value fit?"""

from collections.abc import Mapping
from typing import Any

# What a strict schema may say (OpenAI's guide, Structured model outputs, Supported schemas).
_STRICT = frozenset(
    {
        *("type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf"),
        *("description", "title", "pattern", "format", "minItems", "maxItems"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    }
)
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (Mapping,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}


def is_strict(schema: Any) -> bool:
    """May a tool with this schema be asked for strictly? Every field is required and no other is allowed."""
    return isinstance(schema, Mapping) and schema.get("type") == "object" and _is_strict(schema)


def _is_strict(schema: Any) -> bool:
    if not isinstance(schema, Mapping) or not set(schema) <= _STRICT or not {"type", "anyOf"} & set(schema):
        return False
    if "object" in _names(schema) and not _names_all_fields(schema):
        return False
    if "array" in _names(schema) and not _is_strict(schema.get("items")):
        return False
    choices = schema.get("anyOf", [])
    return isinstance(choices, list) and all(map(_is_strict, choices))


def _names_all_fields(schema: Mapping[str, Any]) -> bool:
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if not isinstance(properties, Mapping) or not isinstance(required, list):
        return False
    closed = schema.get("additionalProperties") is False and set(map(str, required)) == set(properties)
    return closed and all(map(_is_strict, properties.values()))


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Does the value have the types, the fields and the words that a strict schema names?"""
    if "anyOf" in schema:
        return any(fits(value, one) for one in schema["anyOf"])
    names = _names(schema)
    if names and not any(_is(value, name) for name in names):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if isinstance(value, Mapping):
        properties: Mapping[str, Any] = schema.get("properties", {})
        known = set(value) <= set(properties) or schema.get("additionalProperties") is not False
        there = set(schema.get("required", ())) <= set(value)
        return (
            known and there and all(fits(value[key], properties[key]) for key in value if key in properties)
        )
    return not isinstance(value, list) or all(fits(one, schema.get("items", {})) for one in value)


def _names(schema: Mapping[str, Any]) -> tuple[str, ...]:
    named = schema.get("type", ())
    return (named,) if isinstance(named, str) else tuple(named) if isinstance(named, list) else ()


def _is(value: Any, name: str) -> bool:
    return isinstance(value, _TYPES.get(name, ())) and (name == "boolean" or not isinstance(value, bool))
