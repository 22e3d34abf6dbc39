"""Changes the keys that protect secrets while the instance runs: another master key, another data key for secrets."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, Table, delete, select, tuple_, type_coerce, update
from sqlmodel import SQLModel

from src.core import audit, data_keys
from src.core.data_keys import new_owner_key
from src.core.database import Database, now_ms
from src.core.key_tables import data_keys as rows
from src.core.keyring import FRESH_SECONDS, Purpose, id_in
from src.core.sealed import Sealed

WAIT_SECONDS = FRESH_SECONDS + 5  # then every process knows the newest keys
_BATCH = 200  # rows that one transaction seals anew


@dataclass(frozen=True)
class Rotated:
    """How many data keys were wrapped, and how many secrets sealed anew."""

    keys: int
    secrets: int


def rotate(database: Database, tell: Callable[[str], None], wait: float = WAIT_SECONDS) -> Rotated:
    """Wraps the data keys with the newest master key, and seals every secret with another data key.

    The instance may run meanwhile: for `wait` seconds both keys are there, until every process knows the new one; then
    the old one is destroyed. Safe to break off and to call again. The keys of hashes stay.
    """
    with database.transaction() as session:
        now: int = session.execute(select(now_ms())).scalar_one()
        newest = data_keys.make(session, database.keyring, new_owner_key(now))
        wrapped = data_keys.wrap_anew(session, database.keyring)
        audit.note(session, "secrets rotated", newest)
    database.keyring.look()
    sealed = _seal_anew(database, newest, tell)
    tell(f"waiting {wait:.0f} s until every process seals with the new key")
    time.sleep(wait)
    with database.transaction() as session:
        data_keys.wrap_anew(session, database.keyring)
    sealed += _seal_anew(database, newest, tell)
    with database.transaction() as session:
        old = (rows.c.purpose == Purpose.OWNER, rows.c.id != newest, rows.c.begins_at <= now)
        session.execute(delete(rows).where(*old))
    database.keyring.look()
    return Rotated(wrapped, sealed)


def secret_columns() -> Iterator[tuple[Table, Column[Any]]]:
    """The columns that hold what an owner gave."""
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Sealed) and column.type.purpose == Purpose.OWNER:
                yield table, column


def _seal_anew(database: Database, newest: str, tell: Callable[[str], None]) -> int:
    """Seals what another key than the newest has sealed; how many values."""
    done = 0
    for table, column in secret_columns():
        after: tuple[Any, ...] | None = None
        while True:
            with database.transaction() as session:
                found = _some(session, table, column, after)
                done += sum(_seal_one(session, database, table, column, one, newest) for one in found)
            if len(found) < _BATCH:
                break
            after = tuple(found[-1][:-1])
            if done:
                tell(f"{done:,} secrets sealed anew")
    return done


def _some(session: Connection, table: Table, column: Column[Any], after: tuple[Any, ...] | None) -> list[Any]:
    """The next rows by their key: its values, and last the secret as it lies there."""
    key = list(table.primary_key)
    query = select(*key, type_coerce(column, LargeBinary)).where(column.is_not(None)).order_by(*key)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    return list(session.execute(query.limit(_BATCH)))


def _seal_one(
    session: Connection, database: Database, table: Table, column: Column[Any], row: Any, newest: str
) -> bool:
    *key, lying = row
    if id_in(bytes(lying)) == newest:
        return False
    assert isinstance(column.type, Sealed)
    place = column.type.place
    sealed = database.keyring.seal(database.keyring.open(bytes(lying), place), place)
    # A value that somebody has set meanwhile is sealed with a key of now already, or comes with the second pass.
    is_same = type_coerce(column, LargeBinary) == lying
    here = [one == value for one, value in zip(table.primary_key, key, strict=True)]
    anew = update(table).where(*here, is_same).values({column.name: type_coerce(sealed, LargeBinary)})
    return session.execute(anew).rowcount == 1
