"""The schema: made from nothing, known when it is older or newer, and the same as the models."""

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, inspect, select
from sqlmodel import SQLModel

from src.core import (
    audit,
    brain_tables,
    conversation_tables,
    models,
    schema,
    token_tables,
    trust_tables,
    upkeep_tables,
)
from src.core.database import Database
from src.core.errors import SchemaNewer
from src.core.instance import open_instance
from src.core.keyring import Keyring
from src.core.settings import Settings
from src.main import create_app
from tests.ports import free_port
from tests.servers import PostgreSQL
from tests.world import Served, World, call

pytestmark = pytest.mark.both_databases

KEYS = Keyring("k" * 40)


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    database = Database(database_url, KEYS)
    schema.migrate(database)
    schema.migrate(database)
    assert schema.revision(database) == schema.HEAD
    database.close()


def test_models_and_migrations_agree(database_url: str) -> None:
    # Their import has filled the metadata.
    assert all((models, brain_tables, conversation_tables, token_tables, trust_tables, upkeep_tables, audit))
    database = Database(database_url, KEYS)
    schema.migrate(database)
    with database.read() as session:
        assert compare_metadata(MigrationContext.configure(session), SQLModel.metadata) == []
    database.close()


def test_going_back_and_forth_keeps_what_is_stored(database_url: str) -> None:
    database = Database(database_url, KEYS)
    schema.migrate(database)
    with database.transaction() as session:
        session.execute(insert(models.seen).values(key=b"k" * 16, seen_at=1))
    schema.migrate(database, to="0001")
    assert schema.revision(database) == "0001"
    assert "run `released migrate`" in schema.state(database)
    schema.migrate(database)
    with database.read() as session:
        assert session.execute(select(models.seen.c.seen_at)).scalars().all() == [1]
        assert compare_metadata(MigrationContext.configure(session), SQLModel.metadata) == []
        assert {index["name"] for index in inspect(session).get_indexes("reply")} >= {"reply_due"}
    database.close()


def test_everything_can_be_taken_back(database_url: str) -> None:
    database = Database(database_url, KEYS)
    schema.migrate(database)
    schema.migrate(database, to="base")
    with database.read() as session:
        assert set(inspect(session).get_table_names()) == {"alembic_version"}
    database.close()


def test_ten_starts_at_once_migrate_once(database_url: str) -> None:
    """As when ten containers start: none fails, each finds the schema when its own call returns."""
    databases = [Database(database_url, KEYS) for _ in range(10)]
    schema.migrate(databases[0], to="base")
    found: list[str | None] = []

    def start(database: Database) -> None:
        schema.migrate(database)
        found.append(schema.revision(database))

    threads = [threading.Thread(target=start, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [schema.HEAD] * 10
    for database in databases:
        database.close()


def test_an_index_is_made_while_somebody_writes(postgres: PostgreSQL) -> None:
    """A migration never waits behind a table lock that stops webhooks, nor stops them itself."""
    with postgres.fresh() as url:
        database = Database(url, KEYS)
        schema.migrate(database, to="0001")
        stop, written = threading.Event(), [0]

        def write() -> None:
            while not stop.is_set():
                with database.transaction() as session:
                    row = {"field": "x", "content": "y", "received_at": 1}
                    session.execute(insert(models.notices).values(row))
                written[0] += 1

        thread = threading.Thread(target=write)
        thread.start()
        schema.migrate(database)
        stop.set()
        thread.join(30)
        assert schema.revision(database) == schema.HEAD
        assert written[0] > 0
        database.close()


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db", KEYS)
    schema.migrate(database)
    with database.transaction() as session:
        session.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaNewer, match="install the newer version"):
        schema.migrate(database)
    database.close()


def test_postgresql_says_what_to_run_until_it_is_migrated(tmp_path: Path, postgres: PostgreSQL) -> None:
    with postgres.fresh() as url, World(tmp_path, url) as world:
        with world.instance.database.transaction() as session:
            session.exec_driver_sql("DROP TABLE alembic_version")
        status, answer = call("GET", f"{world.url}/ready")
        assert status == 503
        assert "released migrate" in answer["parts"]["database"]


def test_a_database_that_is_away_is_named(tmp_path: Path) -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    settings = Settings(_env_file=None, released_home=tmp_path, database_url=url, secret_key="k" * 40)
    instance = open_instance(settings)
    port = free_port()
    served = Served(create_app(instance), port)
    try:
        status, answer = call("GET", f"http://127.0.0.1:{port}/ready")
        assert (status, answer["parts"]["database"][:4]) == (503, "away")
        assert call("GET", f"http://127.0.0.1:{port}/health")[0] == 200
        assert "released_moves_total" in call("GET", f"http://127.0.0.1:{port}/metrics")[1]
        key = {"Authorization": f"Bearer {instance.api_key}"}
        assert call("GET", f"http://127.0.0.1:{port}/agent", **key)[0] == 503
    finally:
        served.stop()
