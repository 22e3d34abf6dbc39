"""`released logs`: one message's life across processes, from the database and from log files."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TextIO

import click

from src.cli.agents import opened
from src.core.errors import Refusal
from src.messages import trail as trails
from src.messages.trail import Step, Trail

_HEAD = ("at", "source", "event")
_TOLD = ("ts", "event", "process")
_FILE = click.File("r", encoding="utf-8", errors="replace")


@click.command("logs")
@click.option("--turn", "turn_id", type=int, help="A turn's id, as log lines tell it.")
@click.option("--message", "message_id", type=int, help="A message's id: 12 where the API says m12.")
@click.option(
    "--file", "files", type=_FILE, multiple=True, help="Log lines to look through; - is standard input."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def logs(turn_id: int | None, message_id: int | None, files: tuple[TextIO, ...], as_json: bool) -> None:
    """Show what became of a message, by time: from webhook through turn and send to receipt.

    The database always tells; matching lines of the processes' logs join it:

    \b
    docker compose logs --no-color web worker |
    docker compose exec -T web released logs --turn 12 --file -
    """
    if (turn_id is None) == (message_id is None):
        raise click.UsageError("name one of --turn and --message")
    trail = _trail(turn_id, message_id)
    for file in files:
        trail.steps += _matching(file, trail)
    trail.steps.sort(key=lambda step: step["at"])
    if as_json:
        found = {name: sorted(values) for name, values in trail.ids.items()}
        answer = {"conversation_id": trail.conversation_id, "ids": found, "steps": trail.steps}
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        _show(trail)


def _trail(turn_id: int | None, message_id: int | None) -> Trail:
    with opened() as instance, instance.database.read() as session:
        if turn_id is not None:
            found = trails.of_turn(session, turn_id)
        else:
            found = trails.of_message(session, message_id or 0)
    if found is None:
        what = f"turn {turn_id}" if turn_id is not None else f"message {message_id}"
        raise Refusal(f"there is no {what} in this instance's database")
    return found


def _matching(lines: Iterable[str], trail: Trail) -> list[Step]:
    """The JSON lines that name one of the trail's ids; before a line may stand what Docker writes there."""
    steps = []
    for line in lines:
        before, brace, rest = line.partition("{")
        told = _read(brace + rest)
        if told is not None and any(told.get(name) in values for name, values in trail.ids.items()):
            source = before.strip(" |\t") or told.get("process", "log")
            facts = {key: value for key, value in told.items() if key not in _TOLD and value is not None}
            steps.append({"at": _ms(told["ts"]), "source": source, "event": told["event"], **facts})
    return steps


def _read(text: str) -> dict[str, Any] | None:
    try:
        told = json.loads(text)
        _ms(told["ts"])
        return told if isinstance(told["event"], str) else None
    except (ValueError, KeyError, TypeError):
        return None  # another program's line


def _ms(timestamp: str) -> int:
    return round(datetime.fromisoformat(timestamp).timestamp() * 1000)


def _show(trail: Trail) -> None:
    begin = trail.steps[0]["at"] if trail.steps else 0
    rows = [
        (
            _time(step["at"]),
            f"{(step['at'] - begin) / 1000:+.3f} s",
            str(step["source"]),
            str(step["event"]),
            " ".join(f"{key}={_shown(key, value)}" for key, value in step.items() if key not in _HEAD),
        )
        for step in trail.steps
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)] if rows else []
    click.echo(f"conversation {trail.conversation_id}; times in UTC")
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        click.echo("  ".join([*cells, row[4]]).rstrip())


def _shown(key: str, value: Any) -> str:
    return _time(value).replace(" ", "T") if key.endswith("_at") else str(value)


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(" ", "milliseconds")[:-6]
