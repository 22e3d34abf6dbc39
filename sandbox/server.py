"""A server that ends the telephones' streams before it waits for its connections."""

import socket

import uvicorn
from starlette.applications import Starlette

from sandbox.app import hang_up


class Server(uvicorn.Server):
    """Uvicorn, for an application that contains the sandbox."""

    def __init__(self, config: uvicorn.Config, sandbox: Starlette) -> None:
        super().__init__(config)
        self._sandbox = sandbox

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends."""
        hang_up(self._sandbox)
        await super().shutdown(sockets)
