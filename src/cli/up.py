"""`released up`: web, dispatcher and sandbox in one process over SQLite."""

import errno
import logging
import os
import socket
import sys
import threading
import time
from contextlib import suppress
from logging.handlers import RotatingFileHandler

import click
import uvicorn
from starlette.applications import Starlette

from sandbox.app import create_sandbox
from sandbox.server import Server
from src import VERSION
from src.api.transport import UNSET
from src.cli.demo import demo_option, make_demo
from src.cli.sandbox import sandbox_config
from src.core import running, schema
from src.core.database import normalise_url
from src.core.errors import InvalidSettings
from src.core.instance import Instance, database_url, open_instance, private_folder
from src.core.settings import Settings, load_settings
from src.core.telemetry import log_json
from src.main import create_app

log = logging.getLogger(__name__)

_LOG_BYTES = 10 * 1024 * 1024


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Where to listen; else PORT, else 8080.")
@click.option("--host", help="The address to listen at; else HOST, else 127.0.0.1.")
@demo_option
def up(port: int | None, host: str | None, demo: bool) -> None:
    """Run everything in one process; without Meta's settings, with a WhatsApp of its own to try it."""
    given = {name: value for name, value in (("port", port), ("host", host)) if value is not None}
    settings = load_settings(**given)
    if normalise_url(database_url(settings)).get_backend_name() == "sqlite":
        running.hold(private_folder(settings.released_home), settings.port)
    _migrate_apart(settings)
    instance = open_instance(settings)
    schema.prepare(instance.database)
    listener = _listen(settings)
    _log(settings)
    beside = _beside(instance)
    config = uvicorn.Config(
        create_app(instance, beside),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=3,
        server_header=False,
        proxy_headers=False,  # src/api/edge.py reads them
    )
    server = Server(config, beside["/sandbox"]) if beside else uvicorn.Server(config)
    threading.Thread(target=_welcome, args=(server, instance, demo), daemon=True).start()
    with suppress(KeyboardInterrupt):  # uvicorn raises it again when it has ended in good order
        server.run(sockets=[listener])
    click.echo("Ended. What was in flight goes on with the next start.")


def _migrate_apart(settings: Settings) -> None:
    """Migrates in a child, where the system has such: what that loads, 8 MB, would stay for good.

    Nothing is done, or told, when it fails: the caller migrates too, which is then the one to fail.
    """
    if not hasattr(os, "fork"):
        return
    if child := os.fork():
        os.waitpid(child, 0)
        return
    with suppress(Exception):
        instance = open_instance(settings)
        schema.prepare(instance.database)
        instance.close()
    os._exit(0)


def _listen(settings: Settings) -> socket.socket:
    """The bound socket. Raises `InvalidSettings` when the port is taken or not allowed."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        where = f"{settings.host}:{settings.port}"
        if error.errno == errno.EADDRINUSE:
            raise InvalidSettings(
                f"PORT: {where} is taken by another program: end it, or choose with --port"
            ) from None
        raise InvalidSettings(
            f"PORT: cannot listen at {where} ({error.strerror}): choose another with --port"
        ) from None
    return listener


def _log(settings: Settings) -> None:
    """JSON lines go to standard error; before a person's eyes, to a file instead."""
    log_json()
    if sys.stderr.isatty():
        path = settings.released_home / "released.log"
        handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=3, encoding="utf-8")
        os.chmod(path, 0o600)
        handler.setFormatter(logging.getLogger().handlers[0].formatter)
        logging.getLogger().handlers[:] = [handler]


def _beside(instance: Instance) -> dict[str, Starlette]:
    settings = instance.settings
    if not settings.sandbox_mode or settings.meta_graph_url or settings.sandbox_url:
        return {}
    config = sandbox_config(instance, f"http://127.0.0.1:{settings.port}/webhook")
    return {"/sandbox": create_sandbox(config)}


def _welcome(server: uvicorn.Server, instance: Instance, demo: bool) -> None:
    while not server.started:
        if server.should_exit:
            return
        time.sleep(0.02)
    here = f"http://127.0.0.1:{instance.settings.port}"
    if instance.settings.sandbox_mode and demo:
        make_demo(instance)
    click.echo(f"\nReleased {VERSION} is ready.\n")
    click.echo(f"  Start page      {here}/")
    if instance.settings.sandbox_mode:
        click.echo(f"  Telephone       {here}/sandbox/     (sandbox mode: no message leaves this machine)")
    else:
        public = instance.settings.public_url or "https://YOUR.HOST"
        click.echo(f"  For Meta        callback {public}/webhook, verify token {instance.verify_token}")
    click.echo(f"  API             {here}/docs")
    click.echo(f"  API key         {_key_place(instance)}")
    if instance.settings.serves_this_machine_only:
        click.echo(f"\n  ! {UNSET}.")
    click.echo("\nCtrl-C ends it.\n")


def _key_place(instance: Instance) -> str:
    return (
        "in API_KEY"
        if instance.settings.api_key
        else str((instance.settings.released_home / "api_key").resolve())
    )
