"""Days in which customers write, each in a moment: is anything of theirs ever older than it may be?"""

from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, select, update

from src.accounts.retention import purge
from src.core.brain_tables import cached_answers
from src.core.conversation_tables import actions, alerts, media, notes
from src.core.database import now_ms
from src.core.key_tables import data_keys
from src.core.models import conversations, messages, notices, replies, turns
from tests.world import World

_HOUR_MS = 3600 * 1000
_CONTENT = (media, messages, replies, turns, actions, notes, alerts, cached_answers, notices, conversations)
_BORN = {messages: "sent_at", notices: "received_at", conversations: "last_at"}  # the others: created_at
_ALSO_TIMES = ("unanswered_since", "lease_until")


@dataclass
class Kept:
    """What was there in the worst moment: hours of age, and rows; `forgotten` counts rows over the whole time."""

    oldest_hours: float = 0.0
    most_rows: int = 0
    forgotten: int = 0
    written: int = 0


def live(world: World, days: int) -> Kept:
    """Lets so many days go by, an hour at a time; each day another customer writes once, and is answered."""
    found = Kept()
    for day in range(days):
        customer = day % len(world.customers)
        world.says("¿A qué hora abren?", customer)
        found.written += 1
        world.answers(1 + day // len(world.customers), customer)
        for _ in range(24):
            _an_hour_passes(world)
            found.forgotten += sum(purge(world.instance).values())
            _look(world, found)
    return found


def _an_hour_passes(world: World) -> None:
    with world.instance.database.transaction() as session:
        for table in _CONTENT:
            times = [c for c in table.c if c.name.endswith("_at") or c.name in _ALSO_TIMES]
            session.execute(update(table).values({c.name: c - _HOUR_MS for c in times}))
        k = data_keys.c
        session.execute(
            update(data_keys).values(begins_at=k.begins_at - _HOUR_MS, ends_at=k.ends_at - _HOUR_MS)
        )
    world.instance.database.keyring.look()


def _look(world: World, found: Kept) -> None:
    rows = 0
    with world.instance.database.read() as session:
        for table in _CONTENT:
            count, age = _count_and_age(session, table)
            rows += count
            found.oldest_hours = max(found.oldest_hours, (age or 0) / _HOUR_MS)
    found.most_rows = max(found.most_rows, rows)


def _count_and_age(session: Connection, table: Table) -> tuple[int, int | None]:
    born = table.c[_BORN.get(table, "created_at")]
    count, age = session.execute(select(func.count(), now_ms() - func.min(born)).select_from(table)).one()
    return count, age
