"""Conversations as a person reads them in a shell: times in the local zone, spans in words."""

import json
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import Any

_PREVIEW = 40
_HEADS = ("ID", "WHO HAS IT", "SINCE", "WINDOW", "CUSTOMER", "REASON", "LAST")


def table(conversations: list[dict[str, Any]], now: int) -> Iterator[str]:
    """One line a conversation, below the columns' names."""
    if not conversations:
        yield "no conversations"
        return
    rows = [_HEADS, *(_row(conversation, now) for conversation in conversations)]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(_HEADS))]
    for row in rows:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()


def _row(one: dict[str, Any], now: int) -> tuple[str, ...]:
    since = one["waiting_since"] or one["last_at"]
    last = one["last"] or {"from": "", "text": None}
    return (
        str(one["id"]),
        str(one["holder"]),
        span(now - since),
        left(one, now),
        name_of(one["customer"]),
        one["reason"] or "",
        seen(f"{last['from']}: {last['text'] or '…'}" if last["from"] else "", _PREVIEW),
    )


def transcript(found: dict[str, Any], now: int) -> Iterator[str]:
    """What was said line by line, with what tools did and the notes, below who has the conversation and how long one may reply."""
    yield f"conversation {found['id']} with {name_of(found['customer'])}, agent {found['agent_id'] or '–'}"
    yield f"{_holder(found, now)}; window: {left(found, now)}"
    if found["opted_out_at"] is not None:
        yield f"wants no more messages since {clock(found['opted_out_at'])}: nothing is sent until they write again"
    for alert in found["alerts"]:
        error = f" ({alert['error']})" if alert["error"] else ""
        yield f"told by {alert['channel']}: {alert['state']}{error}"
    yield ""
    said = [(line["at"], str(line["from"]), _words(line)) for line in found["messages"]]
    noted = [(note["at"], "note", note["text"]) for note in found["notes"]]
    done = [(action["at"], "tool", _done(action)) for action in found["actions"]]
    for at, who, words in sorted(said + done + noted, key=lambda line: line[0]):
        yield f"{clock(at)}  {who:8}  {seen(words)}"


def _holder(found: dict[str, Any], now: int) -> str:
    if found["waiting_since"] is None:
        back = f", goes back to the bot at {clock(found['returns_at'])}" if found["returns_at"] else ""
        return f"{'the bot' if found['holder'] == 'bot' else 'a person'} has it{back}"
    return f"waits for a person for {span(now - found['waiting_since'])}: {found['reason']}"


def _words(line: dict[str, Any]) -> str:
    heard = (line.get("heard") or {}).get("text")
    text = line["text"] or (f"[{line['kind']}]" if "kind" in line else "[…]")
    state = "" if line["from"] == "customer" else line["state"]
    tail = " · ".join(part for part in (line.get("decision") or "", *_grounds(line), state) if part)
    return text + (f" [heard: {heard}]" if heard else "") + (f"  ({tail})" if tail else "")


def _done(action: dict[str, Any]) -> str:
    """`book_table(day: viernes, people: 4): failed, status 500, may have been done`."""
    given = ", ".join(f"{name}: {_value(value)}" for name, value in action["arguments"].items())
    unknown = "may have been done all the same" if action["unknown"] else None
    told = [action["state"], action["reason"], unknown, action["result"]]
    return f"{action['tool']}({given}): {', '.join(str(part) for part in told if part)}"


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _grounds(line: dict[str, Any]) -> Iterator[str]:
    """The FAQs that an answer of the bot's rests on, and why it is what it is."""
    for source in line.get("sources") or []:
        yield f"{source['id']} “{source['q']}”" if source["q"] else source["id"]
    why = line.get("why") or {}
    yield why.get("reason") or ""
    yield why.get("why") or ""


def name_of(customer: dict[str, str]) -> str:
    """How a person calls the customer: name and number, as far as they are known."""
    known = (customer.get("name") or customer.get("username"), customer.get("wa_id"))
    return " ".join(seen(part, _PREVIEW) for part in known if part) or "unknown"


def left(conversation: dict[str, Any], now: int) -> str:
    """How long WhatsApp still takes a reply."""
    if not conversation["window_open"]:
        return "closed"
    return span(conversation["window_closes_at"] - now)


def span(ms: int) -> str:
    """`23 h 10 min`, `4 d 2 h`, `less than a minute`."""
    minutes = max(0, ms) // 60_000
    hours, days = minutes // 60, minutes // 1_440
    if days >= 2:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min" if minutes else "less than a minute"


def clock(ms: int) -> str:
    """Date and time in this machine's zone."""
    return datetime.fromtimestamp(ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M")


def seen(text: str, most: int | None = None) -> str:
    """The text on one line, without what would steer a terminal; cut at `most` characters."""
    plain = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return plain if most is None or len(plain) <= most else plain[: most - 1] + "…"


def _width(text: str) -> int:
    """Columns that the text takes in a terminal."""
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
    return len(text) + wide - sum(unicodedata.combining(one) > 0 for one in text)
