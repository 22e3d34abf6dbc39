"""JSON answers that can carry whatever a telephone can write, and no answer at all."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox.store import dumps


class Answer(JSONResponse):
    """JSON in ASCII, as Meta writes it: a lone surrogate in a text is no reason to fail."""

    def render(self, content: Any) -> bytes:
        """The body."""
        return dumps(content).encode("ascii")


async def hang_up(request: Request) -> None:
    """Ends the connection without an answer: ASGI has no word for it, so uvicorn's transport is aborted."""
    await request.body()  # so that the next word is that the caller is gone
    cycle: Any = request.receive
    cycle.__self__.transport.abort()
    await request.receive()
