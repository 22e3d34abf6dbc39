"""What a strict schema is, and what fits one."""

from typing import Any

import pytest

from src.core.openai_schema import fits, is_strict

TEXT = {"type": "string"}


def strict(**properties: Any) -> dict[str, Any]:
    """A strict schema of an object."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    "schema",
    [
        strict(),
        strict(a=TEXT, b={"type": ["integer", "null"], "minimum": 1}),
        strict(a={"type": "array", "items": strict(b={"type": "string", "enum": ["x"]})}),
        strict(a={"anyOf": [TEXT, strict(b=TEXT)], "description": "…"}),
    ],
)
def test_strict(schema: dict[str, Any]) -> None:
    assert is_strict(schema)


@pytest.mark.parametrize(
    "schema",
    [
        None,
        {},
        TEXT,
        {"type": "object", "properties": {"a": TEXT}, "required": ["a"]},
        strict(a=TEXT) | {"required": []},
        strict(a=TEXT) | {"additionalProperties": True},
        strict(a=TEXT) | {"properties": []},
        strict(a={"type": "array"}),
        strict(a={"type": "string", "minLength": 3}),
        strict(a={"type": "object"}),
        strict(a={"anyOf": [TEXT, {"$ref": "#"}]}),
        strict(a={"allOf": [TEXT]}),
        strict(a=TEXT) | {"required": 1},
        strict(a={}),
        strict(a={"type": 5, "anyOf": 5}),
    ],
)
def test_not_strict(schema: Any) -> None:
    assert not is_strict(schema)


SHAPE = strict(
    kind={"type": "string", "enum": ["a", "b"]},
    rows={"type": "array", "items": strict(n={"type": "integer"}, x={"type": ["number", "null"]})},
    more={"anyOf": [TEXT, {"type": "boolean"}]},
)
FITTING = {"kind": "a", "rows": [{"n": 1, "x": None}, {"n": 2, "x": 0.5}], "more": True}


def test_what_fits() -> None:
    assert fits(FITTING, SHAPE)
    assert fits({"kind": "b", "rows": [], "more": ""}, SHAPE)
    assert fits("anything", {})


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "c"},
        {"kind": None},
        {"rows": {}},
        {"rows": [1]},
        {"rows": [{"n": 1}]},
        {"rows": [{"n": True, "x": 1}]},
        {"rows": [{"n": 1.5, "x": 1}]},
        {"rows": [{"n": 1, "x": "1"}]},
        {"rows": [{"n": 1, "x": 1, "y": 1}]},
        {"more": 1},
        {"beside": 1},
    ],
)
def test_what_does_not_fit(change: dict[str, Any]) -> None:
    assert not fits(FITTING | change, SHAPE)


def test_what_is_missing_does_not_fit() -> None:
    assert not fits({key: value for key, value in FITTING.items() if key != "more"}, SHAPE)
