"""`released costs`: what the model and Meta's replies have cost."""

import json
from collections.abc import Sequence
from typing import Any

import click

from src.accounts.agents import expect_ever
from src.cli.agents import opened
from src.messages import fees
from src.messages.brain.costs import costs as spent
from src.messages.brain.costs import free_replies, totals

_HEAD = ("day", "agent", "what for", "model", "calls", "in", "cached", "out", "US$")
_WORDS = 4  # columns of words; the others are figures


@click.command("costs")
@click.option("--days", type=click.IntRange(1, 3_660), default=30, show_default=True, help="UTC days back.")
@click.option("--agent", "agent_id", help="Only this agent.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON document; costs in millionths of a US dollar."
)
def costs(days: int, agent_id: str | None, as_json: bool) -> None:
    """Show calls, tokens and dollars by day, agent, model and purpose, and Meta's fees for replies."""
    with opened() as instance, instance.database.read() as session:
        rows = [row for row in spent(session, days) if agent_id in (None, row["agent_id"])]
        if agent_id is not None and not rows:
            expect_ever(session, agent_id)
        numbers = free_replies(session, instance.settings)
    if as_json:
        click.echo(json.dumps({"days": days, "rows": rows, "totals": totals(rows), "numbers": numbers}))
        return
    _show(rows)
    for number in numbers:
        told = f"{number['replies']:,} replies this month, {number['free_left']:,} more are free"
        click.echo(f"{number['phone_number']}: {told}")


def _show(rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        click.echo("nothing was spent")
        return
    lines = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    for line in lines:
        cells = [
            cell.ljust(width) if column < _WORDS else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())
    whole = totals(rows)
    model, meta = whole["cost"] - whole["fees"], whole["fees"]
    click.echo(
        f"\n{_dollars(whole['cost'])} US$: {_dollars(model)} for {whole['calls']:,} calls of models, "
        f"{_dollars(meta)} to Meta for {whole['replies']:,} replies"
    )


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    is_meta = row["purpose"] == fees.PURPOSE
    tokens = ("", "", "") if is_meta else (row["input_tokens"], row["cached_tokens"], row["output_tokens"])
    words = (row["day"], row["agent_id"] or "–", "Meta's fee" if is_meta else row["purpose"], row["model"])
    shown = (f"{count:,}" if isinstance(count, int) else count for count in (row["calls"], *tokens))
    return (*words, *shown, _dollars(row["cost"]))


def _dollars(millionths: int) -> str:
    return f"{millionths / 1_000_000:,.6f}"
