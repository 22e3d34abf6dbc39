"""A migrated database with conversations, as the tests of pace and money need it; nothing runs."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select

from src.core.database import Database, now_ms
from src.core.keyring import Keyring
from src.core.models import conversations
from src.core.states import Holder

KEYS = Keyring("k" * 40)


def make_conversations(database: Database, count: int, number: str = "55") -> Sequence[int]:
    """The ids of so many conversations of one number."""
    row: dict[str, Any] = {
        "phone_number_id": number,
        "customer": {"wa_id": "34600000001"},
        "customer_key": b"k",
    }
    row |= {"holder": Holder.BOT, "fence": 0, "last_at": 1, "created_at": 1, "redrafts": 0, "failures": 0}
    with database.transaction() as session:
        made = insert(conversations).values(row).returning(conversations.c.id)
        return [session.execute(made).scalar_one() for _ in range(count)]


def clock(database: Database) -> int:
    """The database's time (ms)."""
    with database.read() as session:
        return session.execute(select(now_ms())).scalar_one()
