"""The record of every request: when it arrived, what it asked, how it was answered."""

import json
from typing import Any

from sandbox.openai.asked import Asked
from sandbox.store import Row, Store, dumps, loads

_SCHEMA = """CREATE TABLE IF NOT EXISTS openai_ledger (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, path TEXT NOT NULL, model TEXT, agent TEXT,
    body TEXT NOT NULL, act TEXT, status INTEGER)"""
_SHOWN = 100  # characters of an address that holds a file


def prepare(store: Store) -> None:
    """Makes the table. Safe to call twice."""
    store.write(_SCHEMA)


def arrived(store: Store, at: float, path: str) -> int:
    """Adds a request that came `at` (ms since 1970), before it is read; returns its `seq`."""
    with store.transaction():
        return store.write("INSERT INTO openai_ledger (at, path, body) VALUES (?, ?, 'null')", at, path)


def read(store: Store, seq: int, asked: Asked, act: str | None) -> None:
    """Notes what the request asked, and the act of the rule that it met."""
    with store.transaction():
        store.write(
            "UPDATE openai_ledger SET model = ?, agent = ?, body = ?, act = ? WHERE seq = ?",
            *(asked.model, asked.agent, dumps(_shortened(asked.body)), act, seq),
        )


def refused(store: Store, seq: int, raw: bytes) -> None:
    """Notes a request that could not be read: its JSON, else how many bytes it had."""
    try:
        body = loads(raw)
    except ValueError:
        body = {"bytes": len(raw)}
    with store.transaction():
        store.write("UPDATE openai_ledger SET body = ? WHERE seq = ?", dumps(_shortened(body)), seq)


def answered(store: Store, seq: int, status: int | None) -> None:
    """Notes the status that was answered; None when the connection was ended instead."""
    with store.transaction():
        store.write("UPDATE openai_ledger SET status = ? WHERE seq = ?", status, seq)


def _shortened(node: Any) -> Any:
    """The body with `data:` addresses cut to their beginning and their length."""
    if isinstance(node, dict):
        return {key: _shortened(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_shortened(value) for value in node]
    if isinstance(node, str) and node.startswith("data:") and len(node) > _SHOWN:
        return f"{node[:_SHOWN]}… ({len(node)} characters)"
    return node


def entries(store: Store, after: int, limit: int) -> list[dict[str, Any]]:
    """The requests with a `seq` above `after`, oldest first; `status` is null while one is not answered."""
    rows = store.rows("SELECT * FROM openai_ledger WHERE seq > ? ORDER BY seq LIMIT ?", after, limit)
    return [_entry(row) for row in rows]


def _entry(row: Row) -> dict[str, Any]:
    return {**{key: row[key] for key in row.keys()}, "body": json.loads(row["body"])}  # noqa: SIM118  # a Row is no dict
