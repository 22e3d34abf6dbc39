"""One call a second and agent, over all processes, and every conversation in its turn."""

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from sqlalchemy import select, text, update

from src.core import schema
from src.core.brain_tables import paces
from src.core.database import Database, now_ms
from src.core.models import conversations
from src.messages.brain import pace
from tests import launch
from tests.integration.messages.money_world import KEYS, clock, make_conversations
from tests.integration.messages.pace_worker import AGENT, Worker

pytestmark = pytest.mark.both_databases

TOLERANCE_MS = 45  # at one call a second, of 1,025 ms between two starts 980 are left


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url, KEYS)
    schema.migrate(found)
    yield found
    found.close()


def reserve(database: Database, conversation_id: int, agent_id: str = AGENT) -> int:
    with database.transaction() as session:
        return pace.reserve(session, agent_id, conversation_id, 1.0)


def release(database: Database, conversation_id: int) -> None:
    with database.transaction() as session:
        pace.release(session, conversation_id)


def started_at(database: Database) -> int:
    with database.read() as session:
        found: int = session.execute(select(paces.c.started_at)).scalar_one()
    return found


def let_pass(database: Database, ms: int, agent_id: str = AGENT) -> None:
    """As if so much time had gone by since everything that happened."""
    c, p = conversations.c, paces.c
    with database.transaction() as session:
        session.execute(update(conversations).values(slot_at=c.slot_at - ms))
        earlier = {"next_at": p.next_at - ms, "started_at": p.started_at - ms}
        session.execute(update(paces).where(p.agent_id == agent_id).values(earlier))


def test_the_first_conversation_may_call_at_once_and_the_others_in_turn(database: Database) -> None:
    ids = make_conversations(database, 5)
    before = clock(database)
    slots = [reserve(database, one) for one in ids]
    assert before <= slots[0] <= clock(database)
    assert [later - sooner for sooner, later in pairwise(slots)] == [1_050] * 4


def test_a_conversation_keeps_its_slot_until_it_is_used(database: Database) -> None:
    first, second = make_conversations(database, 2)
    reserve(database, first)
    slot = reserve(database, second)
    assert [reserve(database, second) for _ in range(3)] == [slot] * 3
    release(database, second)
    release(database, second)
    assert reserve(database, second) == slot + 1_050


def test_each_agent_has_a_gate_and_slots_of_its_own(database: Database) -> None:
    first, second = make_conversations(database, 2)
    reserve(database, first)
    assert reserve(database, second, "b") <= clock(database)
    pace.start(database, AGENT, 1.0, 0)
    pace.start(database, "b", 1.0, 0)


def test_a_slot_that_has_passed_is_kept_for_a_moment_then_it_is_somebody_elses_time(
    database: Database,
) -> None:
    late, *_ = ids = make_conversations(database, 6)
    slots = [reserve(database, one) for one in ids]
    let_pass(database, 1_000)
    assert reserve(database, late) == slots[0] - 1_000
    let_pass(database, 1_000)
    pace.start(database, AGENT, 1.0, 0, slots[1])  # the gate is shut now, and others wait
    assert reserve(database, late) == slots[-1] - 2_000 + 1_050


def test_a_late_conversation_keeps_its_slot_while_the_gate_stands_open(database: Database) -> None:
    late, *_ = ids = make_conversations(database, 6)
    slots = [reserve(database, one) for one in ids]
    let_pass(database, 3_000)
    assert reserve(database, late) == slots[0] - 3_000


def test_a_slot_of_the_agent_that_had_the_number_before_is_worth_nothing(database: Database) -> None:
    (one,) = make_conversations(database, 1)
    reserve(database, one, "old")
    with database.transaction() as session:
        row = {"agent_id": "new", "next_at": 0, "started_at": 0, "pushed": 3_600_000}
        session.execute(paces.insert().values(row))
    assert reserve(database, one, "new") <= clock(database)


def test_a_call_between_moves_on_all_that_are_reserved(database: Database) -> None:
    ids = make_conversations(database, 3)
    slots = [reserve(database, one) for one in ids]
    pace.start(database, AGENT, 1.0, 0)
    assert [reserve(database, one) for one in ids] == [slot + 1_050 for slot in slots]
    release(database, ids[0])
    assert reserve(database, ids[0]) == slots[-1] + 2 * 1_050


def test_a_call_between_takes_its_time_also_where_nobody_waits(database: Database) -> None:
    (one,) = make_conversations(database, 1)
    before = clock(database)
    pace.start(database, AGENT, 1.0, 0)
    assert before + 1_050 <= reserve(database, one) <= clock(database) + 1_050


def test_a_call_by_its_slot_moves_nobody(database: Database) -> None:
    ids = make_conversations(database, 3)
    slots = [reserve(database, one) for one in ids]
    pace.start(database, AGENT, 1.0, 0, slots[0])
    release(database, ids[0])
    assert [reserve(database, one) for one in ids[1:]] == slots[1:]
    assert reserve(database, ids[0]) == slots[-1] + 1_050


def test_who_has_no_patience_is_told_when_to_come_again(database: Database) -> None:
    pace.start(database, AGENT, 0.001, 0)
    with pytest.raises(pace.MustWait) as told:
        pace.start(database, AGENT, 0.001, 200)
    assert told.value.until > clock(database) + 900_000
    with pytest.raises(pace.MustWait):
        pace.start(database, AGENT, 0.001, 0, clock(database))


def test_no_thread_is_blocked_longer_than_its_patience(database: Database) -> None:
    """Many wait at a gate that opens twice a second; each is through, or sent away in time."""
    took: list[float] = []

    def work() -> None:
        began = time.monotonic()
        try:
            pace.start(database, AGENT, 2.0, 1_200)
        except pace.MustWait:
            took.append(time.monotonic() - began)

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(took) >= 16  # at 0, 0.5 and 1 s
    assert max(took) < 1.2 + 5  # and what a busy machine adds


def test_a_request_that_leaves_late_keeps_the_next_one_away_from_itself(database: Database) -> None:
    late = pace.start(database, AGENT, 0.001, 0)
    time.sleep(0.1)
    before = clock(database)
    late.left()
    assert started_at(database) >= before
    with pytest.raises(pace.MustWait) as told:
        pace.start(database, AGENT, 0.001, 0)
    assert told.value.until >= before + 1_025_000


def test_a_request_that_leaves_after_the_next_one_was_let_through_moves_nobody(database: Database) -> None:
    late = pace.start(database, AGENT, 0.001, 0)
    let_pass(database, 2_000_000)
    pace.start(database, AGENT, 0.001, 0)
    written = started_at(database)
    time.sleep(0.1)
    late.left()
    assert started_at(database) == written


def test_a_request_on_its_way_does_not_fail_with_the_database(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    start = pace.start(database, AGENT, 1.0, 0)
    with database.transaction() as session:
        session.execute(text(f"DROP TABLE {paces.name}"))
    time.sleep(0.1)
    start.left()
    assert caplog.messages == ["late_start_not_noted"]


def test_a_start_is_by_the_databases_clock(database: Database) -> None:
    before = clock(database)
    pace.start(database, AGENT, 1.0, 0)
    with database.read() as session:
        started_at, now = session.execute(
            paces.select().with_only_columns(paces.c.started_at, now_ms())
        ).one()
    assert before <= started_at <= now


def test_of_three_processes_with_sixty_conversations_no_two_start_together(database_url: str) -> None:
    rps, workers, each, between = 6.0, 3, 20, 2
    database = Database(database_url, KEYS)
    schema.migrate(database)
    ids = [str(one) for one in make_conversations(database, workers * each)]
    database.close()
    command = ["tests.integration.messages.pace_worker", database_url, str(rps)]
    processes = [
        launch.start(*command, str(between), *ids[first::workers], stdout=subprocess.PIPE, text=True)
        for first in range(workers)
    ]
    starts: list[tuple[float, int | None]] = []
    noise = 0.0
    for process in processes:
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        told = json.loads(said)
        starts += told["starts"]
        noise = max(noise, told["noise"])
    starts.sort(key=lambda start: start[0])
    assert len(starts) == workers * (each + between)
    # Of any starts, the last comes as long after the first as the gate wants; what the machine oversleeps is not ours.
    early = max(
        (last - first) * pace.GATE_MS / rps - (starts[last][0] - starts[first][0]) * 1000
        for first in range(len(starts))
        for last in range(first + 1, len(starts))
    )
    assert early < TOLERANCE_MS + 1000 * noise


def test_conversations_call_in_the_order_in_which_they_reserved(database: Database) -> None:
    """Seconds lie between their calls, so that no machine is slow enough to mix them up."""
    ids = make_conversations(database, 6)
    for one in ids:
        reserve(database, one)
    worker = Worker(database, 1.0)
    worker.work(ids[::-1], between=1)
    slots = [slot for _, slot in worker.starts if slot is not None]
    assert len(slots) == len(set(slots)) == 6
    assert slots == sorted(slots)
