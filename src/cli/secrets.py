"""`released secrets`: the keys that protect what is stored."""

import secrets as random
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import click
from sqlalchemy import select

from src.accounts.secrets import WAIT_SECONDS
from src.accounts.secrets import rotate as rotate_all
from src.core.errors import InvalidSettings
from src.core.instance import Instance, open_instance
from src.core.key_tables import data_keys
from src.core.keyring import masters
from src.core.settings import load_settings


@click.group("secrets")
def secrets() -> None:
    """The keys that protect what is stored: see them, change them."""


@secrets.command("status")
def status() -> None:
    """How many data keys there are, and of which days."""
    with closing(open_instance(load_settings())) as instance, instance.database.read() as session:
        rows = session.execute(select(data_keys).order_by(data_keys.c.begins_at)).all()
    counted = Counter(row.purpose for row in rows)
    days = [row.begins_at for row in rows if row.ends_at is not None]
    for purpose, count in counted.items():
        click.echo(f"{purpose:<8} {count:>3}")
    if days:
        first, last = (time.strftime("%Y-%m-%d", time.gmtime(at / 1000)) for at in (days[0], days[-1]))
        click.echo(f"contents can be read of {first} and later; keys are there until {last}")


@secrets.command("rotate")
@click.option(
    "--new-master",
    is_flag=True,
    help="Make another master key too, where it lies in RELEASED_HOME/secret_key.",
)
@click.option(
    "--wait",
    type=click.FloatRange(0),
    default=WAIT_SECONDS,
    show_default=True,
    help="Seconds until every process knows a new key; 0 where none runs.",
)
def rotate(new_master: bool, wait: float) -> None:
    """Seal every secret anew, and wrap the data keys with the newest master key, while the instance runs."""
    settings = load_settings()
    path = settings.released_home / "secret_key"
    if new_master and settings.secret_key:
        raise InvalidSettings(
            "SECRET_KEY is set in the environment: put a new key and a comma before it there, start every process "
            "again, run `released secrets rotate`, and then take the old one out"
        )
    with closing(open_instance(settings)) as instance:
        if new_master:
            old = path.read_text(encoding="ascii").strip()
            _write(path, f"{random.token_urlsafe(32)},{old}")
            _tell(f"waiting {wait:.0f} s until every process knows the new master key")
            time.sleep(wait)
            instance.database.keyring.look()
        done = rotate_all(instance.database, _tell, wait)
    if new_master:
        _write(path, path.read_text(encoding="ascii").strip().split(",")[0])
    click.echo(
        f"{done.keys} data keys wrapped, {done.secrets:,} secrets sealed anew; the former key is destroyed"
    )
    _say_what_is_left(instance, new_master)


def _say_what_is_left(instance: Instance, new_master: bool) -> None:
    several = len(masters(instance.settings.secret_key or "")) > 1
    if several:
        click.echo("SECRET_KEY needs its first key alone from now on: take the others out, and start again.")
    if new_master:
        click.echo(
            "Copies of the former secret_key open nothing that is stored from now on; old backups need it."
        )


def _write(path: Path, text: str) -> None:
    """The file's new contents, whole or not at all, for its owner alone."""
    fresh = path.with_name(f"{path.name}.{random.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_text(text + "\n", encoding="ascii")
    fresh.replace(path)


def _tell(line: str) -> None:
    click.echo(line, err=True)
