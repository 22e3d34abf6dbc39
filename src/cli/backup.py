"""`released backup` and `released restore`: an instance in one sealed file, and again from it."""

import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from src.accounts.backup import beside, keys
from src.accounts.backup.archive import About, Sum
from src.accounts.backup.errors import NoBackup
from src.accounts.backup.keys import Key
from src.accounts.backup.record import recorded
from src.accounts.backup.restore import check, restore
from src.accounts.backup.take import take
from src.core.api_key_text import new_key
from src.core.database import Database
from src.core.instance import database_url
from src.core.keyring import Keyring
from src.core.security import secret_file
from src.core.settings import API_KEY_SHORTEST, SECRET_KEY_SHORTEST, Settings, load_settings

_Path = click.Path(dir_okay=False, path_type=Path)


def _locks(command: Callable[..., Any]) -> Callable[..., Any]:
    """The two options that say what the backup is sealed with."""
    for name, what in (
        ("--passphrase-file", "with the passphrase in it"),
        ("--key-file", "made by --new-key"),
    ):
        command = click.option(
            name,
            type=_Path,
            envvar=f"RELEASED_BACKUP_{name[2:].upper().replace('-', '_')}",
            show_envvar=True,
            help=f"A file {what}.",
        )(command)
    return command


@click.command("backup")
@click.option("--to", type=_Path, help="The file to write; else a new one in RELEASED_HOME/backups.")
@_locks
@click.option(
    "--keys/--no-keys",
    "with_keys",
    default=True,
    show_default=True,
    help="Whether master key and API key are in it.",
)
@click.option("--new-key", type=_Path, help="Make a key file here, and nothing else.")
@click.option(
    "--renew",
    type=_Path,
    help="Take the keys of days that are over age out of this FILE.keys, and do nothing else.",
)
def backup(
    to: Path | None,
    key_file: Path | None,
    passphrase_file: Path | None,
    with_keys: bool,
    new_key: Path | None,
    renew: Path | None,
) -> None:
    """Write the whole instance into one sealed file, while it runs."""
    if new_key is not None:
        _make_key(new_key)
        return
    settings = load_settings()
    if renew is not None:
        gone = beside.renew(renew, int(time.time() * 1000) - settings.retention_days * 24 * 3600 * 1000)
        click.echo(f"{renew}: {gone} keys of days that are over age are gone")
        return
    secret = _master_key(settings)
    key = _key(key_file, passphrase_file, confirm=True)
    kept = {"secret_key": secret, "api_key": _api_key(settings)} if with_keys else {}
    began = time.monotonic()
    with closing(Database(database_url(settings), Keyring(secret))) as database, _Progress() as progress:
        target = to or _new_name(settings)
        with recorded(database, target):
            taken = take(database, settings, kept, target, key, progress.tell)
    click.echo(
        f"{target}: {_sizes(taken.parts)}, {taken.size / 1e6:,.1f} MB in {time.monotonic() - began:.1f} s"
    )
    if to is None:
        click.echo("It lies on the disk of the instance: copy it to another machine.")


@click.command("restore")
@click.argument("file", type=_Path)
@_locks
@click.option("--keys-file", type=_Path, help="The file with its data keys; else FILE.keys.")
@click.option("--check", "only_check", is_flag=True, help="Only read the whole backup and say what is in it.")
def restore_command(
    file: Path, key_file: Path | None, passphrase_file: Path | None, keys_file: Path | None, only_check: bool
) -> None:
    """Make an instance from the backup in FILE, where there is none yet."""
    key = _key(key_file, passphrase_file, confirm=False)
    if only_check:
        found = check(file, key)
        click.echo(f"{file} is whole: {_origin(found.about)}")
        for part in found.parts:
            rows = f"{part.rows:>12,} rows" if part.kind == "table" else " " * 17
            click.echo(
                f"  {part.kind:6} {part.name:16} {rows} {part.bytes:>14,} bytes  sha256 {part.sha256[:16]}"
            )
        return
    began = time.monotonic()
    with _Progress() as progress:
        done = restore(file, key, load_settings(), progress.tell, keys_file)
    click.echo(
        f"Restored {_sizes(done.found.parts)} in {time.monotonic() - began:.1f} s: {_origin(done.found.about)}"
    )
    if done.found.about.in_use:
        click.echo(
            "What was under way at that moment is not done again: conversations that were due wait for a person."
        )
    for table, count in done.forgotten.items():
        click.echo(
            f"{count:,} rows of {table} cannot be read any more: their days are over age. They go with the next purge."
        )
    for path in done.aside:
        click.echo(f"What was there before is kept as {path}")


def _make_key(path: Path) -> None:
    keys.make_key_file(path)
    click.echo(
        f"{path} opens the backups that are made with it. Keep a copy elsewhere: without it they are lost."
    )


def _key(key_file: Path | None, passphrase_file: Path | None, confirm: bool) -> Key:
    if key_file is not None and passphrase_file is not None:
        raise NoBackup("a backup has a key file or a passphrase, not both: leave one of them out")
    if key_file is not None:
        return keys.read_key_file(key_file)
    if passphrase_file is not None:
        return keys.read_passphrase(passphrase_file)
    if not sys.stdin.isatty():
        raise NoBackup(
            "say what seals the backup: --key-file FILE (made by --new-key FILE) or --passphrase-file FILE"
        )
    return keys.passphrase(click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True))


def _master_key(settings: Settings) -> str:
    """The instance's master key, which must be there: a backup makes no instance. Raises `NoBackup`."""
    path = settings.released_home / "secret_key"
    if settings.secret_key is None and not path.exists():
        raise NoBackup(
            f"there is no instance in {settings.released_home}: set RELEASED_HOME to the folder of one"
        )
    return settings.secret_key or secret_file(path, SECRET_KEY_SHORTEST)


def _api_key(settings: Settings) -> str:
    return settings.api_key or secret_file(settings.released_home / "api_key", API_KEY_SHORTEST, new_key)


def _new_name(settings: Settings) -> Path:
    folder = settings.released_home / "backups"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise NoBackup(f"{folder} cannot be made ({error.strerror}): name a file with --to") from None
    return folder / time.strftime("released-%Y%m%dT%H%M%SZ.backup", time.gmtime())


def _origin(about: About) -> str:
    made = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(about.made_at / 1000))
    state = "while it ran" if about.in_use else "while it rested"
    return f"Released {about.version}, schema {about.revision}, {about.dialect}, of {made}, {state}"


def _sizes(parts: list[Sum]) -> str:
    return (
        f"{sum(part.rows for part in parts):,} rows of {sum(part.kind == 'table' for part in parts)} tables"
    )


class _Progress:
    """One line on a terminal that says how far it is; nothing elsewhere."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)

    def tell(self, line: str) -> None:
        """Shows the line in the place of the last."""
        if self._shown:
            click.echo(f"\r\x1b[K{line}", nl=False, err=True)
