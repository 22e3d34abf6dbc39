"""Where Meta calls: the handshake, and webhooks that are verified, stored, committed, acknowledged.

A small ASGI application in front of FastAPI, which would make each request several times dearer.
"""

import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

import orjson

from src.accounts.numbers import SigningSecrets
from src.core.instance import Instance
from src.core.security import same, signed_by
from src.core.telemetry import WEBHOOK_SECONDS, WEBHOOKS
from src.messages.intake import Intake

MAX_BODY = 4 * 1024 * 1024  # Meta sends 3 MB at most (Webhooks, Payload size)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Webhook:
    """ASGI application of `GET` and `POST /webhook`."""

    def __init__(self, instance: Instance, intake: Intake) -> None:
        self._verify_token = instance.verify_token
        self._secrets = SigningSecrets(instance)
        self._intake = intake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["method"] == "POST":
            began = time.perf_counter()
            status = await self._post(scope, receive, send)
            WEBHOOK_SECONDS.observe(time.perf_counter() - began)
            WEBHOOKS.labels(str(status)).inc()
        elif scope["method"] in ("GET", "HEAD"):
            await self._handshake(scope, send)
        else:
            await _problem(send, 405, "Meta calls this address with GET and POST only")

    async def _handshake(self, scope: Scope, send: Send) -> None:
        """Meta's check of the address: the challenge as text, or 403 (Webhooks, Verification requests)."""
        query = {key: values[0] for key, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
        right = same(query.get("hub.verify_token", ""), self._verify_token)
        if query.get("hub.mode") == "subscribe" and right and "hub.challenge" in query:
            await _answer(send, 200, b"text/plain; charset=utf-8", query["hub.challenge"].encode())
        else:
            await _problem(
                send, 403, "The verify token is not this instance's: copy META_VERIFY_TOKEN into Meta's panel"
            )

    async def _post(self, scope: Scope, receive: Receive, send: Send) -> int:
        body = await _read_body(scope, receive)
        if body is None:
            return await _problem(send, 413, "A webhook has 4 MiB at most")
        if not self._is_signed(scope, body):
            return await _problem(send, 401, "X-Hub-Signature-256 is missing or does not fit this body")
        if not await self._intake.store(body, secrets.token_hex(8)):
            return await _problem(send, 503, "The database cannot take it now; Meta will try again")
        return await _answer(send, 200, b"text/plain; charset=utf-8", b"EVENT_RECEIVED")

    def _is_signed(self, scope: Scope, body: bytes) -> bool:
        given = [value for name, value in scope["headers"] if name == b"x-hub-signature-256"]
        header = (
            given[0] if len(given) == 1 else b""
        )  # Meta sends one; of two, another reader may take the other
        if signed_by(self._secrets.known, body, header):
            return True
        return self._secrets.reload() and signed_by(self._secrets.known, body, header)


async def _read_body(scope: Scope, receive: Receive) -> bytes | None:
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if declared.isdigit() and int(declared) > MAX_BODY:
        return None
    body: bytes = b""
    while True:
        event = await receive()
        body += event.get("body", b"")
        if len(body) > MAX_BODY:
            return None
        if not event.get("more_body", False):
            return body


async def _answer(send: Send, status: int, kind: bytes, body: bytes) -> int:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
    return status


async def _problem(send: Send, status: int, detail: str) -> int:
    body = orjson.dumps(
        {"type": "about:blank", "title": "Webhook refused", "status": status, "detail": detail}
    )
    return await _answer(send, status, b"application/problem+json", body)
