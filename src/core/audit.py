"""The audit log: who changed or read what, and when; each entry is chained to the one before it."""

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import BigInteger, Connection, LargeBinary, insert, select, text
from sqlalchemy.types import String
from sqlmodel import SQLModel

from src.core.actor import actor
from src.core.columns import column, table_of, time
from src.core.database import AnyRow, now_ms
from src.core.keyring import Keyring

_BEGIN = bytes(32)  # what the first entry is chained to
_LOCK = 0x415544  # one entry at a time on PostgreSQL; SQLite has one writer
_BATCH = 1_000


class Audit(SQLModel, table=True):
    """One change, or one reading of a conversation. Triggers refuse to change or delete a row."""

    number: int = column(BigInteger, primary_key=True, autoincrement=False)  # from 1, without a gap
    at: int = time()
    actor: str = column(String(80))
    action: str = column(String(40))
    object: str = column(String(120))
    before: bytes | None = column(LargeBinary(32), nullable=True)  # keyed hash of what was
    after: bytes | None = column(LargeBinary(32), nullable=True)  # … and of what is
    hash: bytes = column(LargeBinary(32))  # of all of this and of the entry before


entries = table_of(Audit)
_C = entries.c


@dataclass(frozen=True)
class Verdict:
    """How many entries stand in an unbroken chain, the hash of the last, and where and how it breaks."""

    entries: int
    head: str
    broken_at: int | None = None
    reason: str | None = None


def note(session: Connection, action: str, what: str, before: Any = None, after: Any = None) -> None:
    """Adds an entry about `what` in the caller's transaction: with the change, or not at all.

    `before` and `after` are JSON values; of them only keyed hashes are kept, so that no text of anybody's stays.
    """
    keyring: Keyring = session.dialect.keyring  # type: ignore[attr-defined]
    if session.dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = session.execute(select(_C.number, _C.hash).order_by(_C.number.desc()).limit(1)).first()
    at: int = session.execute(select(now_ms())).scalar_one()
    entry = {
        "number": last.number + 1 if last else 1,
        "at": at,
        "actor": actor()[:80],
        "action": action,
        "object": what[:120],
        "before": _hashed(keyring, before),
        "after": _hashed(keyring, after),
    }
    chained = _chained(keyring, entry, bytes(last.hash) if last else _BEGIN)
    session.execute(insert(entries).values(**entry, hash=chained))


def of_conversation(conversation_id: int) -> str:
    """How a conversation is called in the log."""
    return f"conversation {conversation_id}"


def of_customer(key: bytes) -> str:
    """How a customer is called in the log: by a keyed hash, which tells nobody who they are."""
    return f"customer {key.hex()}"


def verify(session: Connection) -> Verdict:
    """Follows the whole chain. That its end was not cut off shows by a head that was written down before."""
    keyring: Keyring = session.dialect.keyring  # type: ignore[attr-defined]
    previous, count = _BEGIN, 0
    for row in _rows(session):
        if row.number != count + 1:
            return Verdict(count, previous.hex(), count + 1, f"entry {count + 1} is missing")
        entry = {
            name: getattr(row, name)
            for name in ("number", "at", "actor", "action", "object", "before", "after")
        }
        right = _chained(keyring, entry, previous)
        if not hmac.compare_digest(right, bytes(row.hash)):
            return Verdict(count, previous.hex(), row.number, f"entry {row.number} is not as it was written")
        previous, count = right, row.number
    return Verdict(count, previous.hex())


def holds(session: Connection, head: str) -> bool:
    """Is there an entry with this hash (hexadecimal)?"""
    try:
        wanted = bytes.fromhex(head)
    except ValueError:
        return False
    return session.execute(select(_C.number).where(_C.hash == wanted)).first() is not None


def latest(session: Connection, count: int, what: str | None = None) -> list[AnyRow]:
    """The last entries, newest first, about one object where it is named."""
    statement = select(entries).order_by(_C.number.desc()).limit(count)
    return list(session.execute(statement if what is None else statement.where(_C.object == what)).all())


def of_actions(session: Connection, actions: Sequence[str], since: int) -> list[AnyRow]:
    """The entries of these actions from `since` (ms) on, oldest first."""
    query = select(entries).where(_C.action.in_(actions), _C.at >= since).order_by(_C.number)
    return list(session.execute(query).all())


def _rows(session: Connection) -> Iterator[AnyRow]:
    last = 0
    while rows := session.execute(
        select(entries).where(_C.number > last).order_by(_C.number).limit(_BATCH)
    ).all():
        yield from rows
        last = rows[-1].number


def _hashed(keyring: Keyring, value: Any) -> bytes | None:
    if value is None:
        return None
    return keyring.sign(
        "audit value", orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    )


def _chained(keyring: Keyring, entry: dict[str, Any], previous: bytes) -> bytes:
    plain = {
        name: bytes(value).hex() if isinstance(value, bytes | memoryview) else value
        for name, value in entry.items()
    }
    return keyring.sign("audit chain", orjson.dumps([plain, previous.hex()], option=orjson.OPT_SORT_KEYS))
