"""The sandbox as an ASGI application: the Graph API, OpenAI's API, the control API and the telephone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from os import PathLike, stat_result
from pathlib import Path

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from sandbox import (
    control,
    graph_account,
    graph_media,
    graph_messages,
    graph_numbers,
    graph_tokens,
    inspection,
    state,
    token_control,
)
from sandbox.answers import Answer
from sandbox.config import SandboxConfig
from sandbox.openai import control as openai_control
from sandbox.openai import routes as openai_routes
from sandbox.state import Sandbox

__all__ = ["SandboxConfig", "create_sandbox", "hang_up"]

TELEPHONE = Path(__file__).parent / "telephone"
_FRESH = {"Cache-Control": "no-cache"}


class GraphVersion(Convertor[str]):
    """`v26.0` in a path."""

    regex = r"v[0-9]+\.[0-9]+"

    def convert(self, value: str) -> str:
        """The version as it is written."""
        return value

    def to_string(self, value: str) -> str:
        """The version as it is written."""
        return value


class TelephoneFiles(StaticFiles):
    """Static files that a browser asks for anew after each change."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, or a 304."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(_FRESH)
        return response


def create_sandbox(config: SandboxConfig) -> Starlette:
    """The application; its lifespan must run. It may be mounted below any path."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with state.running(config) as sandbox:
            app.state.sandbox = sandbox
            yield

    register_url_convertor("graph_version", GraphVersion())
    return Starlette(
        routes=[
            Route("/", telephone),
            Mount("/static", TelephoneFiles(directory=TELEPHONE)),
            *control.routes(),
            *inspection.routes(),
            *token_control.routes(),
            *graph_routes(),
            *openai_control.routes(),
            *openai_routes.routes(),
        ],
        exception_handlers={HTTPException: problem, UnicodeEncodeError: not_unicode},
        lifespan=lifespan,
    )


def hang_up(sandbox: Starlette) -> None:
    """Ends the streams of events; for a server that begins to shut down, which would else wait for them."""
    running: Sandbox = sandbox.state.sandbox
    running.stream.close()


def graph_routes() -> list[Route]:
    """The Graph API as far as the sandbox has it, below any version."""
    version = "/{version:graph_version}"
    return [
        Route(version + "/{phone_number_id}/messages", graph_messages.post_messages, methods=["POST"]),
        Route(version + "/{waba_id}/phone_numbers", graph_numbers.post_number, methods=["POST"]),
        Route(version + "/{waba_id}/phone_numbers", graph_numbers.get_numbers, methods=["GET"]),
        Route(version + "/debug_token", graph_tokens.get_debug_token, methods=["GET"]),
        Route(version + "/oauth/access_token", graph_tokens.get_access_token, methods=["GET"]),
        Route(version + "/oauth/revoke", graph_tokens.revoke, methods=["GET", "POST"]),
        Route(version + "/{waba_id}/subscribed_apps", graph_account.get_subscribed_apps, methods=["GET"]),
        Route(version + "/{waba_id}/subscribed_apps", graph_account.post_subscribed_apps, methods=["POST"]),
        Route(version + "/{phone_number_id}/media", graph_media.post_media, methods=["POST"]),
        Route(version + "/{object_id}", graph_media.get_object, methods=["GET"]),
        Route(version + "/{object_id}", graph_media.delete_media, methods=["DELETE"]),
        Route("/media/{ticket}", graph_media.get_content, methods=["GET"]),
    ]


async def telephone(_request: Request) -> Response:
    """The telephone's page."""
    return FileResponse(TELEPHONE / "index.html", headers=_FRESH)


async def problem(_request: Request, error: Exception) -> Response:
    """An error of the control API: what is wrong, in a sentence."""
    assert isinstance(error, HTTPException), "it is registered for these alone"
    return Answer({"detail": error.detail}, error.status_code)


async def not_unicode(_request: Request, _error: Exception) -> Response:
    """A lone surrogate where a name or an id belongs; nothing was kept."""
    return Answer({"detail": "A name or an id is not valid Unicode"}, 400)
