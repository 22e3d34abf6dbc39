"""What a model fills in is checked against the owner's schema before anything is called."""

from typing import Any

import pytest

from src.accounts.tool_input import MAX_SCHEMA, schema_problem
from src.core.agent_config import Tool
from src.messages.actions.offered import MAX_ARGUMENTS, checked, functions

ORDER = {
    "type": "object",
    "properties": {
        "order": {"type": "string", "maxLength": 12},
        "count": {"type": "integer", "minimum": 1},
    },
    "required": ["order"],
}


def tool(schema: dict[str, Any]) -> Tool:
    return Tool(name="t", description="d", parameters=schema, url="https://example.com", secret="s" * 16)


def test_the_model_is_told_name_description_and_schema_and_no_secret() -> None:
    (function,) = functions([tool(ORDER)])
    assert (function.name, function.description, function.parameters) == ("t", "d", ORDER)


def test_right_arguments_pass() -> None:
    assert checked(tool(ORDER), {"order": "A-17", "count": 2}) is None


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({}, "order"),
        ({"order": "A-17", "count": "2"}, "count"),
        ({"order": "A-17", "count": 0}, "count"),
        ({"order": 17}, "order"),
        ({"order": "A-17; DROP TABLE"}, "order"),
        ({"order": "A-17", "wa_id": "34600999999"}, "wa_id"),
        ({"order": "A-17", "count": True}, "count"),
    ],
)
def test_wrong_missing_and_foreign_arguments_are_refused_by_name(
    arguments: dict[str, Any], named: str
) -> None:
    why = checked(tool(ORDER), arguments)
    assert why is not None
    assert named in why


def test_arguments_that_are_too_long_are_refused() -> None:
    assert checked(tool(ORDER), {"order": "A-" + "1" * MAX_ARGUMENTS}) == "The arguments are too long."


def test_other_names_pass_where_the_schema_says_so() -> None:
    assert checked(tool({**ORDER, "additionalProperties": True}), {"order": "A-1", "more": 1}) is None


def test_a_schema_that_leads_outside_or_into_itself_is_an_error_and_no_request() -> None:
    for schema in (
        {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:1/schema"}}},
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/nothing"}}},
        {"type": "object", "properties": {"a": {}}, "$ref": "#"},
    ):
        assert checked(tool(schema), {"a": 1}) == "The arguments cannot be checked."


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"type": "string"}, "must be an object's schema"),
        ({"type": "object"}, "must be an object's schema"),
        ({"type": "object", "properties": []}, "must be an object's schema"),
        ({"type": "object", "properties": {"a": {"type": "text"}}}, "is no JSON schema"),
        ({"type": "object", "properties": {"a": 1}}, "is no JSON schema"),
        ({"type": "object", "properties": {"a": {"$ref": "https://x/y"}}}, "must stay inside"),
        ({"type": "object", "properties": {"a": {"pattern": "("}}}, "pattern that cannot be read"),
        ({"type": "object", "properties": {"a": {"description": "x" * MAX_SCHEMA}}}, "is larger than"),
        (
            {
                "type": "object",
                "properties": {
                    "a": {
                        "not": {
                            "not": {"not": {"not": {"not": {"not": {"not": {"not": {"not": {"not": {}}}}}}}}}
                        }
                    }
                },
            },
            "is nested deeper",
        ),
    ],
)
def test_a_schema_that_cannot_be_checked_safely_is_refused(schema: dict[str, Any], problem: str) -> None:
    assert problem in (schema_problem(schema) or "")


@pytest.mark.parametrize(
    "schema",
    [
        ORDER,
        {"type": "object", "properties": {}},
        {"type": "object", "properties": {"pattern": {"type": "string"}, "$ref": {"type": "string"}}},
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/b"}}, "$defs": {"b": {"type": "string"}}},
    ],
)
def test_an_ordinary_schema_is_taken(schema: dict[str, Any]) -> None:
    assert schema_problem(schema) is None


def doubled(steps: int) -> dict[str, Any]:
    """Definitions of which each refers to the next one twice."""
    twice = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(steps)}
    return {**twice, f"d{steps}": {}}


def test_a_pattern_is_told_and_never_run_wherever_it_stands() -> None:
    endless = r"^([a-zA-Z0-9]+\.?)+@shop\.com$"  # Python's `re` would search for hours
    email = {"type": "string", "pattern": endless}
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {"email": email, "again": {"$ref": "#"}},
    }
    (function,) = functions([tool(schema)])
    assert function.parameters["properties"]["email"] == email
    assert checked(tool(schema), {"email": "a" * 60}) is None
    assert checked(tool(schema), {"again": {"email": "a" * 60}}) is None
    by_name = {"type": "object", "properties": {}, "patternProperties": {endless: {"type": "string"}}}
    assert checked(tool({**by_name, "additionalProperties": False}), {"a" * 60: 1}) is None
    named = {"type": "object", "properties": {}, "additionalProperties": True, "propertyNames": email}
    assert checked(tool(named), {"a" * 60: 1}) is None


def test_an_argument_called_pattern_is_an_argument() -> None:
    schema = {"type": "object", "properties": {"pattern": {"type": "integer"}}}
    assert checked(tool(schema), {"pattern": 7}) is None
    assert "pattern" in (checked(tool(schema), {"pattern": "x"}) or "")


@pytest.mark.parametrize("more", [{}, {"unevaluatedProperties": False}, {"unevaluatedItems": False}])
def test_references_that_double_at_each_step_end(more: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": {"a": {}}, "$ref": "#/$defs/d0", "$defs": doubled(60), **more}
    assert checked(tool(schema), {"a": 1}) == "The arguments cannot be checked."


@pytest.mark.parametrize("pattern", ["(" * 5_000, "a{99999999999}"])
def test_a_pattern_that_python_cannot_read_is_no_crash(pattern: str) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": pattern}}}
    assert "pattern that cannot be read" in (schema_problem(schema) or "")
