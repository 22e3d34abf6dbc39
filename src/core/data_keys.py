"""The data keys' life: made ahead, wrapped anew for another master key, destroyed when their day is over age."""

import secrets
import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, delete, exists, inspect, or_, select, update

from src.core.database import Database, insert_into, now_ms
from src.core.key_tables import data_keys
from src.core.keyring import DataKey, Keyring, Purpose
from src.core.models import agent_versions, conversations, numbers, seen
from src.core.trust_tables import api_keys

_DAY_MS = 24 * 3600 * 1000
_AHEAD = 7  # days whose keys are there before they begin, should no clock run for so long
_C = data_keys.c


def ensure(database: Database) -> None:
    """Makes what is missing: the root, a key for secrets, keys for this day and the next ones.

    Safe to call twice, also from several processes. Does nothing while the database has no table of keys.
    """
    with database.read() as session:
        if not inspect(session).has_table(data_keys.name):
            return
        missing = list(_missing(session))
    if missing:
        with database.transaction() as session:
            for row in _missing(session):
                _begin(session, database.keyring, row)
    database.keyring.look()


def _missing(session: Connection) -> Iterator[dict[str, Any]]:
    """The rows that must be there and are not, without their keys."""
    now: int = session.execute(select(now_ms())).scalar_one()
    there = session.execute(select(_C.purpose, _C.begins_at, _C.ends_at)).all()
    purposes = {row.purpose for row in there}
    if Purpose.ROOT not in purposes:
        yield {"id": "root", "purpose": Purpose.ROOT, "begins_at": now, "ends_at": None}
    if Purpose.OWNER not in purposes:
        yield new_owner_key(now)
    today = now - now % _DAY_MS
    for begins in range(today, today + (_AHEAD + 1) * _DAY_MS, _DAY_MS):
        at = max(begins, now)
        days = (row for row in there if row.purpose == Purpose.CONTENT)
        if not any(row.begins_at <= at < row.ends_at for row in days):
            yield {
                "id": f"d{secrets.token_hex(6)}",
                "purpose": Purpose.CONTENT,
                "begins_at": begins,
                "ends_at": begins + _DAY_MS,
            }


def new_owner_key(now: int) -> dict[str, Any]:
    """The row of another key for what an owner gave, which counts from `now` (ms) on."""
    return {
        "id": f"o{secrets.token_hex(6)}",
        "purpose": Purpose.OWNER,
        "begins_at": now,
        "ends_at": None,
    }


def _begin(session: Connection, keyring: Keyring, row: dict[str, Any]) -> None:
    is_old = row["purpose"] == Purpose.ROOT and _was_used(session)
    make(session, keyring, row, keyring.oldest if is_old else None)


def make(session: Connection, keyring: Keyring, row: dict[str, Any], raw: bytes | None = None) -> str:
    """Puts a key there, wrapped, random where none is given; returns its id. Nothing is done when that is there."""
    wrapped = keyring.wrap(row["id"], row["purpose"], raw or secrets.token_bytes(32))
    insert = insert_into(session.dialect.name, data_keys).values({**row, "wrapped": wrapped})
    session.execute(insert.on_conflict_do_nothing())
    return str(row["id"])


def _was_used(session: Connection) -> bool:
    """Are there hashes already, which the master key itself made?"""
    tables = (agent_versions, conversations, numbers, seen, api_keys)
    return bool(session.execute(select(or_(*(exists().select_from(one) for one in tables)))).scalar())


def wrap_anew(session: Connection, keyring: Keyring) -> int:
    """Wraps every data key with the newest master key; how many there are. Safe to call twice."""
    rows = session.execute(select(data_keys)).all()
    for row in rows:
        key = DataKey(row.id, row.purpose, bytes(row.wrapped), row.begins_at, row.ends_at)
        wrapped = keyring.wrap(row.id, row.purpose, keyring.unwrap(key))
        session.execute(update(data_keys).where(_C.id == row.id).values(wrapped=wrapped))
    return len(rows)


def destroy(session: Connection, cutoff: int) -> list[str]:
    """Destroys the keys of the days that ended at `cutoff` (ms) or before; returns these days. Safe to call twice."""
    over = (_C.purpose == Purpose.CONTENT, _C.ends_at <= cutoff)
    gone = session.execute(delete(data_keys).where(*over).returning(_C.begins_at)).scalars()
    return sorted(time.strftime("%Y-%m-%d", time.gmtime(begins / 1000)) for begins in gone)
