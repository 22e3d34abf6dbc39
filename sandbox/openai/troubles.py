"""How a server fails: it refuses, hangs, trickles, hangs up in the middle, or sends a page instead of JSON."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from sandbox.answers import hang_up
from sandbox.openai.errors import ApiError, unauthorized, unknown_model
from sandbox.openai.rules import Rule

_PAGE = (
    "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
)
_PIECES = 20


def _rate_limit(rule: Rule, model: str) -> ApiError:
    message = f"Rate limit reached for {model} on requests per min (RPM). Please try again in {rule.retry_after:g}s."
    asked = {"retry-after": f"{rule.retry_after:g}", "retry-after-ms": f"{rule.retry_after * 1000:g}"}
    return ApiError(429, "rate_limit_exceeded", message, kind="requests", headers=asked)


REFUSALS: dict[str, Callable[[Rule, str], ApiError]] = {
    "rate_limit": _rate_limit,
    "slow_down": lambda _rule, _model: ApiError(429, "slow_down", "Slow down.", kind="slow_down"),
    "billing": lambda rule, _model: ApiError(
        429,
        rule.code or "credit_balance_exhausted",
        "You exceeded your current quota, please check your plan and billing details.",
        kind="insufficient_quota",
    ),
    "overloaded": lambda _rule, _model: ApiError(
        503, "server_is_overloaded", "The engine is currently overloaded.", kind="service_unavailable"
    ),
    "error_500": lambda _rule, _model: ApiError(
        500, None, "The server had an error while processing your request.", kind="server_error"
    ),
    "not_found": lambda _rule, model: unknown_model(model),
    "unauthorized": lambda _rule, _model: unauthorized("sk-revoked-key"),
    "error": lambda rule, _model: ApiError(rule.status, rule.code, rule.message or "It was ordered so."),
}


async def troubled(request: Request, rule: Rule, response: Response) -> Response | None:
    """The answer as the rule spoils it; None when the connection was ended without one."""
    if rule.act == "hang":
        await asyncio.sleep(rule.seconds)
        if not rule.answer:
            await hang_up(request)
            return None
    if rule.act == "slow":
        headers = {"content-length": str(len(response.body)), "content-type": "application/json"}
        return StreamingResponse(_trickle(bytes(response.body), rule.seconds), headers=headers)
    if rule.act == "garbage":
        return HTMLResponse(_PAGE)
    return _Cut(response) if rule.act == "cut" else response


async def _trickle(body: bytes, seconds: float) -> AsyncIterator[bytes]:
    step = max(1, -(-len(body) // _PIECES))
    for start in range(0, len(body), step):
        await asyncio.sleep(seconds / _PIECES)
        yield body[start : start + step]


class _Cut(Response):
    """Half of an answer; then the connection ends."""

    def __init__(self, whole: Response) -> None:
        super().__init__(bytes(whole.body), media_type="application/json")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends what it sends: ASGI has no word for it, so uvicorn's transport is closed."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        cycle: Any = receive
        cycle.__self__.transport.close()
        await receive()
