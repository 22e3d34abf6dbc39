"""kill -9 at each commit boundary of a turn: nothing is lost, nothing is doubled."""

import signal
from pathlib import Path

import pytest

from tests.process_world import ProcessWorld
from tests.world import eventually

# The transactions of a message's life, each by a statement that only it runs.
STORE = r"INSERT INTO message"
LEASE = r"UPDATE conversation SET fence="
SETTLE = r"INSERT INTO turn"
CLAIM = r"UPDATE reply SET .*attempts="
SENT = r"SELECT receipt\.status"
RECEIPT = r"INSERT INTO receipt"


class Business(ProcessWorld):
    """Knows one answer, and dies at one commit."""

    owner_says = (("¿A qué hora abren?", "A las nueve."),)

    def __init__(self, home: Path, database_url: str | None, crash: str) -> None:
        super().__init__(home, database_url)
        self.crash = crash


BOUNDARIES = [
    (when, what) for what in (STORE, LEASE, SETTLE, CLAIM, SENT, RECEIPT) for when in ("before", "after")
]


@pytest.mark.parametrize(("when", "what"), BOUNDARIES)
def test_a_crash_at_a_commit_loses_and_doubles_nothing(
    tmp_path: Path, database_url: str, when: str, what: str
) -> None:
    with Business(tmp_path, database_url, f"{when} {what}") as world:
        world.says("¿A qué hora abren?")
        assert world.died() == -signal.SIGKILL
        restart(world)
        if (when, what) in (("after", SETTLE), ("after", CLAIM), ("before", SENT)):
            a_person_is_told(world, sent=what == SENT)
        else:
            assert world.answers() == ["A las nueve."]
        world.says("¿A qué hora abren?", customer=1)
        world.answers(customer=1)
        assert len(world.phone()) <= 1
        accepted = [entry for entry in world.ledger("send") if entry["accepted"]]
        assert len(accepted) == len(world.phone()) + 1


def restart(world: ProcessWorld) -> None:
    world.crash = ""
    world.start()
    # What a dead worker held ends with its lease; the clock is put forward instead of waiting for it.
    world.sql("UPDATE conversation SET lease_until = 0 WHERE lease_until IS NOT NULL")
    world.sql("UPDATE reply SET lease_until = 0 WHERE state = 'sending'")


def a_person_is_told(world: ProcessWorld, sent: bool) -> None:
    """Nobody can know whether Meta got it: the status decides, and without one a person."""
    if sent:
        eventually(lambda: states(world) == ["delivered"])
        return
    eventually(lambda: states(world) == ["uncertain"])
    assert world.phone() == []
    world.sql("UPDATE reply SET next_attempt_at = 0 WHERE state = 'uncertain'")
    (waiting,) = eventually(lambda: [c for c in world.conversations() if c["holder"] == "waiting"])
    assert waiting["reason"] == "a reply is uncertain"


def states(world: ProcessWorld) -> list[str]:
    return [row[0] for row in world.sql("SELECT state FROM reply WHERE id = 1")]


def test_the_next_worker_takes_over_when_the_lease_ends(tmp_path: Path) -> None:
    with Business(tmp_path, None, f"after {LEASE}") as world:
        world.says("¿A qué hora abren?")
        world.died()
        world.crash = ""
        world.start()
        assert world.answers() == ["A las nueve."]
