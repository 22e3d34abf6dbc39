"""The way to the database: one transaction at a time on SQLite, shared by whoever waits; a pool on PostgreSQL."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import BigInteger, Connection, Engine, Row, Table, create_engine, event, inspect, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import ConnectionPoolEntry, NullPool
from sqlalchemy.sql.functions import FunctionElement

from src.core.errors import InvalidSettings
from src.core.group_commit import GroupCommit
from src.core.keyring import DataKey, Keyring, Purpose

_DATA_KEYS = text("SELECT id, purpose, wrapped, begins_at, ends_at FROM data_key")

AnyRow: TypeAlias = Row[*tuple[Any, ...]]


class now_ms(FunctionElement[int]):
    """The database's clock: milliseconds since 1970, UTC."""

    inherit_cache = True
    type = BigInteger()


@compiles(now_ms, "sqlite")
def _now_sqlite(_element: now_ms, _compiler: Any, **_: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"


@compiles(now_ms, "postgresql")
def _now_postgresql(_element: now_ms, _compiler: Any, **_: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"


def insert_into(dialect: str, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, which each of the two databases spells for itself."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415  # 3 MB that an instance on SQLite does without

        return postgresql.insert(table)
    return sqlite.insert(table)


class Database:
    """Hands out transactions. Functions that take a `session` work inside one and never commit."""

    def __init__(self, url: str, keyring: Keyring, connections: int = 20, pooler: bool = False) -> None:
        self.url = normalise_url(url)
        self._pooler = pooler
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.keyring = keyring
        keyring.source = self._data_keys
        if self.sqlite:
            _keep_private(Path(self.url.database or ""))
            self._engine = _sqlite_engine(self.url, keyring, "BEGIN IMMEDIATE", pool_size=1)
            self._readers = _sqlite_engine(self.url, keyring, "BEGIN", pool_size=4)
            self._writer = GroupCommit(self._engine)
        else:
            self._engine = _postgresql_engine(self.url, keyring, connections, pooler)
            # A statement that only reads needs no BEGIN and no ROLLBACK: two journeys saved.
            self._readers = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    def transaction(self) -> AbstractContextManager[Connection]:
        """Commits when the block ends, before the next line runs; rolls back when it raises."""
        return self._writer.transaction() if self.sqlite else self._engine.begin()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A session for reading only, without a transaction on PostgreSQL: each statement sees what is committed then."""
        with self._readers.connect() as session:
            yield session

    def connect(self) -> Connection:
        """A connection whose transactions are the caller's own affair, as migrations need it."""
        return self._engine.connect()

    def shrink(self) -> None:
        """After much was deleted: SQLite gives pages back and keeps no old ones in its log; PostgreSQL does by itself."""
        if not self.sqlite:
            return
        with (
            closing(sqlite3.connect(self.url.database or "", timeout=10)) as connection,
            suppress(sqlite3.Error),
        ):
            connection.execute("PRAGMA incremental_vacuum").fetchall()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _data_keys(self) -> list[DataKey] | None:
        """The data keys as they lie there; None where there is no table of them.

        By a connection of its own: whoever seals has one in use already.
        """
        with self._own.connect() as session:
            if not inspect(session).has_table("data_key"):
                return None
            return [
                DataKey(row.id, Purpose(row.purpose), bytes(row.wrapped), row.begins_at, row.ends_at)
                for row in session.execute(_DATA_KEYS)
            ]

    @cached_property
    def _own(self) -> Engine:
        """Connections that are nobody else's, and end at once."""
        wait = (
            {"timeout": 10}
            if self.sqlite
            else {**_CONNECTION, **(_BEHIND_POOLER if self._pooler else _DIRECT)}
        )
        return create_engine(self.url, poolclass=NullPool, connect_args=wait)

    def close(self) -> None:
        """Ends all connections. Safe to call twice."""
        if self.sqlite:
            self._writer.close()
            self._readers.dispose()
        self._engine.dispose()


def normalise_url(url: str) -> URL:
    """The URL with the driver that we use. `InvalidSettings` when it is neither SQLite's nor PostgreSQL's."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise InvalidSettings(
            "DATABASE_URL is not a URL: use sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
        ) from None
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        return parsed.set(drivername="sqlite")
    raise InvalidSettings("DATABASE_URL must begin with sqlite:/// (a file) or postgresql://")


def _keep_private(path: Path) -> None:
    """Makes the file before SQLite does, readable for its owner alone; SQLite gives its companions the same mode."""
    with suppress(OSError):  # SQLite will say what is wrong with the path
        path.touch(mode=0o600)


# What is deleted is overwritten, and its pages can be given back; a file that is older keeps its free pages.
_PRAGMAS = (
    "auto_vacuum=INCREMENTAL",
    "secure_delete=ON",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
)


def _sqlite_engine(url: URL, keyring: Keyring, begin: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=30,
        connect_args={"check_same_thread": False, "timeout": 10},
    )

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: a writer must take its lock at once
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    def say_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return _equip(engine, keyring, prepare, say_begin)


def _equip(
    engine: Engine, keyring: Keyring, on_connect: Callable[..., None], on_begin: Callable[[Connection], None]
) -> Engine:
    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    engine.dialect.keyring = keyring  # type: ignore[attr-defined]  # where the Sealed column type finds it
    return engine


def _postgresql_engine(url: URL, keyring: Keyring, connections: int, pooler: bool) -> Engine:
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=10,
        pool_use_lifo=True,  # what is idle stays idle, and ends
        connect_args={**_CONNECTION, **(_BEHIND_POOLER if pooler else _DIRECT)},
    )
    event.listen(engine, "checkin", _note_time)
    event.listen(engine, "checkout", partial(_ask_when_idle, engine.dialect.loaded_dbapi.Error))
    engine.dialect.keyring = keyring  # type: ignore[attr-defined]
    return engine


# A server that is gone without a word is noticed in 15 s.
_CONNECTION = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
# No statement or lock holds a worker for ever, and a worker that sleeps in the middle of a transaction holds no row
# for long.
_DIRECT = {
    "options": "-c statement_timeout=30000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=15000"
}
# A pooler refuses such options, and the next transaction may come to a server that knows no statement of ours.
_BEHIND_POOLER = {"prepare_threshold": None}
_IDLE_SECONDS = 5.0  # a connection that rested longer is tried before it is used


def _note_time(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = time.monotonic()


def _ask_when_idle(
    lost: type[Exception], connection: Any, record: ConnectionPoolEntry, _proxy: object
) -> None:
    """A restarted server is met by one quick question, not by a failed turn; a busy connection is not asked."""
    rested = time.monotonic() - record.info.get("rests_since", time.monotonic())
    if rested < _IDLE_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except lost as error:
        raise DisconnectionError from error
