"""`released audit`: who changed or read what, and whether the log is whole."""

import json
import sys
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import click

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
        at = datetime.fromtimestamp(row.at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
        click.echo(f"{row.number:>7}  {at}  {row.actor:<22}  {row.action:<20}  {row.object}")


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
