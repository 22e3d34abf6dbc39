"""The part of the control API that orders how OpenAI behaves, and shows what was asked of it."""

from dataclasses import asdict
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import reading, state
from sandbox.answers import Answer
from sandbox.openai import ledger, rules

Json = dict[str, Any]

_MOST_ENTRIES = 10_000
_FIELDS = frozenset(
    [
        "on",
        "act",
        "times",
        "contains",
        "model",
        "content",
        "text",
        "name",
        "arguments",
        "seconds",
        "answer",
        "retry_after",
        "status",
        "code",
        "message",
    ]
)


def routes() -> list[Route]:
    """The routes, relative to where the sandbox is mounted."""
    return [
        Route("/api/openai/rules", post_rule, methods=["POST"]),
        Route("/api/openai/rules", get_rules, methods=["GET"]),
        Route("/api/openai/rules", delete_rules, methods=["DELETE"]),
        Route("/api/openai/ledger", get_ledger, methods=["GET"]),
    ]


async def post_rule(request: Request) -> Response:
    """Orders how the next requests are answered."""
    asked = await reading.body(request)
    if unknown := sorted(asked.keys() - _FIELDS):
        raise HTTPException(400, f"A rule has no {', '.join(unknown)}")
    on = reading.choice(asked, "on", rules.ENDPOINTS)
    act = reading.choice(asked, "act", rules.ACTS[on])
    rule = state.of(request).openai.rules.order(
        on=on,
        act=act,
        times=int(reading.number_between(asked, "times", 1, 10**6, 1)) if "times" in asked else None,
        contains=reading.optional_text(asked, "contains"),
        model=reading.optional_text(asked, "model"),
        content=asked.get("content"),
        text=_said(asked, on, act),
        name=reading.text(asked, "name") if act == "wish" else None,
        arguments=_arguments(asked),
        seconds=reading.number_between(asked, "seconds", 0, 600, 0),
        answer=reading.truth(asked, "answer", True),
        retry_after=reading.number_between(asked, "retry_after", 0, 86_400, 1),
        status=int(reading.number_between(asked, "status", 300, 599, 400)),
        code=reading.optional_text(asked, "code"),
        message=reading.optional_text(asked, "message"),
    )
    return Answer(asdict(rule), 201)


def _said(asked: Json, on: str, act: str) -> str | None:
    """What a reply says stands in the rule: as JSON or as text, of a recording as text."""
    if act == "reply" and (asked.get("content") is None or on == "transcriptions"):
        if not isinstance(asked.get("text"), str):
            raise HTTPException(
                400, "A reply needs a text" + ("" if on == "transcriptions" else " or a content")
            )
        return str(asked["text"])
    return reading.optional_text(asked, "text")


def _arguments(asked: Json) -> Json:
    found = asked.get("arguments", {})
    if not isinstance(found, dict):
        raise HTTPException(400, "arguments must be an object")
    return found


async def get_rules(request: Request) -> Response:
    """The rules that are in force."""
    return Answer({"rules": state.of(request).openai.rules.view()})


async def delete_rules(request: Request) -> Response:
    """Ends all rules: the model is lawful again. Safe to call twice."""
    state.of(request).openai.rules.clear()
    return Response(status_code=204)


async def get_ledger(request: Request) -> Response:
    """Every request that reached the API, oldest first."""
    after, limit = reading.query_number(request, "after", 0), reading.query_number(request, "limit", 1000)
    return Answer({"entries": ledger.entries(state.of(request).store, after, min(limit, _MOST_ENTRIES))})
