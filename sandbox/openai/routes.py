"""The routes of OpenAI's API, relative to where the sandbox is mounted."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import state
from sandbox.answers import Answer
from sandbox.openai import audio, chat, embeddings, models, moderations, responses
from sandbox.openai.asked import Asked
from sandbox.openai.desk import authorise, endpoint, talking
from sandbox.openai.errors import ApiError, unknown_model
from sandbox.store import loads

Json = dict[str, Any]


def routes() -> list[Route]:
    """All of them, below `/v1`."""
    posts = {
        "/v1/responses": talking("responses", _json(responses.read), responses.write),
        "/v1/chat/completions": talking("chat", _json(chat.read), chat.write),
        "/v1/audio/transcriptions": endpoint("transcriptions", audio.read, audio.write),
        "/v1/embeddings": endpoint(
            "embeddings", _json(embeddings.read), lambda asked, _: embeddings.write(asked)
        ),
        "/v1/moderations": endpoint(
            "moderations", _json(moderations.read), lambda asked, _: moderations.write(asked)
        ),
    }
    gets = [Route("/v1/models", get_models), Route("/v1/models/{model:path}", get_model)]
    return [*(Route(path, answer, methods=["POST"]) for path, answer in posts.items()), *gets]


def _json(read: Callable[[Json], Asked]) -> Callable[[Request], Awaitable[Asked]]:
    async def parsed(request: Request) -> Asked:
        try:
            body = loads(await request.body())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise ApiError(400, None, "We could not parse the JSON body of your request.")
        return read(body)

    return parsed


async def get_models(request: Request) -> Response:
    """Every model."""
    return _found(request, lambda names: {"object": "list", "data": [models.view(name) for name in names]})


async def get_model(request: Request) -> Response:
    """One model."""
    name = request.path_params["model"]

    def found(names: tuple[str, ...]) -> Json:
        if name not in names:
            raise unknown_model(name)
        return models.view(name)

    return _found(request, found)


def _found(request: Request, show: Callable[[tuple[str, ...]], Json]) -> Response:
    sandbox = state.of(request)
    try:
        authorise(sandbox, request)
        return Answer(show(models.names(sandbox.config)))
    except ApiError as error:
        return error.response()
