"""The API's documentation, read out of its own OpenAPI description."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

Json = dict[str, Any]

_WRITTEN: Json = json.loads((Path(__file__).parent / "reference.json").read_text(encoding="utf-8"))
_EXAMPLES: Json = _WRITTEN["examples"]
_NOTES: dict[str, str] = _WRITTEN["fields"]
_DEPTH = 3  # a schema may hold itself
_TYPES = {
    "string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "object": "object",
    "null": "null",
}  # fmt: skip
_SIZES = (
    ("minLength", "maxLength", "characters"),
    ("minItems", "maxItems", "entries"),
    ("minimum", "maximum", ""),
)
_ANYWHERE = ("400", "413", "415", "429", "503")  # the page tells of them once


def read(openapi: Json) -> Json:
    """{groups: [{name, operations: [...]}]}, in the order in which the API has them."""
    groups: dict[str, list[Json]] = {}
    for path, methods in openapi["paths"].items():
        for method, given in methods.items():
            shown = _operation(openapi, f"{method.upper()} {path}", given)
            groups.setdefault(given.get("tags", ["other"])[0], []).append(shown)
    return {"groups": [{"name": name, "operations": found} for name, found in groups.items()]}


def marked(text: str) -> Markup:
    """Plain text as HTML, with `code` between backticks."""
    parts = enumerate(text.split("`"))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if n % 2 else escape(part) for n, part in parts
    )


def pretty(value: Any) -> str:
    """JSON as a person reads it; what is short stays on one line."""
    return _pretty(value, "")


def _pretty(value: Any, margin: str) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if not value or not isinstance(value, dict | list) or len(margin) + len(flat) <= 72:
        return flat
    inner = margin + "  "
    if isinstance(value, list):
        return "[\n" + ",\n".join(inner + _pretty(part, inner) for part in value) + f"\n{margin}]"
    members = (
        f"{inner}{json.dumps(key, ensure_ascii=False)}: {_pretty(part, inner)}" for key, part in value.items()
    )
    return "{\n" + ",\n".join(members) + f"\n{margin}}}"


def _operation(openapi: Json, name: str, given: Json) -> Json:
    method, path = name.split(" ")
    example = _EXAMPLES.get(name, {})
    body = given.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    parameters = [_parameter(openapi, one) for one in given.get("parameters", [])]
    scope = next((one for needed in given.get("security", ()) for one in next(iter(needed.values()))), None)
    return {
        "anchor": re.sub(r"\W+", "-", name.lower()).strip("-"),
        "method": method,
        "path": path,
        "title": example.get("title", given.get("summary", "")),
        "description": given.get("description", ""),
        "scope": scope,
        "parameters": parameters,
        "fields": _fields(openapi, body, {**_NOTES, **example.get("fields", {})}) if body else [],
        "curl": _curl(method, path, example, scope is not None),
        "status": min(given["responses"]),
        "answer": example.get("answer"),
        "errors": _errors(given["responses"]),
    }


def _curl(method: str, path: str, example: Json, needs_key: bool) -> str:
    for name, value in example.get("path", {}).items():
        path = path.replace("{" + name + "}", str(value))
    parts = ["curl" if method == "GET" else f"curl -X {method}", f'"$RELEASED{path}"']
    if needs_key:
        parts.append('-H "Authorization: Bearer $API_KEY"')
    if "body" in example:
        parts += ["-H 'Content-Type: application/json'", "-d " + shlex.quote(pretty(example["body"]))]
    return " \\\n  ".join((" ".join(parts[:2]), *parts[2:]))


def _errors(responses: Json) -> list[Json]:
    """Each way in which it may be refused; a status may have several."""
    return [
        {"status": status, "title": title}
        for status, response in sorted(responses.items())
        if status >= "400" and status not in _ANYWHERE
        for title in response["description"].splitlines()
    ]


def _parameter(openapi: Json, given: Json) -> Json:
    schema = given.get("schema", {})
    return {
        "name": given["name"],
        "place": given["in"],
        "required": given.get("required", False),
        "type": _type(openapi, schema),
        "limits": _limits(openapi, schema, given.get("required", False)),
        "description": given.get("description") or _NOTES.get(given["name"], ""),
    }


def _fields(
    openapi: Json, schema: Json, notes: dict[str, str], prefix: str = "", depth: int = 0
) -> list[Json]:
    """A row for each field of an object, `faqs[].q` for those within."""
    found = []
    resolved = _resolved(openapi, schema)
    for name, part in resolved.get("properties", {}).items():
        inner = _resolved(openapi, part)
        required = name in resolved.get("required", ())
        limits = _limits(openapi, part, required)
        place = f"{prefix}{name}"
        found.append(
            {
                "name": place,
                "place": "",
                "required": required,
                "type": _type(openapi, part),
                "limits": limits,
                "description": notes.get(place, part.get("description", "")),
            }
        )
        items = inner.get("items", {})
        if depth < _DEPTH:
            within, prefixed = (items, f"{place}[].") if items else (inner, f"{place}.")
            found += _fields(openapi, within, notes, prefixed, depth + 1)
    return found


def _resolved(openapi: Json, schema: Json) -> Json:
    """The schema itself behind references and `or null`."""
    if "$ref" in schema:
        return _resolved(openapi, openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    return _resolved(openapi, choices[0]) if len(choices) == 1 else schema


def _type(openapi: Json, schema: Json) -> str:
    resolved = _resolved(openapi, schema)
    if "enum" in resolved:
        return " or ".join(f"`{value}`" for value in resolved["enum"])
    if resolved.get("type") == "array":
        one = _type(openapi, resolved.get("items", {}))
        return f"list of {one}s" if one in ("object", "text", "number") else f"list of {one}"
    return _TYPES.get(resolved.get("type", ""), "any")


def _limits(openapi: Json, schema: Json, required: bool) -> str:
    """`1 to 500 characters`, `"es" when absent`, in words."""
    resolved = _resolved(openapi, schema)
    said = [_size(resolved.get(least), resolved.get(most), of) for least, most, of in _SIZES]
    default = schema.get("default")
    if not required and default is not None and not isinstance(default, dict | list):
        said.append(f"`{json.dumps(default)}` when absent")
    return ", ".join(filter(None, said))


def _size(least: float | None, most: float | None, of: str) -> str:
    if most is None:
        return f"at least {_number(least)} {of}".strip() if least is not None else ""
    if least is None:
        return f"at most {_number(most)} {of}".strip()
    return f"{_number(least)} to {_number(most)} {of}".strip()


def _number(value: float) -> str:
    """`20,160` also for 20160.0, as the description has it."""
    return f"{int(value):,}" if value == int(value) else f"{value:,}"
