"""What every request of the API passes: the ledger, the key, the model, the rules."""

import time
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from sandbox import state
from sandbox.openai import ledger, made, models, unlawful
from sandbox.openai.asked import Asked, Said
from sandbox.openai.errors import ApiError, unauthorized, unknown_model
from sandbox.openai.rules import TALK, Rule
from sandbox.openai.troubles import REFUSALS, troubled
from sandbox.state import Sandbox

Endpoint = Callable[[Request], Awaitable[Response]]
Read = Callable[[Request], Awaitable[Asked]]
Write = Callable[[Asked, Rule | None], Response]
Speak = Callable[[Asked, Said, int], Response]


def endpoint(on: str, read: Read, write: Write) -> Endpoint:
    """An endpoint that reads a request, and writes its answer unless a rule has it otherwise."""

    async def answer(request: Request) -> Response:
        began = time.time()
        sandbox = state.of(request)
        path = request.url.path.removeprefix(str(request.scope["root_path"]))
        seq = ledger.arrived(sandbox.store, began * 1000, path)
        response: Response | None
        try:
            authorise(sandbox, request)
            response = await _answered(sandbox, request, seq, on, read, write)
        except ApiError as error:
            response = error.response()
        ledger.answered(sandbox.store, seq, None if response is None else response.status_code)
        response = response or Response()
        for name, value in made.headers(began).items():
            response.headers.setdefault(name, value)
        return response

    return answer


def authorise(sandbox: Sandbox, request: Request) -> None:
    """Raises ApiError 401 when the bearer is missing, or not the one key there is."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    key = given.strip() if kind.lower() == "bearer" else ""
    if not key or sandbox.config.openai_key not in (None, key):
        raise unauthorized(key)


async def _answered(
    sandbox: Sandbox, request: Request, seq: int, on: str, read: Read, write: Write
) -> Response | None:
    try:
        asked = await read(request)
    except ApiError:
        ledger.refused(sandbox.store, seq, await request.body())
        raise
    rule = sandbox.openai.rules.take(on, asked)
    ledger.read(sandbox.store, seq, asked, None if rule is None else rule.act)
    if asked.model not in models.names(sandbox.config):
        raise unknown_model(asked.model)
    if rule is not None and rule.act in REFUSALS:
        raise REFUSALS[rule.act](rule, asked.model)
    response = write(asked, rule)
    return response if rule is None else await troubled(request, rule, response)


def talking(on: str, read: Read, speak: Speak) -> Endpoint:
    """An endpoint behind which a model speaks."""
    assert on in TALK

    async def answer(request: Request) -> Response:
        cache = state.of(request).openai.cache

        def write(asked: Asked, rule: Rule | None) -> Response:
            cached = cache.cached(asked.model, asked.agent or "", asked.talk.whole)
            return speak(asked, unlawful.said(asked.talk, rule), cached)

        return await endpoint(on, read, write)(request)

    return answer
