"""The web service: the webhook in front, the JSON and HTML edges behind it, the dispatcher beside them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import anyio.to_thread
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from src import VERSION
from src.api import conversations, customers, ingest, keys, ops, problems, routes
from src.api.bodies import Bodies
from src.api.edge import Edge
from src.api.webhook import Webhook
from src.console import pages
from src.core import schema
from src.core.actor import acting
from src.core.instance import Instance, open_instance
from src.core.processes import Heartbeat
from src.core.settings import load_settings
from src.core.telemetry import log_json
from src.core.trouble import one_line
from src.messages.chores import Clock
from src.messages.dispatch import Dispatcher
from src.messages.intake import Intake


class _Here:
    """This process answers too: the dispatcher lives in it, and the clock."""

    def __init__(self, instance: Instance) -> None:
        self.dispatcher = Dispatcher(instance)
        self.ring = self.dispatcher.ring
        self._clock = Clock(instance)
        instance.warm_up()
        self.dispatcher.start()

    def stop(self) -> None:
        self.dispatcher.stop()
        self._clock.stop()


class _Workers:
    """Celery's workers answer; this process only rings."""

    dispatcher = None

    def __init__(self) -> None:
        from src.tasks import Bell  # noqa: PLC0415  # Celery costs memory that one process does without

        bell = Bell()
        self.ring, self.stop = bell.ring, bell.stop


class Front:
    """Sends each path to whom it belongs, and starts and stops all of them."""

    def __init__(self, instance: Instance, beside: Mapping[str, Starlette]) -> None:
        self._instance = instance
        self._beside = beside
        self.api = _edges(instance)
        self._bounded = Bodies(self._other)
        self._webhook: ASGIApp | None = None
        self._frame = Starlette(lifespan=self._lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or runs the life of the whole."""
        if scope["type"] == "lifespan":
            await self._frame(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == "/webhook" and self._webhook is not None:
            await self._webhook(scope, receive, send)
        else:
            await self._bounded(scope, receive, send)

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        for prefix, app in self._beside.items():
            if scope["type"] == "http" and scope["path"].startswith(prefix + "/"):
                await app({**scope, "root_path": scope.get("root_path", "") + prefix}, receive, send)
                return
        with acting("nobody known"):
            await self.api(scope, receive, send)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        instance = self._instance
        work = _Workers() if instance.settings.broker_url else _Here(instance)
        self.api.state.dispatcher, self.api.state.ring = work.dispatcher, work.ring
        intake = Intake(instance, work.ring)
        self._webhook = Webhook(instance, intake)
        heartbeat = Heartbeat(instance.database, "web")
        heartbeat.start()
        async with AsyncExitStack() as stack:
            for app in self._beside.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield
            for end in (intake.stop, work.stop, heartbeat.stop):
                await anyio.to_thread.run_sync(end)
        instance.close()


def _edges(instance: Instance) -> FastAPI:
    api = FastAPI(
        title="Released",
        version=VERSION,
        summary="Right answers on WhatsApp from a business's own FAQs, with a person one step away",
        docs_url=None,
        redoc_url=None,
    )
    api.state.instance = instance
    for router in (ingest.router, conversations.router, customers.router, keys.router, ops.router):
        api.include_router(router)
    pages.install(api)
    problems.install(api)
    routes.describe_problems(api)
    return api


def create_app(instance: Instance, beside: Mapping[str, Starlette] | None = None) -> Edge:
    """The web service of `instance`; `beside` are applications that stand next to it, by their path's prefix.

    On SQLite it brings the database to our schema first, and raises what is wrong with it.
    """
    if instance.database.sqlite:
        schema.prepare(instance.database)
    return Edge(Front(instance, beside or {}), instance)


def __getattr__(name: str) -> Any:
    """`app`, for `uvicorn src.main:app`: made from the environment when it is asked for, not on import."""
    if name != "app":
        raise AttributeError(name)
    log_json()
    with one_line("web"):
        return create_app(open_instance(load_settings()))
