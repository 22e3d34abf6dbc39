"""One writer at a time, many in one commit, and nothing is committed that failed."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from src.core.database import Database, normalise_url, now_ms
from src.core.errors import InvalidSettings
from src.core.keyring import Keyring


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url, Keyring("k" * 40))
    with found.transaction() as session:
        session.execute(text("CREATE TABLE thing (id integer PRIMARY KEY)"))
    yield found
    found.close()


def things(database: Database) -> list[int]:
    with database.read() as session:
        return list(session.execute(text("SELECT id FROM thing ORDER BY id")).scalars())


def add(database: Database, number: int) -> None:
    with database.transaction() as session:
        session.execute(text("INSERT INTO thing VALUES (:id)"), {"id": number})


def test_a_transaction_has_committed_when_its_block_is_left(database: Database) -> None:
    add(database, 1)
    assert things(database) == [1]


def test_what_raises_is_rolled_back_alone(database: Database) -> None:
    add(database, 1)
    with pytest.raises(IntegrityError):
        add(database, 1)
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(text("INSERT INTO thing VALUES (2), (1)"))
    add(database, 3)
    assert things(database) == [1, 3]


def test_many_threads_lose_nothing_and_failures_do_not_spread(database: Database) -> None:
    refused: list[int] = []

    def work(first: int) -> None:
        for number in range(first, first + 20):
            try:
                add(database, number)
            except IntegrityError:
                refused.append(number)

    threads = [threading.Thread(target=work, args=(start,)) for start in (0, 20, 40, 60, 10, 50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert things(database) == list(range(80))
    assert len(refused) == 40


def test_the_databases_clock_counts_milliseconds(database: Database) -> None:
    with database.read() as session:
        first, second = (session.execute(select(now_ms())).scalar_one() for _ in range(2))
    assert 1_700_000_000_000 < first <= second < 4_000_000_000_000


def test_a_transaction_inside_another_is_a_mistake_of_ours(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db", Keyring("k" * 40))
    with pytest.raises(RuntimeError, match="inside another"), database.transaction(), database.transaction():
        pass
    with database.transaction() as session:
        assert session.execute(text("SELECT 1")).scalar() == 1
    database.close()


def test_the_specifications_url_is_accepted_as_it_stands() -> None:
    assert normalise_url("postgresql+asyncpg://u:p@db:5432/x").drivername == "postgresql+psycopg"
    assert normalise_url("postgresql://u:p@db/x").drivername == "postgresql+psycopg"


@pytest.mark.parametrize("url", ["mysql://x/y", "nothing", "sqlite://", ""])
def test_another_url_is_refused_clearly(url: str) -> None:
    with pytest.raises(InvalidSettings, match="DATABASE_URL"):
        normalise_url(url)
