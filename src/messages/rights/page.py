"""The document about a customer as a page that a person reads: one file that needs nothing else but the media beside it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from src.messages import hearing
from src.messages.content import said_by_customer, said_by_us
from src.messages.rights.headings import HEADINGS

Json = dict[str, Any]

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def written(document: Json, language: str) -> str:
    """HTML with headings in `language` (`es`, `pt-BR`, `en`); everything that somebody wrote is escaped.

    What was said, by whom and why, notes, alerts, tools, costs, readings; every field of all is in the document itself.
    """
    return _templates.get_template("page.html").render(
        tag=language,
        say=HEADINGS[language],
        document=document,
        talks=[{**one, "lines": _lines(one)} for one in document["conversations"]],
        called=_called(document["customers"]),
        clock=clock,
        source=source,
    )


def clock(ms: int | None) -> str:
    """A time of the document's, in UTC."""
    return "–" if ms is None else datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def source(media: Json) -> str | None:
    """Where a page finds a file's bytes: beside it, or in itself; None where they are not there."""
    if "file" in media:
        return str(media["file"])
    kind = (
        media["mime"] if str(media["mime"]).startswith(("image/", "audio/")) else "application/octet-stream"
    )
    return f"data:{kind};base64,{media['base64']}" if "base64" in media else None


def _called(customers: list[Json]) -> list[str]:
    """Everything that is known of who they are, each once."""
    return list(dict.fromkeys(f"{key}: {value}" for one in customers for key, value in sorted(one.items())))


def _lines(talk: Json) -> list[Json]:
    """All that happened in a conversation, in its order: {at, who, text, about, media}."""
    turns = {turn["id"]: turn for turn in talk["turns"]}
    kinds: tuple[tuple[str, Callable[[Json], Json]], ...] = (
        ("messages", _message),
        ("replies", lambda reply: _reply(reply, turns.get(reply["turn_id"]))),
        ("notes", lambda note: _line(note["created_at"], "note", note["text"])),
        ("actions", _action),
        ("alerts", _alert),
    )
    found = [line for name, tell in kinds for line in map(tell, talk[name])]
    return sorted(found, key=lambda line: line["at"])


def _line(at: int, who: str, text: str | None, about: str = "", media: Json | None = None) -> Json:
    return {"at": at, "who": who, "text": text, "about": about, "media": media}


def _message(row: Json) -> Json:
    words = said_by_customer(row["kind"], row["content"])
    heard = hearing.words(row["kind"], {}, row["heard"])
    about = " · ".join(part for part in (row["kind"], row["state"], heard and f"“{heard}”") if part)
    return _line(row["received_at"], "customer", words, about, row["media"])


def _reply(row: Json, turn: Json | None) -> Json:
    told = [row["state"], row["reason"], *(receipt["status"] for receipt in row["receipts"])]
    return _line(
        row["created_at"],
        row["author"],
        said_by_us(row["content"]),
        " · ".join([*_why(turn), *filter(None, told)]),
    )


def _why(turn: Json | None) -> Iterator[str]:
    if turn is not None:
        detail = turn["detail"]
        yield turn["decision"]
        yield from (str(detail[key]) for key in ("reason", "why") if detail.get(key))
        yield from map(str, detail.get("source_ids", ()))


def _action(row: Json) -> Json:
    given = ", ".join(f"{name}: {value}" for name, value in row["arguments"].items())
    result = (row["result"] or {}).get("text") or ""
    return _line(row["created_at"], "tool", f"{row['tool']}({given}) {result}".strip(), row["state"])


def _alert(row: Json) -> Json:
    told = (row["state"], row["reason"], row["error"])
    return _line(row["created_at"], "alert", row["channel"], " · ".join(filter(None, told)))
