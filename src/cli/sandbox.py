"""`released sandbox`: the sandboxed WhatsApp as a process of its own, beside a platform of several processes."""

import threading
import time

import click
import uvicorn

from sandbox.app import SandboxConfig, create_sandbox
from sandbox.server import Server
from src.cli.demo import demo_option, make_demo
from src.core import schema
from src.core.instance import Instance, open_instance
from src.core.settings import load_settings
from src.core.telemetry import log_json


@click.command()
@click.option(
    "--port", default=8081, show_default=True, type=click.IntRange(1, 65535), help="Where to listen."
)
@click.option("--callback", help="Where webhooks go; else http://127.0.0.1:PORT/webhook.")
@demo_option
def sandbox(port: int, callback: str | None, demo: bool) -> None:
    """Run the sandbox by itself; the platform finds it by SANDBOX_URL. With Meta's settings there is none."""
    settings = load_settings()
    if not settings.sandbox_mode:
        click.echo(
            "Meta's settings are set: this instance speaks with the real WhatsApp and needs no sandbox."
        )
        return
    instance = open_instance(settings)
    config = sandbox_config(instance, callback or f"http://127.0.0.1:{settings.port}/webhook")
    log_json()
    app = create_sandbox(config)
    server = uvicorn.Config(
        app, host=settings.host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=2
    )
    running = Server(server, app)
    if demo:
        threading.Thread(target=_demonstrate, args=(running, instance), daemon=True).start()
    running.run()
    instance.close()


def _demonstrate(server: uvicorn.Server, instance: Instance) -> None:
    """Once the sandbox can register a number, and the database is there."""
    while not (server.started and schema.state(instance.database) == "ok"):
        time.sleep(1)
    make_demo(instance)


def sandbox_config(instance: Instance, callback_url: str) -> SandboxConfig:
    """What a sandbox must know to be the WhatsApp of `instance`: the same secrets, and where webhooks go."""
    return SandboxConfig(
        callback_url=callback_url,
        app_secret=instance.app_secrets[0],
        access_token=instance.access_token,
        verify_token=instance.verify_token,
        database=str(instance.settings.released_home / "sandbox.db"),
    )
