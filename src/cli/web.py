"""`released web`: the web service alone, as `uvicorn src.main:app`, that leaves without dropping a request."""

import asyncio
import socket

import click
import uvicorn

from src.core.instance import open_instance
from src.core.settings import load_settings
from src.core.telemetry import log_json
from src.main import create_app

LINGER_SECONDS = 1.0
_GRACE_SECONDS = 20


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Where to listen; else PORT, else 8080.")
@click.option("--host", help="The address to listen at; else HOST, else 127.0.0.1.")
def web(port: int | None, host: str | None) -> None:
    """Run the web service alone; with CELERY_BROKER_URL workers answer, without it this process does."""
    given = {name: value for name, value in (("port", port), ("host", host)) if value is not None}
    settings = load_settings(**given)
    log_json()
    config = uvicorn.Config(
        create_app(open_instance(settings)),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # src/api/edge.py reads them
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    LingeringServer(config).run()


class LingeringServer(uvicorn.Server):
    """Goes on answering for a second after SIGTERM: whoever has just been given this address is still served."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends."""
        await asyncio.sleep(LINGER_SECONDS)
        for server in self.servers:
            server.close()
        await asyncio.sleep(LINGER_SECONDS / 4)  # what was accepted last has its request read
        await super().shutdown(sockets)
