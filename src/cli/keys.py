"""`released keys`: who else may ask the API, and for what."""

import json
import re
from datetime import datetime
from typing import Any

import click
from sqlalchemy import select

from src.accounts import keys as accounts
from src.accounts.key_holder import OWNER, Scope
from src.accounts.keys import KeyInput
from src.cli.agents import checked, opened
from src.core.database import now_ms

_HEADS = ("ID", "STATUS", "TENANT", "SCOPES", "EXPIRES", "LAST USED", "NAME")
_SPAN = re.compile(r"([1-9]\d{0,4})([hd])")
_MS = {"h": 3_600_000, "d": 86_400_000}

_json = click.option("--json", "as_json", is_flag=True, help="What the API would answer.")


@click.group()
def keys() -> None:
    """Keys of the API: list, add, revoke."""


@keys.command("list")
@_json
def list_all(as_json: bool) -> None:
    """Every key but the instance's first."""
    with opened() as instance, instance.database.read() as session:
        found = accounts.list_keys(session, OWNER)
    if as_json:
        _print({"keys": found})
        return
    rows = [_HEADS, *map(_row, found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _row(key: dict[str, Any]) -> tuple[str, ...]:
    return (
        key["key_id"],
        key["status"],
        key["tenant"] or "all",
        " ".join(key["scopes"]),
        _when(key["expires_at"]),
        _when(key["last_used_at"]),
        key["name"],
    )


def _when(at: int | None) -> str:
    return "never" if at is None else datetime.fromtimestamp(at / 1000).strftime("%Y-%m-%d %H:%M")


@keys.command("add")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    required=True,
    help="What it may; as often as there are scopes.",
)
@click.option("--tenant", help="Only what belongs to this tenant is there for it.")
@click.option("--expires", help="When it ends by itself: 90d, 12h.")
@_json
def add(name: str, scopes: tuple[str, ...], tenant: str | None, expires: str | None, as_json: bool) -> None:
    """Make a key; NAME says for whom or what. Its text is shown once."""
    span = None if expires is None else _span(expires)
    with opened() as instance, instance.database.transaction() as session:
        now: int = session.execute(select(now_ms())).scalar_one()
        end = None if span is None else now + span
        given = checked(KeyInput, name=name, scopes=scopes, tenant=tenant, expires_at=end)
        made = accounts.make_key(session, instance.keyring, OWNER, given)
    if as_json:
        _print(made)
        return
    click.echo(made["key"])
    click.echo(f"This is the key {made['key_id']}. Keep it now: it is not shown again.", err=True)


def _span(written: str) -> int:
    match = _SPAN.fullmatch(written)
    if match is None:
        raise click.BadParameter("must be days or hours, such as 90d or 12h", param_hint="--expires")
    return int(match[1]) * _MS[match[2]]


@keys.command("revoke")
@click.argument("key_id")
def revoke(key_id: str) -> None:
    """End the key KEY_ID: it opens nothing from now on, in any process."""
    with opened() as instance, instance.database.transaction() as session:
        accounts.revoke_key(session, OWNER, key_id)
    click.echo(f"{key_id} is revoked")


def _print(answer: dict[str, Any]) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False))
