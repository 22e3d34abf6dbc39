"""Makes a backup of an instance while it runs: one snapshot, one sealed file, or nothing."""

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table, inspect, select, text

from src import VERSION
from src.accounts.backup import beside, tables
from src.accounts.backup.archive import About, Part, Sum, Writer
from src.accounts.backup.errors import NoBackup, driver_errors, told_by_the_database
from src.accounts.backup.files import written_whole
from src.accounts.backup.keys import Key
from src.accounts.backup.vault import Sealer
from src.core import processes
from src.core.database import Database, now_ms
from src.core.settings import Settings
from src.core.upkeep_tables import processes as process_table

CHECK = "backup check"  # the purpose of the token by which a master key is told from another
SANDBOX = "sandbox.db"
SEQUENCE_OF = text("SELECT pg_get_serial_sequence(:table, :column)")
_PIECE = 1024 * 1024

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Taken:
    """A backup that is whole and on the disk."""

    about: About
    parts: list[Sum]
    size: int


def take(
    database: Database, settings: Settings, keys: dict[str, str], target: Path, key: Key, tell: Tell
) -> Taken:
    """Writes the backup to `target`, which must not exist, and its data keys beside it.

    `keys` are kept in it by their names; `tell` hears of each block. Raises `NoBackup`; then there is neither file.
    """
    doing = f"{target} was not made"
    with (
        written_whole(beside.path_of(target)) as aside,
        written_whole(target) as file,
        told_by_the_database(doing),
        snapshot(database) as session,
    ):
        aside.write(beside.taken(session) or b"")
        about = _about(session, database, settings)
        writer = Writer(Sealer(file, key), about)
        for table in tables.tables(session):
            writer.begin(Part("table", table.name, tables.columns(table)))
            with driver_errors(session):
                for block in tables.read(session, table):
                    writer.add(block.data, block.rows)
                    tell(f"{table.name}: {writer.sums[-1].rows:,} rows")
        if settings.sandbox_mode and (settings.released_home / SANDBOX).exists():
            _add_sandbox(writer, settings.released_home)
        for name, secret in keys.items():
            writer.begin(Part("key", name))
            writer.add(secret.encode())
        writer.close(_sequences(session))
    return Taken(about, writer.sums, target.stat().st_size)


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """A session that sees the database as it was at its first question, for as long as it takes."""
    if database.sqlite:
        with database.read() as session:
            yield session
        return
    with database.connect() as found:
        session = found.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
            session.execute(text(f"SET LOCAL {name} = 0"))  # a large table takes its time
        yield session


def _about(session: Connection, database: Database, settings: Settings) -> About:
    names = inspect(session).get_table_names()
    if "alembic_version" not in names:
        raise NoBackup("the database is empty: there is nothing to back up")
    revision = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    # An instance of before the table cannot tell; it may well be in use.
    in_use = bool(processes.alive(session)) if process_table.name in names else True
    made_at: int = session.execute(select(now_ms())).scalar_one()
    check = database.keyring.token(CHECK)
    return About(VERSION, revision, session.dialect.name, made_at, in_use, settings.sandbox_mode, check)


def _sequences(session: Connection) -> dict[str, int]:
    """The last id that PostgreSQL has given out, by `table.column`; SQLite takes the next after the highest."""
    if session.dialect.name == "sqlite":
        return {}
    found = {}
    for table in tables.tables(session):
        for column in numbered(session, table):
            sequence = session.execute(
                SEQUENCE_OF, {"table": f'"{table.name}"', "column": column}
            ).scalar_one()
            last = session.execute(text(f"SELECT last_value FROM {sequence}")).scalar_one()
            found[f"{table.name}.{column}"] = int(last)
    return found


def numbered(session: Connection, table: Table) -> list[str]:
    """The columns that PostgreSQL numbers by itself."""
    names = [column.name for column in table.columns]
    given = {"table": f'"{table.name}"'}
    return [n for n in names if session.execute(SEQUENCE_OF, {**given, "column": n}).scalar() is not None]


def _add_sandbox(writer: Writer, home: Path) -> None:
    """The sandbox's own WhatsApp, as a whole SQLite file of this moment."""
    copy = home / f"{SANDBOX}.{secrets.token_hex(4)}"
    try:
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(home / SANDBOX)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        writer.begin(Part("file", SANDBOX))
        with copy.open("rb") as file:
            while piece := file.read(_PIECE):
                writer.add(piece)
    finally:
        copy.unlink(missing_ok=True)
