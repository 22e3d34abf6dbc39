"""The sandbox's memory: one SQLite file that survives the process."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS numbers (
    phone_number_id TEXT PRIMARY KEY, digits TEXT NOT NULL UNIQUE, name TEXT NOT NULL, seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS customers (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    wa_id TEXT UNIQUE, user_id TEXT UNIQUE, username TEXT UNIQUE);
CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, customer_id TEXT,
    phone_number_id TEXT NOT NULL, author TEXT NOT NULL, type TEXT NOT NULL, content TEXT NOT NULL,
    at REAL NOT NULL, status TEXT NOT NULL, error TEXT,
    reaction TEXT, recipient TEXT NOT NULL, tracker TEXT, receipts TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS chat ON messages (customer_id, phone_number_id, seq);
CREATE TABLE IF NOT EXISTS due_statuses (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, wamid TEXT NOT NULL, status TEXT NOT NULL,
    due_at REAL NOT NULL, error TEXT);
CREATE INDEX IF NOT EXISTS due ON due_statuses (due_at);
CREATE INDEX IF NOT EXISTS due_of ON due_statuses (wamid);
CREATE TABLE IF NOT EXISTS webhooks (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, wamids TEXT NOT NULL, status TEXT,
    body TEXT NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL DEFAULT 0, made_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS undelivered ON webhooks (state, seq) WHERE state NOT IN ('delivered', 'dropped');
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS media (
    id TEXT PRIMARY KEY, phone_number_id TEXT NOT NULL, mime_type TEXT NOT NULL, filename TEXT,
    content BLOB NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, issued_at REAL NOT NULL, expires_at REAL, dead INTEGER);
CREATE TABLE IF NOT EXISTS ledger (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, kind TEXT NOT NULL, entry TEXT NOT NULL,
    webhook INTEGER);
"""

Row = sqlite3.Row


class Store:
    """One connection, used by the thread that opened it; `listeners` are called after every commit."""

    def __init__(self, path: str) -> None:
        if path != ":memory:":
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        # A commit survives the death of the process; only the machine's own death could undo the last ones.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA busy_timeout = 5000")
        self._connection.executescript(SCHEMA)
        self.listeners: list[Callable[[], None]] = []

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commits at its end and tells the listeners; undoes everything when left by an exception."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        for listener in self.listeners:
            listener()

    def write(self, statement: str, *values: object) -> int:
        """Runs a statement and returns the key of the row it inserted last."""
        return self._connection.execute(statement, values).lastrowid or 0

    def rows(self, query: str, *values: object) -> list[Row]:
        """All rows of a query."""
        return self._connection.execute(query, values).fetchall()

    def row(self, query: str, *values: object) -> Row | None:
        """The first row of a query, or None."""
        found: Row | None = self._connection.execute(query, values).fetchone()
        return found

    def value(self, query: str, *values: object) -> Any:
        """The first column of the first row, or None."""
        found = self.row(query, *values)
        return None if found is None else found[0]

    def close(self) -> None:
        """Ends the connection. Safe to call twice."""
        self._connection.close()


def dumps(value: object) -> str:
    """JSON in ASCII, escaped as Meta does it, so that even lone surrogates can be stored and sent."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def loads(raw: bytes | str) -> Any:
    """What a JSON text says. Raises ValueError when it is none, or nested beyond reason, or says NaN."""
    try:
        return json.loads(raw, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
