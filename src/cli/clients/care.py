"""The care of a fleet: list, start and stop, upgrade, back up, remove."""

import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from src.accounts.backup import beside
from src.cli.clients import runners
from src.cli.clients.door import Door
from src.cli.clients.folder import Client, Trouble, every_client, home, known, only_one, private
from src.cli.clients.strict import Misuse, Strict
from src.cli.clients.supervised import environment, released

_HEAD = ("NAME", "NUMBER", "KIND", "PORT", "DOMAIN", "STATE", "VERSION")
_CHECK_SECONDS = 3

_RETENTION_SECONDS = 14 * 24 * 3600.0  # the longest that a client may have


def _chosen(names: tuple[str, ...], everyone: bool) -> list[Client]:
    if bool(names) == everyone:
        raise Misuse("name the clients, or --all of them (-h explains)")
    chosen = [one for one in every_client() if one.is_whole] if everyone else [known(name) for name in names]
    for client in chosen:
        if not client.is_whole:
            raise Trouble(
                f"{client.name} was not made to the end: repeat ./scripts/provision_client.sh {client.name} +PHONE"
            )
    return chosen


@click.command("list", cls=Strict)
def list_all() -> None:
    """Every client: number, kind, port, domain, state (healthy, unwell, stopped, unfinished), version."""
    rows = [_HEAD, *(_row(client) for client in every_client())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _row(client: Client) -> tuple[str, ...]:
    if not client.is_whole:
        return (client.name, "-", "-", "-", "-", "unfinished", "-")
    about, door = client.about(), Door(client)
    if not runners.runner_of(client).is_running():
        state, version = "stopped", None
    else:
        state, version = "healthy" if door.is_ready() else "unwell", door.version()
    told = (about["phone_number"], about["kind"], client.env()["PORT"], about["domain"] or "-")
    return (client.name, *told, state, version or "-")


@click.command(cls=Strict)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everyone", is_flag=True, help="Every client.")
def start(names: tuple[str, ...], everyone: bool) -> None:
    """Start clients and wait until they are ready."""
    for client in _chosen(names, everyone):
        with only_one(client.folder):
            runners.start(client)
        click.echo(f"{client.name} is ready")


@click.command(cls=Strict)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everyone", is_flag=True, help="Every client.")
def stop(names: tuple[str, ...], everyone: bool) -> None:
    """Stop clients; what is in flight has its time, and what waits is answered after the next start."""
    for client in _chosen(names, everyone):
        with only_one(client.folder):
            runners.runner_of(client).stop()
        click.echo(f"{client.name} is stopped")


@click.command(cls=Strict)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everyone", is_flag=True, help="Every client.")
@click.option(
    "--canary", is_flag=True, help="The first one first; the others only when it works and answers."
)
def upgrade(names: tuple[str, ...], everyone: bool, canary: bool) -> None:
    """Have clients run this version of Released, one after another; ends at the first that does not work."""
    running = [client for client in _chosen(names, everyone) if _is_running(client)]
    for number, client in enumerate(running):
        with only_one(client.folder):
            trouble = _renew(client)
        left = [one.name for one in running[number + 1 :]]
        if trouble:
            untouched = f"; left as they were: {', '.join(left)}" if left else ""
            raise Trouble(f"{client.name} does not work after its upgrade: {trouble}{untouched}")
        click.echo(f"{client.name} runs {Door(client).version()}")
        if canary and not number and left:
            _watch(client, left)


def _is_running(client: Client) -> bool:
    running = runners.runner_of(client).is_running()
    if not running:
        click.echo(f"{client.name} is stopped; its next start runs this version")
    return running


def _renew(client: Client) -> str | None:
    """What is wrong after the upgrade; None when the client works and answers."""
    try:
        runners.renew(client)
        return Door(client).check_answers()
    except Trouble as error:
        return error.detail


def _watch(client: Client, left: list[str]) -> None:
    """A while later the canary must still work. Raises `Trouble`."""
    ends = time.monotonic() + _CHECK_SECONDS
    while time.monotonic() < ends:
        time.sleep(0.5)
        if not Door(client).is_ready():
            raise Trouble(
                f"{client.name} fell ill after its upgrade: {runners.runner_of(client).trouble()}; "
                f"left as they were: {', '.join(left)}"
            )


@click.command(cls=Strict)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everyone", is_flag=True, help="Every client.")
def backup(names: tuple[str, ...], everyone: bool) -> None:
    """Write clients into sealed files in the folder `.backups` beside them."""
    for client in _chosen(names, everyone):
        with only_one(client.folder):
            click.echo(_back_up(client))


def _back_up(client: Client) -> str:
    folder = private(home() / ".backups")
    key = folder / "key"
    with only_one(folder):
        if not key.exists():
            _make_key(key)
    to = folder / f"{client.name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.backup"
    runners.runner_of(client).backup(to, key)
    beside.renew_all(folder, int((time.time() - _RETENTION_SECONDS) * 1000))
    return f"{client.name} is in {to}; {key} opens it: keep a copy of both on another machine"


def _make_key(key: Path) -> None:
    new = key.with_name("key.new")
    new.unlink(missing_ok=True)
    done = subprocess.run(
        released("backup", "--new-key", str(new)),
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Trouble(f"no key for backups could be made: {done.stderr.strip()}")
    new.rename(key)


@click.command(cls=Strict)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--purge", is_flag=True, help="Without a last backup.")
def remove(name: str, yes: bool, purge: bool) -> None:
    """End a client and delete all that it has; a last backup stays unless it is purged."""
    if not Client(name).folder.is_dir():
        click.echo(f"{name} is not there")
        return
    client = known(name)
    if not yes:
        if not sys.stdin.isatty():
            raise Misuse(f"to remove {name} without a terminal, give --yes")
        if click.prompt(f"All that {name} has is deleted. Write its name to go on") != name:
            raise Trouble(f"{name} was not removed: that was another name")
    with only_one(client.folder):
        if client.is_whole:
            if not purge:
                click.echo(_back_up(client))
            runner = runners.runner_of(client)
            runner.stop()
            runner.erase()
        _delete(client)
    click.echo(f"{name} is removed")


def _delete(client: Client) -> None:
    """Out of the way at once, so that no half of it can be taken for a client; then deleted."""
    client.folder.rename(home() / f".removed-{client.name}-{time.time_ns()}")
    for folder in home().glob(".removed-*"):  # another removal may have been cut off here
        shutil.rmtree(folder, ignore_errors=True)
