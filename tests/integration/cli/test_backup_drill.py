"""The drill: an instance is lost, and goes on from its backup, in another place and on another database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import url_of
from tests.integration.cli.backup_world import (
    back_up,
    contents,
    move_to,
    new_key,
    released,
    rows,
    settings_of,
)
from tests.world import World, call, eventually


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database in which nothing is."""
    folder = tmp_path / "elsewhere"
    folder.mkdir(mode=0o700)
    yield from url_of(request, folder)


def restore(world: World, backup: Path, key: Path, home: Path, database_url: str) -> str:
    """Restores into another home and database, which the world lives in from then on; what the command said."""
    move_to(world, home, database_url)
    done = released("restore", backup, "--key-file", key, **settings_of(world))
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def customers_write(world: World) -> Iterator[None]:
    """Customers write all the time, until the end of the block."""
    ended = threading.Event()

    def write(customer: int) -> None:
        number = 0
        while not ended.is_set():
            number += 1
            world.says(f"¿Dónde están? {number}", customer)

    threads = [threading.Thread(target=write, args=(customer,)) for customer in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


@pytest.mark.both_databases
def test_an_instance_goes_on_elsewhere_with_every_row_as_it_was(
    world: World, elsewhere: str, tmp_path: Path, database_url: str
) -> None:
    world.knows("¿Dónde están?", "En la calle del Pez, 7.")
    for customer in range(3):
        world.says("¿Dónde están?", customer)
        world.answers(1, customer)
    eventually(lambda: rows(database_url, "SELECT count(*) FROM reply WHERE state = 'delivered'")[0][0] == 3)
    world.stop()
    before = contents(database_url)
    backup, key = back_up(world, tmp_path)
    said = restore(world, backup, key, tmp_path / "elsewhere", elsewhere)
    assert "while it rested" in said
    assert contents(elsewhere) == before
    assert before["message"].startswith("3 rows")
    world.start()
    assert world.answers(1) == ["En la calle del Pez, 7."]
    world.says("¿Dónde están?")
    assert world.answers(2) == ["En la calle del Pez, 7."] * 2
    assert len(world.conversations()) == 3


def test_a_backup_is_of_one_moment_while_customers_write(
    world: World, tmp_path: Path, database_url: str
) -> None:
    elsewhere = f"sqlite:///{tmp_path}/elsewhere.db"
    world.knows("¿Dónde están?", "En la calle del Pez, 7.")
    with customers_write(world):
        eventually(lambda: rows(database_url, "SELECT count(*) FROM turn")[0][0] > 5)
        backup, key = back_up(world, tmp_path)
    world.stop()
    restore(world, backup, key, tmp_path / "elsewhere", elsewhere)
    turns = rows(elsewhere, "SELECT id, messages FROM turn ORDER BY id")
    covered = rows(
        elsewhere,
        "SELECT turn_id, count(*) FROM message WHERE state = 'answered' GROUP BY turn_id ORDER BY turn_id",
    )
    assert len(turns) > 5
    assert [tuple(row) for row in turns] == [tuple(row) for row in covered], (
        "half of a commit is in the backup"
    )
    kept = rows(elsewhere, "SELECT id, content FROM message ORDER BY id")
    original = {row[0]: bytes(row[1]) for row in rows(database_url, "SELECT id, content FROM message")}
    assert all(bytes(content) == original[number] for number, content in kept)


@pytest.mark.slow
def test_what_was_under_way_is_not_done_a_second_time(tmp_path: Path, database_url: str) -> None:
    elsewhere = f"sqlite:///{tmp_path}/elsewhere.db"
    with World(tmp_path, database_url, burst_wait_ms=5000) as world:
        world.knows("¿Dónde están?", "En la calle del Pez, 7.")
        world.fault(on="messages", kind="hang", seconds=20.0)
        world.fault(on="statuses", kind="hold")
        world.fault(on="messages", code=10)
        new_key(tmp_path)
        world.says("¿Dónde están?", 0)
        world.says("¿Dónde están?", 1)
        once = "SELECT state FROM reply WHERE attempts = 1 ORDER BY state"
        eventually(lambda: [row[0] for row in rows(database_url, once)] == ["queued", "sending"])
        world.says("¿Dónde están?", 2)
        eventually(lambda: rows(database_url, "SELECT 1 FROM message WHERE state = 'received'"))
        # However long the backup takes, nobody answers the third before it is taken.
        rows(database_url, f"UPDATE conversation SET lease_until = {2**50} WHERE due_at IS NOT NULL")
        backup, key = back_up(world, tmp_path)
        rows(database_url, "UPDATE conversation SET lease_until = NULL")
        assert world.answers(1, 2), "the instance goes on after its backup"
        world.stop()
        sent = len(world.ledger("send"))
        said = restore(world, backup, key, tmp_path / "elsewhere", elsewhere)
        assert "while it ran" in said
        # A backup that took long may find the one that hangs given up already.
        kept = [row[0] for row in rows(elsewhere, "SELECT state FROM reply ORDER BY state")]
        assert kept in (["sending", "sending"], ["sending", "uncertain"])
        rows(elsewhere, "UPDATE reply SET lease_until = 1 WHERE state = 'sending'")  # time passes
        world.start()
        uncertain = "SELECT count(*) FROM reply WHERE state NOT IN ('queued', 'sending')"
        eventually(lambda: rows(elsewhere, uncertain)[0][0] == 2)
        waiting = eventually(lambda: [c for c in world.conversations() if c["holder"] == "waiting"])
        assert [c["reason"] for c in waiting] == ["restored from a backup"]
        _, fourth = call("POST", f"{world.sandbox}/api/customers", {"name": "Ana", "kind": "phone"})
        world.customers.append(fourth["id"])
        world.says("¿Dónde están?", 3)
        assert world.answers(1, 3)
        assert len(world.ledger("send")) == sent + 1, "only the new question was answered"
        assert len(world.phone(2)) == 1
