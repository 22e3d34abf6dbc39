"""`released …`: the platform from a shell."""

import sys

import click

from src import VERSION
from src.cli.agents import agent, faqs, numbers
from src.cli.backup import backup, restore_command
from src.cli.clients import clients
from src.cli.conversations import conversations
from src.cli.costs import costs
from src.cli.doctor import doctor
from src.cli.evaluate import evaluate
from src.cli.gate import derive_set, gate
from src.cli.handoff import handoff
from src.cli.logs import logs
from src.cli.replay import replay
from src.cli.sandbox import sandbox
from src.cli.up import up
from src.cli.versions import publish, rollback, versions
from src.cli.web import web
from src.core import schema
from src.core.errors import InvalidSettings, MetaError, Refusal, SchemaNewer
from src.core.instance import open_instance
from src.core.settings import load_settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="released")
def released() -> None:
    """Right answers on WhatsApp from a business's own FAQs, with a person one step away."""


@released.command()
@click.option(
    "--to", help="Go back to this older revision, before an older version of Released is installed."
)
def migrate(to: str | None) -> None:
    """Bring the database to this version's schema."""
    instance = open_instance(load_settings())
    before = schema.revision(instance.database)
    schema.migrate(instance.database, to or "head")
    after = schema.revision(instance.database)
    click.echo(f"schema {after}" + (" (nothing to do)" if before == after else f" (was {before or 'empty'})"))
    instance.close()


for command in (
    up,
    web,
    sandbox,
    agent,
    faqs,
    numbers,
    conversations,
    evaluate,
    replay,
    costs,
    clients,
    backup,
    restore_command,
    doctor,
    logs,
):
    released.add_command(command)
for command in (handoff, versions, gate, derive_set, publish, rollback):
    agent.add_command(command)


def main() -> None:
    """Runs `released`; a mistake is one line on standard error and exit code 1 or 2, never a traceback."""
    try:
        released(prog_name="released")
    except (InvalidSettings, SchemaNewer, Refusal, MetaError) as error:
        detail = error.detail if isinstance(error, Refusal) else str(error)
        print(f"released: {detail}", file=sys.stderr)
        sys.exit(1)
