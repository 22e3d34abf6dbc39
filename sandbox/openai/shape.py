"""The shape of what the platform asks its model for, in one place."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

MARK = "decision"  # a schema with this field is the platform's


def content(
    decision: str,
    language: str,
    *,
    answer: str = "",
    quotes: Mapping[str, str] | None = None,
    options: tuple[str, ...] = (),
    reason: str = "",
) -> Json:
    """A decision; `quotes` are the words of each source that the answer rests on, by its id."""
    quoted = dict(quotes or {})
    return {
        "decision": decision,
        "quotes": [{"source_id": source, "text": text} for source, text in quoted.items()],
        "source_ids": list(quoted),
        "options": list(options),
        "language": language,
        "answer": answer,
        "handoff_reason": reason,
    }


def keeping(schema: Mapping[str, Any], said: Json) -> Json:
    """What was said, in the fields that the schema has: a model keeps to a strict schema, whatever it is."""
    properties: Mapping[str, Any] = schema.get("properties", {})
    return {name: said.get(name, _blank(one)) for name, one in properties.items()}


def _blank(schema: Mapping[str, Any]) -> Any:
    """The least that fits."""
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _blank(schema["anyOf"][0])
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return keeping(schema, {})
    blanks: Json = {"string": "", "array": [], "integer": 0, "number": 0, "boolean": False}
    return blanks.get(str(kind))


def decisions(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The decisions that the schema allows; empty when it is not the platform's."""
    field = schema.get("properties", {}).get(MARK)
    return tuple(field.get("enum", ())) if isinstance(field, Mapping) else ()
