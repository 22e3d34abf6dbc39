"""`released …`: the platform from a shell."""

import getpass
import os

import click

from src import VERSION
from src.cli.lazy import Lazy
from src.core.actor import acting
from src.core.trouble import one_line

_COMMANDS = {
    "up": "src.cli.up:up",
    "web": "src.cli.web:web",
    "sandbox": "src.cli.sandbox:sandbox",
    "migrate": "src.cli.migrate:migrate",
    "agent": "src.cli.agents:agent",
    "faqs": "src.cli.agents:faqs",
    "numbers": "src.cli.agents:numbers",
    "keys": "src.cli.keys:keys",
    "conversations": "src.cli.conversations:conversations",
    "customers": "src.cli.customers:customers",
    "data": "src.cli.customers:customers",  # by the name that scripts know
    "eval": "src.cli.evaluate:evaluate",
    "replay": "src.cli.replay:replay",
    "costs": "src.cli.costs:costs",
    "clients": "src.cli.clients:clients",
    "backup": "src.cli.backup:backup",
    "restore": "src.cli.backup:restore_command",
    "doctor": "src.cli.doctor:doctor",
    "purge": "src.cli.purge:purge",
    "audit": "src.cli.audit:audit",
    "logs": "src.cli.logs:logs",
    "tokens": "src.cli.tokens:tokens",
    "secrets": "src.cli.secrets:secrets",
}


@click.group(cls=Lazy, lazy=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="released")
def released() -> None:
    """Right answers on WhatsApp from a business's own FAQs, with a person one step away."""


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"user {os.getuid()}"


def main() -> None:
    """Runs `released`; a mistake is one line on standard error and exit code 1 or 2, never a traceback."""
    with one_line("released"), acting(f"shell of {_user()}"):
        released(prog_name="released")
