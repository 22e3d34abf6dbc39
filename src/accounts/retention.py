"""Forgets: nothing of a customer's stays longer than RETENTION_DAYS, whatever became of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, func, or_, select, tuple_

from src.accounts.backup import beside
from src.core import audit, data_keys
from src.core.brain_tables import cached_answers
from src.core.conversation_tables import actions, alerts, media, notes
from src.core.database import now_ms
from src.core.instance import Instance
from src.core.key_tables import data_keys as data_key_rows
from src.core.models import conversations, messages, notices, replies, turns

_DAY_MS = 24 * 3600 * 1000
FORGOTTEN, KEY_DESTROYED = "forgotten", "key destroyed"  # how the audit log calls them
_BATCH = 500  # rows that one transaction deletes at most: nobody waits long for it


@dataclass(frozen=True)
class Old:
    """Rows of a table that are over age."""

    table: Table
    condition: ColumnElement[bool]


def purge(instance: Instance) -> dict[str, int]:
    """Deletes what is over age, in small transactions; how many rows of each table went. Safe to call twice.

    With the last row of a day goes the key that sealed it, and keys for the days to come are made.
    The keyed hashes by which a repetition is known stay (`seen`), and so do figures without content (`usage`).
    """
    cutoff = _cutoff(instance)
    gone = {str(old.table.name): _delete(instance, old) for old in _over_age(cutoff)}
    with instance.database.transaction() as session:
        days = data_keys.destroy(session, cutoff)
        for day in days:
            audit.note(session, KEY_DESTROYED, f"contents of {day}")
        gone[str(data_key_rows.name)] = len(days)
    data_keys.ensure(instance.database)
    beside.renew_all(instance.settings.released_home / "backups", cutoff)
    if any(gone.values()):
        with instance.database.transaction() as session:
            said = ", ".join(f"{table} {rows}" for table, rows in gone.items() if rows)
            audit.note(
                session, FORGOTTEN, f"over {instance.settings.retention_days} days: {said}", after=gone
            )
        instance.database.shrink()
    return gone


def over_age(instance: Instance) -> dict[str, int]:
    """How many rows of each table `purge` would delete now; of turns and conversations, those that nothing else keeps."""
    found = list(_over_age(_cutoff(instance)))
    with instance.database.read() as session:
        return {str(old.table.name): _count(session, old) for old in found}


def _cutoff(instance: Instance) -> int:
    with instance.database.read() as session:
        now: int = session.execute(select(now_ms())).scalar_one()
    return now - instance.settings.retention_days * _DAY_MS


def _over_age(cutoff: int) -> Iterator[Old]:
    """What is over age, in the order in which it can go: what points to a row goes before it."""
    m, r, c = messages.c, replies.c, conversations.c
    # A message is as old as the customer's clock says, or ours: it may have come days late.
    old_messages = or_(m.sent_at < cutoff, m.received_at < cutoff)
    yield Old(
        media, or_(media.c.created_at < cutoff, media.c.message_id.in_(select(m.id).where(old_messages)))
    )
    yield Old(messages, old_messages)
    yield Old(replies, or_(r.created_at < cutoff, r.asked_at < cutoff))
    yield Old(turns, (turns.c.created_at < cutoff) & ~exists().where(r.turn_id == turns.c.id))
    for table in (actions, notes, alerts, cached_answers):
        yield Old(table, table.c.created_at < cutoff)
    yield Old(notices, notices.c.received_at < cutoff)
    kept = (
        exists().where(table.c.conversation_id == c.id)
        for table in (messages, replies, turns, actions, notes, alerts)
    )
    yield Old(conversations, (c.last_at < cutoff) & ~or_(*kept))


def _count(session: Connection, old: Old) -> int:
    return session.execute(select(func.count()).select_from(old.table).where(old.condition)).scalar_one()


def _delete(instance: Instance, old: Old) -> int:
    key = list(old.table.primary_key)
    some = delete(old.table).where(tuple_(*key).in_(select(*key).where(old.condition).limit(_BATCH)))
    total = 0
    while True:
        with instance.database.transaction() as session:
            gone = session.execute(some).rowcount
        total += gone
        if gone < _BATCH:
            return total
