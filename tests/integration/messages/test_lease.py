"""A lease is one worker's, as long as it renews it, and no longer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from src.core import schema
from src.core.database import Database, now_ms
from src.core.keyring import Keyring
from src.core.models import AgentStatus, agents, conversations
from src.core.states import Holder
from src.messages.lease import LEASE_MS, Lease, give_back, renew, take

pytestmark = pytest.mark.both_databases


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    """One live agent, and one conversation that is due."""
    found = Database(database_url, Keyring("k" * 40))
    schema.migrate(found)
    with found.transaction() as session:
        agent = {
            "id": "a",
            "phone_number": "+1",
            "phone_number_id": "55",
            "status": AgentStatus.LIVE,
            "version": 1,
        }
        session.execute(insert(agents).values(**agent, next_faq=1, created_at=0))
        customer = {"customer": {}, "customer_key": b"k", "holder": Holder.BOT, "fence": 0}
        times = {"due_at": 1, "last_at": 1, "created_at": 1, "redrafts": 0, "failures": 0}
        session.execute(insert(conversations).values(phone_number_id="55", **customer, **times))
    yield found
    found.close()


def taken(database: Database) -> list[Lease]:
    with database.transaction() as session:
        return take(session, 10)


def left(database: Database) -> int | None:
    """Milliseconds that the lease still lasts."""
    with database.read() as session:
        found: int | None = session.execute(select(conversations.c.lease_until - now_ms())).scalar_one()
        return found


def lapse(database: Database) -> None:
    with database.transaction() as session:
        session.execute(conversations.update().values(lease_until=now_ms() - 1))


def test_a_conversation_is_leased_to_one_at_a_time(database: Database) -> None:
    (mine,) = taken(database)
    assert taken(database) == []
    with database.transaction() as session:
        assert give_back(session, mine) is not None
    assert [lease.fence for lease in taken(database)] == [mine.fence + 1]


def test_a_lapsed_lease_goes_to_the_next_and_the_late_worker_settles_nothing(database: Database) -> None:
    (slow,) = taken(database)
    lapse(database)
    (next_one,) = taken(database)
    with database.transaction() as session:
        assert give_back(session, slow) is None
        assert give_back(session, next_one) is not None


def test_a_lease_that_lapsed_settles_nothing_even_when_nobody_took_it(database: Database) -> None:
    (mine,) = taken(database)
    lapse(database)
    with database.transaction() as session:
        assert give_back(session, mine) is None


def test_renewing_lasts_but_never_takes_back_what_was_given(database: Database) -> None:
    (mine,) = taken(database)
    lapse(database)
    with database.transaction() as session:
        renew(session, [mine])
    assert (left(database) or 0) > LEASE_MS - 5_000
    with database.transaction() as session:
        give_back(session, mine)
        renew(session, [mine])
    assert left(database) is None
