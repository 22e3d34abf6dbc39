"""Refuses a strict schema that structured output does not take, with OpenAI's words."""

from collections.abc import Mapping
from typing import Any

from sandbox.openai.errors import ApiError


def check(schema: Any, param: str, name: str, code: str) -> None:
    """Raises ApiError 400 unless every object names all its fields as required and allows no other."""
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        raise _wrong(param, name, code, (), "schema must be a JSON Schema of 'type: \"object\"'")
    _check(schema, param, name, code, ())


def _check(schema: Any, param: str, name: str, code: str, place: tuple[str, ...]) -> None:
    if not isinstance(schema, Mapping):
        raise _wrong(param, name, code, place, "schema must be an object")
    kinds = schema.get("type", ())
    if kinds == "object" or "object" in kinds:
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            reason = "'additionalProperties' is required to be supplied and to be false"
            raise _wrong(param, name, code, place, reason)
        if set(schema.get("required", ())) != set(properties):
            reason = (
                "'required' is required to be supplied and to be an array including every key in properties"
            )
            raise _wrong(param, name, code, place, reason)
        for key, one in properties.items():
            _check(one, param, name, code, (*place, "properties", key))
    if kinds == "array" or "array" in kinds:
        if "items" not in schema:
            raise _wrong(param, name, code, place, "array schema missing items")
        _check(schema["items"], param, name, code, (*place, "items"))
    for one in schema.get("anyOf", ()):
        _check(one, param, name, code, (*place, "anyOf"))


def _wrong(param: str, name: str, code: str, place: tuple[str, ...], reason: str) -> ApiError:
    return ApiError(400, code, f"Invalid schema for '{name}': In context={place}, {reason}.", param=param)
