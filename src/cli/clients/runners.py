"""The three ways in which a client's instance runs: a supervised process, a unit of systemd, containers."""

import os
import time
from pathlib import Path
from typing import Protocol

from src.cli.clients.containers import Containers
from src.cli.clients.docker import compose_command
from src.cli.clients.door import Door
from src.cli.clients.folder import Client, Trouble, write_whole
from src.cli.clients.supervised import Supervised
from src.cli.clients.unit import Unit


class Runner(Protocol):
    """Starts and stops one client. Every verb may be repeated."""

    patience: int  # seconds within which it is ready

    def start(self) -> None:
        """Runs, also after this process has ended."""

    def stop(self) -> None:
        """Runs no more; what is in flight has had its time."""

    def renew(self) -> None:
        """Runs this version of Released."""

    def backup(self, to: Path, key: Path) -> None:
        """Writes it into one sealed file."""

    def is_running(self) -> bool:
        """True while it runs, ready or not."""

    def is_failing(self) -> bool:
        """True when it ends again and again: waiting would not help."""

    def erase(self) -> None:
        """Forgets what lies outside the client's folder."""

    def trouble(self) -> str:
        """Where to look, and what it said last."""


_KINDS: dict[str, type[Supervised] | type[Unit] | type[Containers]] = {
    "process": Supervised,
    "systemd": Unit,
    "docker": Containers,
}


def runner_of(client: Client) -> Runner:
    """The way in which this client runs."""
    return _KINDS[client.about()["kind"]](client)


def kind_here(embedded: bool) -> str:
    """Which way a new client gets on this machine. Raises `Trouble` when it has no Docker for one."""
    if not embedded:
        compose_command()
        return "docker"
    own_systemd = Path(os.environ.get("XDG_RUNTIME_DIR", "/nonexistent")) / "systemd/private"
    is_systemd = Path("/run/systemd/system").is_dir() and (os.geteuid() == 0 or own_systemd.exists())
    return "systemd" if is_systemd else "process"


def start(client: Client) -> None:
    """Returns when the instance runs with its present settings and is ready. Safe to repeat. Raises `Trouble`."""
    runner, begun = runner_of(client), client.folder / "begun"
    wanted = client.fingerprint()
    if not begun.exists() or begun.read_text(encoding="utf-8") != wanted:
        runner.stop()
        write_whole(begun, wanted)
    runner.start()
    _wait_until_ready(client, runner)


def renew(client: Client) -> None:
    """Returns when the instance runs this version of Released and is ready. Raises `Trouble`."""
    runner = runner_of(client)
    write_whole(client.folder / "begun", client.fingerprint())
    runner.renew()
    _wait_until_ready(client, runner)


def _wait_until_ready(client: Client, runner: Runner) -> None:
    """Returns when the instance takes and answers messages. Raises `Trouble` with what it said last."""
    door = Door(client)
    ends = time.monotonic() + runner.patience
    while not door.is_ready():
        if runner.is_failing():
            raise Trouble(f"{client.name} ends again and again: {runner.trouble()}")
        if time.monotonic() > ends:
            raise Trouble(f"{client.name} is not ready after {runner.patience} s: {runner.trouble()}")
        time.sleep(0.1)
