"""`released clients …`: an instance for each client of this machine, and their care."""

import click

from src.cli.clients.care import backup, list_all, remove, start, stop, upgrade
from src.cli.clients.provision import add


@click.group()
def clients() -> None:
    """An instance per client: add, list, start, stop, upgrade, backup, remove."""


for command in (add, list_all, start, stop, upgrade, backup, remove):
    clients.add_command(command)
