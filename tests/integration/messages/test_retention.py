"""Nothing of a customer's is kept longer than it may be; what keeps a repetition out, and figures, stay."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Table, func, insert, select, update

from benchmarks.retention import live
from src.accounts.retention import over_age, purge
from src.core.conversation_tables import notes
from src.core.errors import InvalidSettings
from src.core.instance import open_instance
from src.core.models import conversations, messages, replies, seen, turns
from src.core.settings import Settings, load_settings
from src.messages.chores import run_due
from tests import launch
from tests.world import World, call, eventually

DAY_MS = 24 * 3600 * 1000
AGED = {
    messages: ("sent_at", "received_at"),
    replies: ("created_at", "asked_at"),
    turns: ("created_at",),
    notes: ("created_at",),
    conversations: ("last_at", "held_at"),
}


def rows(world: World, table: Table) -> int:
    with world.instance.database.read() as session:
        return session.execute(select(func.count()).select_from(table)).scalar_one()


def age(world: World, table: Table, days: float, *columns: str) -> None:
    with world.instance.database.transaction() as session:
        session.execute(update(table).values({name: table.c[name] - int(days * DAY_MS) for name in columns}))


@pytest.mark.slow
def test_over_weeks_nothing_is_ever_an_hour_over_age_and_the_young_is_kept(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    kept = live(world, 17)
    assert 14 * 24 - 1 <= kept.oldest_hours <= 14 * 24 + 1
    assert rows(world, messages) == 13
    assert kept.forgotten >= 3 * 3  # of each of three days a message, a turn and a reply
    assert rows(world, seen) == kept.written


def test_what_came_days_late_goes_by_the_time_at_which_it_was_written(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    world.says("¿A qué hora abren?")
    world.answers()
    age(world, messages, 7.5, "sent_at")
    assert purge(world.instance)["message"] == 0
    age(world, messages, 6.6, "sent_at", "received_at")
    assert purge(world.instance)["message"] == 1


@pytest.mark.both_databases
def test_who_waits_for_a_person_is_forgotten_too_and_may_come_again(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    wamid = world.says("quiero hablar con una persona")
    world.answers()
    [waits] = world.conversations()
    assert waits["holder"] == "waiting"
    with world.instance.database.transaction() as session:
        session.execute(insert(notes).values(conversation_id=waits["id"], text="llamar", created_at=1))
    for table, columns in AGED.items():
        age(world, table, 15, *columns)
    said = purge(world.instance)
    assert [said[table.name] for table in AGED] == [1] * len(AGED)
    assert world.conversations() == []
    assert rows(world, seen) == 1
    assert call("POST", f"{world.sandbox}/api/redeliver", {"wamids": [wamid], "as": "same"})[0] == 204
    eventually(lambda: world.ledger("webhook")[-1]["wamids"] == [wamid])
    assert world.ledger("webhook")[-1]["http_status"] == 200
    assert rows(world, messages) == 0  # Meta's repetition is still known
    world.says("¿A qué hora abren?")
    assert world.answers(2)[1] == "A las nueve."


def test_what_is_young_keeps_what_it_belongs_to(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    world.says("¿A qué hora abren?")
    world.answers()
    age(world, turns, 15, "created_at")
    age(world, conversations, 15, "last_at")
    assert set(purge(world.instance).values()) == {0}
    assert rows(world, conversations) == rows(world, turns) == 1


def test_a_dry_run_counts_and_deletes_nothing(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    world.says("¿A qué hora abren?")
    world.answers()
    age(world, messages, 15, "sent_at")
    env = {
        "PATH": "/usr/bin:/bin",
        "RELEASED_HOME": str(world.home),
        "DATABASE_URL": str(world.settings()["database_url"]),
    }
    tried = launch.run("src", "purge", "--dry-run", env=env)
    assert tried.stdout.splitlines()[-1] == "1 rows would be deleted: older than 14 days"
    assert over_age(world.instance)["message"] == 1
    done = launch.run("src", "purge", "--json", env=env)
    assert '"message": 1' in done.stdout
    assert over_age(world.instance)["message"] == 0


def test_the_clock_does_it(world: World) -> None:
    assert "purge" in run_due(world.instance)
    assert "purge" not in run_due(world.instance)


def test_of_what_was_deleted_no_byte_stays_in_sqlites_files(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.knows("¿A qué hora abren?", "A las nueve.")
        world.says("¿A qué hora abren? " * 20)
        world.answers()
        path = Path(world.instance.database.url.database or "")
        with closing(sqlite3.connect(path)) as connection:
            [[sealed]] = connection.execute("SELECT content FROM message")
        files = [path, path.with_name(path.name + "-wal")]
        assert any(sealed[40:80] in file.read_bytes() for file in files)
        age(world, messages, 15, "sent_at")
        world.stop()  # nobody reads meanwhile, so that the log can be cut
        with closing(open_instance(Settings(_env_file=None, **world.settings()))) as instance:
            assert purge(instance)["message"] == 1
        assert not any(sealed[40:80] in file.read_bytes() for file in files if file.exists())
        world.start()


def test_it_is_fourteen_days_at_most() -> None:
    with pytest.raises(InvalidSettings, match="RETENTION_DAYS: Input should be less than or equal to 14"):
        load_settings(_env_file=None, retention_days=15)
