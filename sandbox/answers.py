"""JSON answers that can carry whatever a telephone can write."""

from typing import Any

from starlette.responses import JSONResponse

from sandbox.store import dumps


class Answer(JSONResponse):
    """JSON in ASCII, as Meta writes it: a lone surrogate in a text is no reason to fail."""

    def render(self, content: Any) -> bytes:
        """The body."""
        return dumps(content).encode("ascii")
