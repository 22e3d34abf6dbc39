"""`released audit`: who changed or read what, and whether the log is whole."""

import json
import sys
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import click

from src.accounts.retention import FORGOTTEN, KEY_DESTROYED, over_age
from src.core import audit as log
from src.core.database import AnyRow
from src.core.instance import open_instance
from src.core.settings import load_settings


@click.group()
def audit() -> None:
    """The audit log: who changed or read what, and when."""


@audit.command("verify")
@click.option("--head", help="A head that was written down before: it must still be in the log.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def verify(head: str | None, as_json: bool) -> None:
    """Follow the chain from its first entry. Exit code 1 where it is broken.

    An end that was cut off shows only by a head that you kept elsewhere: keep the last one, and give it with --head.
    """
    with closing(open_instance(load_settings())) as instance, instance.database.read() as session:
        found = log.verify(session)
        is_known = head is None or log.holds(session, head)
    broken = found.reason or (None if is_known else f"no entry has the hash {head}: the end was cut off")
    if as_json:
        click.echo(
            json.dumps({"ok": broken is None, "entries": found.entries, "head": found.head, "reason": broken})
        )
    elif broken:
        click.echo(f"broken: {broken}; {found.entries:,} entries before it are whole")
    else:
        click.echo(f"{found.entries:,} entries, unbroken; head {found.head}")
    sys.exit(1 if broken else 0)


@audit.command("list")
@click.option("--about", help="Only what concerns this: an agent's id, or such as `conversation 12`.")
@click.option("--count", type=click.IntRange(1, 100_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def list_entries(about: str | None, count: int, as_json: bool) -> None:
    """Show the last entries, newest first. Of what was changed only keyed hashes are kept."""
    with closing(open_instance(load_settings())) as instance, instance.database.read() as session:
        rows = log.latest(session, count, about)
    if as_json:
        click.echo(json.dumps([_entry(row) for row in rows]))
        return
    for row in rows:
        click.echo(f"{row.number:>7}  {_time(row.at)}  {row.actor:<22}  {row.action:<20}  {row.object}")


@audit.command("certificate")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on (UTC); else from the beginning."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def certificate(since: datetime | None, as_json: bool) -> None:
    """Show what was forgotten and when. Exit code 1 where the log is broken, or something is over age.

    It rests on the log's chain: whoever was given the head of one day sees with `verify --head` that it still holds.
    """
    begins = 0 if since is None else int(since.replace(tzinfo=UTC).timestamp() * 1000)
    with closing(open_instance(load_settings())) as instance, instance.database.read() as session:
        chain = log.verify(session)
        rows = log.of_actions(session, (FORGOTTEN, KEY_DESTROYED), begins)
        left = sum(over_age(instance).values())
        days = instance.settings.retention_days
    told = {
        "retention_days": days,
        "forgotten": [
            {"number": row.number, "at": row.at, "action": row.action, "what": row.object} for row in rows
        ],
        "over_age_now": left,
        "log": {"entries": chain.entries, "head": chain.head, "broken": chain.reason},
    }
    if as_json:
        click.echo(json.dumps(told))
    else:
        _read_out(told)
    sys.exit(1 if chain.reason or left else 0)


def _read_out(told: dict[str, Any]) -> None:
    for one in told["forgotten"]:
        click.echo(f"{_time(one['at'])}  {one['action']:<13}  {one['what']}")
    click.echo(f"{told['over_age_now']:,} rows are older than {told['retention_days']} days now.")
    chain = told["log"]
    state = (
        f"is broken: {chain['broken']}" if chain["broken"] else f"is unbroken; its head is {chain['head']}"
    )
    click.echo(f"The log of {chain['entries']:,} entries {state}")


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _entry(row: AnyRow) -> dict[str, Any]:
    hashes = {name: getattr(row, name) for name in ("before", "after", "hash")}
    told = {name: bytes(value).hex() if value is not None else None for name, value in hashes.items()}
    return {
        "number": row.number,
        "at": row.at,
        "actor": row.actor,
        "action": row.action,
        "object": row.object,
        **told,
    }
