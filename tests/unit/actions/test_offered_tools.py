"""What a model fills in is checked against the owner's schema before anything is called."""

from typing import Any

import pytest

from src.accounts.tool_input import MAX_SCHEMA, schema_problem
from src.core.agent_config import Tool
from src.messages.actions.offered import MAX_ARGUMENTS, checked, functions

ORDER = {
    "type": "object",
    "properties": {
        "order": {"type": "string", "pattern": "^[A-Z]-[0-9]+$"},
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
        ({"order": "A-17; DROP"}, "order"),
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
