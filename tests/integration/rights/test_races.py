"""A customer is erased at every moment of a turn: nothing of theirs is left, and no send begins after the commit."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from src.accounts.key_holder import OWNER
from src.core.database import now_ms
from src.core.models import AgentStatus, agents, conversations, replies
from src.core.states import ReplyState
from src.messages.answer import take_turn
from src.messages.lease import Lease
from src.messages.rights.erase import erase
from tests.integration.people.desk import Desk
from tests.world import eventually

pytestmark = pytest.mark.both_databases
ROUNDS = 24


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    with Desk(tmp_path, database_url) as found:
        found.opens(contact="910 000 147")
        yield found


def leased(desk: Desk) -> tuple[Lease, str]:
    """The lease of a conversation in which a customer waits for an answer that only the test gives; and their number."""
    set_agent(desk, AgentStatus.PAUSED)
    desk.says("¿Dónde están?")
    known = eventually(desk.conversations)[0]
    with desk.instance.database.transaction() as session:
        held = {"fence": 7, "lease_until": now_ms() + 30_000, "due_at": now_ms() + 60_000}
        session.execute(update(conversations).values(held))
    set_agent(desk, AgentStatus.LIVE)
    return Lease(known["id"], 7), known["customer"]["wa_id"]


def set_agent(desk: Desk, status: AgentStatus) -> None:
    with desk.instance.database.transaction() as session:
        session.execute(update(agents).values(status=status))


def sends(desk: Desk) -> int:
    return len(desk.ledger("send"))


def test_at_whatever_moment_of_a_turn_the_customer_goes(desk: Desk) -> None:
    begun = 0
    for one in range(ROUNDS):
        lease, number = leased(desk)
        ready = threading.Barrier(2)
        failed: list[Exception] = []

        def turn(lease: Lease, ready: threading.Barrier, failed: list[Exception]) -> None:
            ready.wait()
            try:
                take_turn(desk.instance, lease)
            except Exception as error:
                failed.append(error)

        worker = threading.Thread(target=turn, args=(lease, ready, failed))
        worker.start()
        ready.wait()
        time.sleep(one * 0.002)
        with desk.instance.database.read() as session:
            claimed = select(func.count()).where(replies.c.state != ReplyState.QUEUED)
            begun_before: int = session.execute(claimed).scalar_one()
        erase(desk.instance, OWNER, number)
        worker.join(30)
        assert failed == []
        begun += begun_before
        with desk.instance.database.read() as session:
            for table in (conversations, replies):
                assert session.execute(select(func.count()).select_from(table)).scalar_one() == 0
    assert begun <= sends(desk) <= ROUNDS
    before = sends(desk)
    time.sleep(1.2)  # longer than the dispatcher's own clock
    assert sends(desk) == before
