"""The outermost layer: who calls, over https or not, how often, and the headers of every answer."""

import logging
from typing import Any

import anyio.to_thread
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Send

from src.api.cors import Cors
from src.api.headers import Headers, complete
from src.api.limits import Exceeded, Limits
from src.api.problems import problem
from src.api.refusals import Refusals
from src.api.transport import Transport
from src.core.edge_settings import origins_of
from src.core.edge_telemetry import REFUSED
from src.core.instance import Instance
from src.core.peers import Peer, Scope, peers

log = logging.getLogger(__name__)

_WHO = {
    "key": "this key has called",
    "address": "this address has called",
    "failures": "wrong keys, signatures or verify tokens came from this address",
}


class Edge:
    """ASGI application around everything that the web service answers."""

    def __init__(self, app: ASGIApp, instance: Instance) -> None:
        settings = instance.settings
        self.app = app
        self.peers = peers(settings.trusted_proxies, settings.local_proxy)
        self.transport = Transport(settings)
        self._limits = Limits(instance)
        self._refusals = Refusals(instance)
        self._cors = Cors(origins_of(settings.allowed_origins))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or lets the life of the whole run."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if self.peers.is_due(scope):
            await anyio.to_thread.run_sync(self.peers.look_up)
        peer = self.peers.of(scope)
        answer = _Answer(self, scope, peer, send)
        try:
            await (await self._refused(scope, peer) or self.app)(scope, receive, answer.send)
            if answer.exceeded is not None:
                await self._too_many(peer, answer.exceeded)(scope, receive, answer.complete)
        except Exception as error:
            if answer.started:
                raise
            log.error("request_failed", exc_info=error)
            await problem(500, "An error of ours", "it is written in the log")(
                scope, receive, answer.complete
            )

    async def _refused(self, scope: Scope, peer: Peer) -> Response | None:
        """The answer to what does not come in; webhooks are judged by their signature alone."""
        refused = self.transport.refuse(scope, peer)
        if refused is not None and refused.status_code == 403:
            self._refusals.call_refused(peer, "transport")
        if refused is not None or _is_webhook(scope):
            return refused
        if (exceeded := await self._limits.exceeded(peer, _key(scope))) is not None:
            return self._too_many(peer, exceeded)
        asked = self._cors.preflight(scope)
        return None if asked is None else _preflight(asked)

    async def judge(self, scope: Scope, peer: Peer, status: int) -> Exceeded | None:
        """Takes note of how an answer judged its peer; the limit that its failures are over now."""
        if scope["path"] == "/webhook":
            wrong = status == (401 if _is_webhook(scope) else 403)
            return await self._wrong_webhook(scope, peer) if wrong else None
        if (key := _key(scope)) is None:
            return None
        if (key_id := scope.get("state", {}).get("right_key")) is not None:
            self._refusals.key_taken(peer, key_id, status)
            self._limits.right(peer, key)
        elif status == 401:
            self._refusals.key_refused(peer)
            return await self._limits.wrong(peer)
        return None

    async def _wrong_webhook(self, scope: Scope, peer: Peer) -> Exceeded | None:
        exceeded = await self._limits.wrong(peer, counts_as_call=_is_webhook(scope))
        if exceeded is None:
            self._refusals.webhook_refused(peer, scope["method"])
        return exceeded

    def _too_many(self, peer: Peer, exceeded: Exceeded) -> Response:
        REFUSED.labels(exceeded.limit).inc()
        self._refusals.call_refused(peer, exceeded.limit)
        detail = f"{_WHO[exceeded.limit]} more often than {exceeded.rate}: wait {exceeded.retry_after} s"
        response = problem(429, "Too many requests", detail)
        response.headers["Retry-After"] = str(exceeded.retry_after)
        return response

    def headers(self, scope: Scope, peer: Peer, own: Headers) -> Headers:
        """All headers of an answer that has these of its own."""
        return complete(scope["path"], own, peer.is_https) + self._cors.allowed(scope, own)


class _Answer:
    """What is sent in answer to one request, on its way out."""

    __slots__ = ("_edge", "_peer", "_scope", "_send", "exceeded", "started")

    def __init__(self, edge: Edge, scope: Scope, peer: Peer, send: Send) -> None:
        self._edge, self._scope, self._peer, self._send = edge, scope, peer, send
        self.started = False
        self.exceeded: Exceeded | None = None

    async def send(self, event: Message) -> None:
        """Sends on, unless the answer tells that the peer was wrong once too often."""
        if event["type"] == "http.response.start" and (
            self._scope.get("state") or event["status"] in (401, 403)
        ):
            self.exceeded = await self._edge.judge(self._scope, self._peer, event["status"])
        if self.exceeded is None:
            await self.complete(event)

    async def complete(self, event: Message) -> None:
        """Sends on, with all headers."""
        if event["type"] == "http.response.start":
            self.started = True
            own = list(event.get("headers", ()))
            event = {**event, "headers": self._edge.headers(self._scope, self._peer, own)}
        await self._send(event)


def _is_webhook(scope: Scope) -> bool:
    return bool(scope["path"] == "/webhook" and scope["method"] == "POST")


def _key(scope: Scope) -> str | None:
    """What the peer gives as its key, right or wrong."""
    found: Any = next((value for name, value in scope["headers"] if name == b"authorization"), None)
    return None if found is None else found.decode("latin-1")


def _preflight(allowed: Headers) -> Response:
    if not allowed:
        return problem(
            403, "Pages of this site may not call", "an operator can name its origin in ALLOWED_ORIGINS"
        )
    response = Response(status_code=204)
    response.raw_headers += allowed
    return response
