"""`released tokens`: how old Meta's tokens are, another now, a good one in the place of a dead one."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import select

from src.accounts.tokens.byhand import rotate_now, set_token
from src.accounts.tokens.status import TokenStatus, token_status
from src.cli.agents import opened
from src.core.database import now_ms
from src.core.errors import TokenNotGood
from src.core.instance import Instance

_File = click.Path(exists=True, dir_okay=False, path_type=Path)
_number = click.option(
    "--number", "phone_number_id", help="The Phone Number ID; without it, the instance's own token."
)


@click.group()
def tokens() -> None:
    """Meta's access tokens: they are rotated by themselves."""


@tokens.command("status")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def status(as_json: bool) -> None:
    """Every token's state and days, without the tokens. It asks nothing of Meta."""
    with opened() as instance, instance.database.read() as session:
        found = token_status(session, instance, _now(instance))
    if as_json:
        click.echo(json.dumps({"tokens": [_shown(one) for one in found]}))
    elif not found:
        click.echo(
            "no token has been looked at yet: that happens within two minutes of the first start, and never in sandbox mode"
        )
    for one in () if as_json else found:
        click.echo(_line(one))


def _shown(one: TokenStatus) -> dict[str, object]:
    told = asdict(one) | {"state": one.state, "missing": one.missing, "endless": one.age.endless}
    del told["age"], told["refused"]
    return told | {"days_left": round(one.age.days_left, 1)}


def _line(one: TokenStatus) -> str:
    words = [one.phone_number or one.holder, one.state]
    if one.expires_at is not None:
        words.append(f"ends {datetime.fromtimestamp(one.expires_at / 1000, UTC):%Y-%m-%d}")
    words.append(f"{one.age.days_left:.0f} days left" + (" to renew it" if one.age.endless else ""))
    if one.missing:
        words.append(f"lacks {' and '.join(one.missing)}")
    return "\t".join([*words, *([one.problem] if one.problem else [])])


@tokens.command("rotate")
@_number
def rotate(phone_number_id: str | None) -> None:
    """Exchange the token now; who has the old one may use it until it is revoked, some minutes later."""
    with opened() as instance:
        holder = rotate_now(instance, phone_number_id, _now(instance))
    click.echo(f"the token of {holder} is rotated; the old one is revoked within minutes")


@tokens.command("set")
@_number
@click.option("--token-file", type=_File, required=True, help="A file with the token.")
def set_by_hand(phone_number_id: str | None, token_file: Path) -> None:
    """Put a good token in the place of another; it counts at once, without a restart."""
    value = token_file.read_text(encoding="utf-8").strip()
    if not value or len(value.split()) > 1 or not value.isascii():
        raise TokenNotGood(f"{token_file} must hold one token and nothing else")
    with opened() as instance:
        holder = set_token(instance, phone_number_id, value, _now(instance))
    click.echo(f"the token of {holder} counts from now on")


def _now(instance: Instance) -> int:
    with instance.database.read() as session:
        now: int = session.execute(select(now_ms())).scalar_one()
    return now
