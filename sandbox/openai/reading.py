"""What reading both APIs of a model has in common: fields, schemas, tools."""

from collections.abc import Mapping
from typing import Any

from sandbox.openai import strictness
from sandbox.openai.errors import missing, unknown, wrong
from sandbox.store import loads

Json = dict[str, Any]

_IDENTIFIER = 128  # characters


def check_fields(body: Json, known: frozenset[str], required: tuple[str, ...]) -> None:
    """Raises ApiError 400 for a field that is missing or that the API does not have, and for an identifier too long."""
    for name in required:
        if body.get(name) in (None, "", []):
            raise missing(name)
    for name in body:
        if name not in known:
            raise unknown(name)
    for name in ("safety_identifier", "prompt_cache_key"):
        if len(str(body.get(name) or "")) > _IDENTIFIER:
            raise wrong(name, f"it has at most {_IDENTIFIER} characters")


def model(body: Json) -> str:
    """The model's name."""
    found = body.get("model")
    if not isinstance(found, str) or not found:
        raise missing("model")
    return found


def schema_of(form: Json, param: str) -> Mapping[str, Any]:
    """The schema of a `json_schema` format; a strict one is checked."""
    schema, name = form.get("schema"), form.get("name")
    if not isinstance(name, str) or not isinstance(schema, Mapping):
        raise missing(f"{param}.schema")
    if form.get("strict"):
        strictness.check(schema, f"{param}.schema", name, "invalid_json_schema")
    return schema


def check_tool(tool: Any, param: str, *, strict: bool) -> str:
    """The name of a function tool; its parameters are checked where they are to be kept to."""
    if not isinstance(tool, Mapping) or not isinstance(tool.get("name"), str):
        raise missing(f"{param}.name")
    if strict:
        parameters = tool.get("parameters")
        strictness.check(parameters, f"{param}.parameters", tool["name"], "invalid_function_parameters")
    return str(tool["name"])


def dialogue_text(text: Any, param: str) -> str:
    """A text. Raises ApiError 400 for anything else."""
    if not isinstance(text, str):
        raise wrong(param, "it must be a string")
    return text


def schema_in(rules: str) -> Json | None:
    """The schema that stands as a line of JSON in the rules, where a server takes none; None when there is none."""
    for line in reversed(rules.splitlines()):
        try:
            found = loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and "properties" in found:
            return found
    return None
