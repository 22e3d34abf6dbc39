"""How large a request may be: more is refused before it is read, or as soon as it has become more."""

import re

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.api.problems import TOO_LARGE, problem

_MIB = 1024 * 1024
_OTHERWISE = _MIB
_LARGER = (  # 2,000 FAQs with their other phrasings; the sandbox's files, as base64 or as they are
    (re.compile(r"/agent(/[^/]+(/faqs)?)?|/start/(agent|preview)"), 16 * _MIB),
    (re.compile(r"/sandbox/v[\d.]+/[^/]+/media"), 101 * _MIB),
    (re.compile(r"/sandbox/.*"), 32 * _MIB),
)


class Bodies:
    """ASGI: lets through to `app` what is not too large for its path; else 413, as a problem."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = _most(scope["path"])
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if declared.isdigit() and int(declared) > most:
            await problem(413, TOO_LARGE, _detail(most))(scope, receive, send)
            return
        await self._app(scope, _counting(receive, most), send)


def _most(path: str) -> int:
    return next((most for pattern, most in _LARGER if pattern.fullmatch(path)), _OTHERWISE)


def _detail(most: int) -> str:
    return f"a request to this address has {most // _MIB} MiB at most: send less, in several requests"


def _counting(receive: Receive, most: int) -> Receive:
    """As `receive`, until there was more than `most` bytes: then HTTPException, which the applications answer."""
    count = 0

    async def counting() -> Message:
        nonlocal count
        message = await receive()
        count += len(message.get("body", b""))
        if count > most:
            raise HTTPException(413, _detail(most))
        return message

    return counting
