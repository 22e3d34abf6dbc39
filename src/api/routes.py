"""What every route of the API has: a scope that it declares, and a description of how it may be refused."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from src.api.dependencies import scopes_of
from src.api.problems import META_FAILED
from src.core import errors

Responses = dict[int | str, dict[str, Any]]

PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457: `title` says what is wrong, `detail` why and how to mend it",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "description": "With wrong fields, each of them",
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_ANYWHERE = (429, 503)  # too many requests; no database
_WITH_A_BODY = (400, 413, 415)
_OF_AN_ID: dict[str, type[errors.Refusal]] = {
    "{agent_id}": errors.AgentNotFound,
    "{conversation_id}": errors.ConversationNotFound,
    "{key_id}": errors.KeyNotFound,
    "{customer}": errors.CustomerNotFound,
}


class ScopedRoute(APIRoute):
    """A route that cannot be made without a scope, and whose refusals are in its description."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        if len(scopes_of(self)) != 1:
            raise TypeError(
                f"{path}: {endpoint.__name__} must ask for a key holder, as src/api/dependencies.py has them"
            )
        self.responses = {**_usual(self), **self.responses}


def _usual(route: APIRoute) -> Responses:
    """How a route may be refused by what it is: by its key, the ids in its path, its parameters, its body."""
    asked = route.dependant
    kinds = [kind for name, kind in _OF_AN_ID.items() if name in route.path]
    if asked.body_params or asked.path_params or asked.query_params or asked.header_params:
        kinds.append(errors.Invalid)
    statuses = (*_ANYWHERE, *_WITH_A_BODY) if asked.body_params else _ANYWHERE
    described: Responses = {status: _described([HTTPStatus(status).phrase]) for status in statuses}
    return {**described, **refused_by(errors.Unauthorized, errors.Forbidden, *kinds)}


def refused_by(*kinds: type[errors.Refusal | errors.MetaError]) -> Responses:
    """The problems of an endpoint that may raise these, by their status, as OpenAPI describes them."""
    titles: dict[int, list[str]] = {}
    for kind in kinds:
        if issubclass(kind, errors.Refusal):
            titles.setdefault(kind.status, []).append(kind("").title)
        else:
            titles.setdefault(502, []).append(META_FAILED)
    return {status: _described(found) for status, found in titles.items()}


def _described(titles: Iterable[str]) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": "\n".join(titles), "content": {"application/problem+json": {"schema": schema}}}


def describe_problems(app: FastAPI) -> None:
    """Adds to the description of `app` the shape to which `refused_by` refers."""
    described = app.openapi

    def openapi() -> dict[str, Any]:
        found = described()
        found.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
        return found

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way
