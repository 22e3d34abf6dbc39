"""`released doctor`: is everything there that the instance needs, and where not, what to do."""

import os
import sys
from contextlib import closing
from pathlib import Path

import click
import orjson

from src.cli.checks import report
from src.cli.checks.finding import Finding, Group, examine, fail
from src.cli.checks.life import life
from src.cli.checks.machine import machine
from src.cli.checks.meta import meta
from src.cli.checks.model import model
from src.cli.checks.money import spending
from src.cli.checks.people import people
from src.cli.checks.public import public
from src.cli.checks.store import absent, store
from src.cli.checks.tokens import tokens
from src.core.database import Database, normalise_url
from src.core.errors import InvalidSettings
from src.core.instance import Instance, database_url
from src.core.keyring import Keyring
from src.core.meta_client import MetaClient
from src.core.openai_client import OpenAIClient
from src.core.settings import Settings, load_settings

_NO_KEY = "-" * 32  # stands in where the instance has none yet; nothing is written with it
_CONNECTIONS = 4


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option(
    "--live",
    is_flag=True,
    help="Also ask Meta about token, numbers, app secret and subscription, and OpenAI about key and models.",
)
def doctor(as_json: bool, live: bool) -> None:
    """Check the deployment; exit code 0 when all is well, 1 with warnings, 2 with failures. It changes nothing."""
    findings = _findings(live)
    if as_json:
        click.echo(orjson.dumps(report.document(findings)))
    else:
        for line in report.lines(findings):
            click.echo(line)
    sys.exit(report.worst(findings))


def _findings(live: bool) -> list[Finding]:
    try:
        settings = load_settings()
        url = normalise_url(database_url(settings))
    except InvalidSettings as error:
        return [
            fail("settings", "a setting is wrong", str(error), "correct it; docs/settings.md explains each")
        ]
    # The clients of Redis and RabbitMQ cost memory that the other commands do without.
    from src.cli.checks.broker import broker  # noqa: PLC0415

    groups: dict[str, Group] = {
        "machine": lambda: machine(settings),
        "broker": lambda: broker(settings),
    }
    path = Path(url.database or "")
    if url.get_backend_name() == "sqlite" and not os.path.exists(path):
        return examine({**groups, "database": lambda: absent(path)})  # to open it would make it
    secret = _secret(settings)
    with closing(_instance(settings, Keyring(secret or _NO_KEY))) as instance:
        verify_token = instance.verify_token if settings.meta_verify_token or secret else None
        groups["database"] = lambda: store(settings, instance.database, secret is not None)
        groups["processes"] = lambda: life(settings, instance.database)
        groups["people"] = lambda: people(settings, instance.database)
        groups["money"] = lambda: spending(settings, instance.database)
        groups["tokens"] = lambda: tokens(instance)
        groups["public address"] = lambda: public(settings, verify_token)
        if live:
            groups["meta"] = lambda: meta(instance)
        if live and instance.openai is not None:
            client = instance.openai
            groups["model"] = lambda: model(settings, client)
        return examine(groups)


def _secret(settings: Settings) -> str | None:
    """The master key; None when there is none yet: a doctor makes no instance."""
    path = settings.released_home / "secret_key"
    try:
        return settings.secret_key or path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None


def _instance(settings: Settings, keyring: Keyring) -> Instance:
    database = Database(database_url(settings), keyring, _CONNECTIONS)
    openai = OpenAIClient(settings) if settings.openai_api_key else None
    return Instance(settings, keyring, database, MetaClient(settings.graph_url, 1), openai, api_key="")
