"""`python -m sandbox`: the sandbox as a process of its own."""

import sqlite3
from typing import Any

import click
import uvicorn

from sandbox.app import create_sandbox
from sandbox.config import SandboxConfig
from sandbox.server import Server
from sandbox.store import Store


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port", default=8081, show_default=True, type=click.IntRange(0, 65535), help="The port to listen at."
)
@click.option("--callback", "callback_url", required=True, help="Where webhooks go.")
@click.option("--app-secret", envvar="META_APP_SECRET", required=True, help="What signs the webhooks.")
@click.option("--access-token", envvar="META_ACCESS_TOKEN", help="The one token that may call; else any may.")
@click.option("--verify-token", envvar="META_VERIFY_TOKEN", help="For the handshake with the callback.")
@click.option("--database", default=":memory:", show_default=True, help="A file that survives restarts.")
@click.option("--waba-id", default=SandboxConfig.waba_id, show_default=True, help="The account's id.")
@click.option(
    "--sent-delay", default=SandboxConfig.sent_delay, show_default=True, help="Seconds until `sent`."
)
@click.option(
    "--delivered-delay",
    default=SandboxConfig.delivered_delay,
    show_default=True,
    help="Seconds until `delivered`.",
)
@click.option("--openai-key", help="The one key of OpenAI's API; else any is right.")
@click.option("--openai-model", "openai_models", multiple=True, help="A model beside the known ones.")
@click.option("--read-delay", type=float, help="Seconds until customers read by themselves.")
def main(host: str, port: int, **given: Any) -> None:
    """Run a WhatsApp of your own, with a telephone in the browser."""
    config = SandboxConfig(**given)
    try:
        Store(config.database).close()
    except (OSError, sqlite3.Error) as error:
        raise click.ClickException(f"--database {config.database}: {error}") from None
    sandbox = create_sandbox(config)
    Server(
        uvicorn.Config(sandbox, host=host, port=port, access_log=False, timeout_graceful_shutdown=2), sandbox
    ).run()


if __name__ == "__main__":
    main()
