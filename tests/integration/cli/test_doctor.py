"""`released doctor` finds what is wrong with an instance, says why, and says what to do."""

import json
import os
import shutil
import socket
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis as redis_client
from click.testing import CliRunner

from src.accounts.agent_input import AgentInput, FaqInput
from src.accounts.create import create_agent
from src.accounts.handoff_input import HandoffInput
from src.accounts.key_holder import OWNER
from src.accounts.numbers import add_number
from src.cli import released
from src.core import schema
from src.core.instance import open_instance
from src.core.settings import Settings
from tests.brokers import PASSWORD, Redis, rabbitmq, redis
from tests.integration.cli.backup_world import rows
from tests.integration.cli.doctor_world import Visit
from tests.integration.cli.test_up import up
from tests.ports import free_port
from tests.servers import PostgreSQL
from tests.world import NUMBER, eventually

HERE = "INSERT INTO process (id, kind, version, host, started_at, seen_at) VALUES ('{0}', '{0}', '{1}', 'h', {2}, {2})"
NOW = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "postgresql": "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
}


class Patient:
    """An instance with an agent and, as far as its database knows, a living web process."""

    def __init__(self, home: Path, database_url: str) -> None:
        self.home, self.url = home, database_url
        self.now = NOW[database_url.split(":", maxsplit=1)[0]]
        given = Settings(_env_file=None, released_home=home, database_url=database_url)
        instance = open_instance(given)
        schema.migrate(instance.database)
        with instance.database.transaction() as session:
            add_number(session, NUMBER, "106540352242922")
        handoff = HandoffInput(contact="910 000 147")
        faqs = [FaqInput(q="¿Abren?", a="Sí.")]
        create_agent(instance, OWNER, AgentInput(phone_number=NUMBER, faqs=faqs, handoff=handoff))
        instance.close()
        self.lives("web")

    def lives(self, kind: str, version: str = "0.1.0") -> None:
        """A process of that kind gives a sign of life."""
        rows(self.url, HERE.format(kind, version, self.now))

    def sql(self, statement: str) -> None:
        """Changes the database; NOW is its clock."""
        rows(self.url, statement.replace("NOW", self.now))

    def visit(self, *words: str, **settings: str) -> Visit:
        """The doctor comes."""
        own = {"RELEASED_HOME": str(self.home), "DATABASE_URL": self.url}
        return Visit(*words, **{**own, **settings})


@pytest.fixture
def patient(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Patient:
    """An instance on each database, in whose folder we stand."""
    monkeypatch.chdir(tmp_path)
    return Patient(tmp_path / "home", database_url)


@pytest.fixture
def embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Patient:
    """An instance on SQLite."""
    monkeypatch.chdir(tmp_path)
    return Patient(tmp_path / "home", f"sqlite:///{tmp_path}/home/released.db")


def test_a_running_instance_is_well_and_its_sandbox_too(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    with up(home, port):
        given = {"RELEASED_HOME": str(home), "PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"}
        eventually(lambda: rows(f"sqlite:///{home}/released.db", "SELECT 1 FROM agent"))
        visit = Visit("--live", **given)
        assert visit.complaints() == {}
        assert visit.exit_code == 0
        names = {
            "settings",
            "database",
            "schema",
            "processes",
            "public address",
            "handshake",
            "token",
            "app secret",
        }
        assert names | {"subscription"} <= set(visit.checks)
        told = CliRunner().invoke(released, ["doctor", "--live"], env=given)
    assert told.exit_code == 0
    assert "0 warnings, 0 failures" in told.output
    assert "\x1b" not in told.output


def test_an_instance_at_rest_is_well_but_for_its_processes(patient: Patient) -> None:
    assert patient.visit().complaints() == {}
    patient.sql("DELETE FROM process")
    visit = patient.visit()
    assert visit.complaints() == {"processes": "fail"}
    assert visit.exit_code == 2


def test_the_report_for_people_has_the_cause_and_the_cure(embedded: Patient) -> None:
    embedded.home.chmod(0o755)
    told = CliRunner().invoke(released, ["doctor"], env={"RELEASED_HOME": str(embedded.home)})
    assert "other users of this machine can enter it" in told.output
    assert f"→ chmod 700 {embedded.home}" in told.output


def test_it_makes_nothing_where_nothing_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    visit = Visit("--live", RELEASED_HOME="nowhere")
    assert visit.complaints() == {"home": "fail", "database": "fail"}
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_setting_is_named(embedded: Patient) -> None:
    visit = embedded.visit(PORT="eighty")
    assert visit.complaints() == {"settings": "fail"}
    assert "PORT" in visit.said("settings")


def test_production_wants_a_number_and_an_address(embedded: Patient) -> None:
    assert embedded.visit(APP_ENV="prod").complaints() == {"settings": "warn"}
    live = {"META_ACCESS_TOKEN": "EAAGtoken", "META_APP_SECRET": "secret"}
    visit = embedded.visit(APP_ENV="prod", **live)
    assert visit.complaints() == {"settings": "warn", "public url": "warn"}
    assert visit.exit_code == 1


@pytest.mark.parametrize("name", ["secret_key", "api_key", "released.db"])
def test_files_that_others_may_read_are_found(embedded: Patient, name: str) -> None:
    (embedded.home / name).chmod(0o640)
    visit = embedded.visit()
    assert visit.complaints() == {"files": "fail"}
    assert f"chmod 600 {embedded.home / name}" in visit.said("files")


def test_an_env_file_that_others_may_read_is_found(embedded: Patient, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("APP_ENV=dev\n")
    (tmp_path / ".env").chmod(0o644)
    assert embedded.visit().complaints() == {".env": "warn"}


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "none", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_disk_that_is_nearly_full_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with small_disk(tmp_path / "small"):
        patient = Patient(tmp_path / "small" / "home", f"sqlite:///{tmp_path}/small/home/released.db")
        visit = patient.visit()
        assert visit.complaints() == {"disk": "fail"}
        assert "503" in visit.said("disk")


def test_a_database_that_is_away_is_one_failure(embedded: Patient) -> None:
    visit = embedded.visit(DATABASE_URL=f"postgresql://u:hidden@127.0.0.1:{free_port()}/x")
    assert visit.complaints() == {"database": "fail"}
    assert "does not answer" in visit.said("database")
    assert "hidden" not in json.dumps(visit.document)


def test_a_server_that_hangs_holds_up_nobody(embedded: Patient, silent: str) -> None:
    visit = embedded.visit(
        "--live",
        DATABASE_URL=f"postgresql://u:p@{silent}/x",
        CELERY_BROKER_URL=f"redis://{silent}/0",
        PUBLIC_URL=f"http://{silent}",
        META_GRAPH_URL=f"http://{silent}/v26.0",
    )
    assert {"database", "broker", "public address", "meta"} <= set(visit.complaints())
    assert visit.state("settings") == "ok"


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def test_the_schema_is_compared(patient: Patient) -> None:
    for revision, state, cure in (
        ("0001", "fail", "run `released migrate`"),
        ("9999", "warn", "upgrade rolls"),
    ):
        patient.sql(f"UPDATE alembic_version SET version_num = '{revision}'")
        visit = patient.visit()
        assert visit.state("schema") == state
        assert cure in visit.said("schema")


def test_a_damaged_file_is_found(embedded: Patient) -> None:
    path = embedded.home / "released.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE ballast (b)")
        # Enough to fill the pages that are free, so that the file ends with them.
        database.executemany("INSERT INTO ballast VALUES (?)", [(bytes(4000),)] * 200)
    database.close()
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(size - 9 * 4096)
        file.write(os.urandom(8 * 4096))
    visit = embedded.visit()
    assert visit.state("integrity") == "fail"
    assert "restore" in visit.said("integrity")


def test_another_master_key_is_found(patient: Patient) -> None:
    assert patient.visit(SECRET_KEY="another-master-key-of-32-characters").complaints() == {"key": "fail"}
    (patient.home / "secret_key").unlink()
    visit = patient.visit()
    assert visit.complaints() == {"key": "fail"}
    assert "there is no master key" in visit.said("key")


def test_more_connections_than_postgresql_has_are_found(patient: Patient) -> None:
    if patient.url.startswith("sqlite"):
        assert "connections" not in patient.visit().checks
        return
    visit = patient.visit(DATABASE_POOL_SIZE="400")
    assert visit.complaints() == {"connections": "warn"}


def test_clocks_that_differ_are_found(tmp_path: Path, postgres: PostgreSQL) -> None:
    with postgres.fresh() as url:
        patient = Patient(tmp_path / "home", url)
        for minutes, state in ((1, "warn"), (10, "fail")):
            patient.sql(
                "CREATE OR REPLACE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
                f"$$ SELECT pg_catalog.clock_timestamp() - interval '{minutes} minutes' $$"
            )
            name = url.rsplit("/", maxsplit=1)[1]
            patient.sql(f"ALTER DATABASE {name} SET search_path = public, pg_catalog")
            visit = patient.visit()
            assert visit.state("clock") == state
            assert "set-ntp" in visit.said("clock")


def test_a_missing_worker_and_another_version_are_found(patient: Patient) -> None:
    with redis() as server:
        given = {"CELERY_BROKER_URL": server.url, "REDIS_PASSWORD": PASSWORD}
        visit = patient.visit(**given)
        assert visit.complaints() == {"processes": "fail"}
        assert "no worker lives" in visit.said("processes")
        patient.lives("worker", "0.0.9")
        visit = patient.visit(**given)
        assert visit.complaints() == {"versions": "warn"}
        assert "worker on h (0.0.9)" in visit.said("versions")


def test_a_question_that_waits_too_long_is_found(patient: Patient) -> None:
    patient.sql(
        "INSERT INTO conversation (phone_number_id, customer, customer_key, holder, last_at, unanswered_since, due_at, "
        "fence, redrafts, failures, created_at) SELECT '106540352242922', config, config, 'bot', NOW, NOW - 90000, "
        "NOW - 90000, 0, 0, 0, NOW FROM agent_version"
    )
    assert patient.visit().complaints() == {"queue": "warn"}
    patient.sql("UPDATE conversation SET unanswered_since = NOW - 900000")
    assert patient.visit().complaints() == {"queue": "fail"}
    patient.sql("UPDATE agent SET status = 'paused'")
    assert patient.visit().complaints() == {}, "a paused agent keeps nobody waiting by mistake"
    patient.sql(
        "INSERT INTO reply (conversation_id, part, author, state, content, tracker, attempts, asked_at, created_at) "
        "SELECT id, 0, 'bot', 'uncertain', customer, 't', 1, NOW, NOW FROM conversation"
    )
    assert patient.visit().complaints() == {"replies": "warn"}


def test_a_clock_that_stands_still_is_found(patient: Patient) -> None:
    patient.sql("INSERT INTO chore (name, begun_at) VALUES ('check_health', NOW)")
    assert patient.visit().complaints() == {}
    patient.sql("UPDATE chore SET begun_at = NOW - 3600000")
    assert patient.visit().complaints() == {"clockwork": "warn"}


@pytest.fixture
def broker() -> Iterator[Redis]:
    """A Redis."""
    with redis() as server:
        yield server


def test_redis_away_or_with_another_password_is_found(embedded: Patient, broker: Redis) -> None:
    embedded.lives("worker")
    assert embedded.visit(CELERY_BROKER_URL=broker.url, REDIS_PASSWORD=PASSWORD).complaints() == {}
    for password in ("another", None):
        visit = embedded.visit(
            CELERY_BROKER_URL=broker.url, **({"REDIS_PASSWORD": password} if password else {})
        )
        assert visit.complaints() == {"broker": "fail"}
        assert "REDIS_PASSWORD" in visit.said("broker")
    broker.stop()
    visit = embedded.visit(CELERY_BROKER_URL=broker.url, REDIS_PASSWORD=PASSWORD)
    assert visit.complaints() == {"broker": "fail"}
    assert "start it" in visit.said("broker")


def test_a_redis_that_throws_things_away_is_found(embedded: Patient, broker: Redis) -> None:
    embedded.lives("worker")
    broker.stop()
    broker.start("allkeys-lru")
    visit = embedded.visit(CELERY_BROKER_URL=broker.url, REDIS_PASSWORD=PASSWORD)
    assert visit.complaints() == {"redis policy": "warn"}
    assert "noeviction" in visit.said("redis policy")


def test_a_redis_that_cannot_save_is_found(embedded: Patient, broker: Redis) -> None:
    embedded.lives("worker")
    with redis_client.Redis.from_url(broker.url, password=PASSWORD) as client:
        client.set("something", "to save")
        shutil.rmtree(str(client.config_get("dir")["dir"]))
        client.bgsave()
        eventually(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err")
    visit = embedded.visit(CELERY_BROKER_URL=broker.url, REDIS_PASSWORD=PASSWORD)
    assert visit.complaints() == {"redis persistence": "fail"}


@pytest.mark.slow
def test_rabbitmq_is_asked_too(embedded: Patient) -> None:
    embedded.lives("worker")
    with rabbitmq() as url:
        eventually(lambda: embedded.visit(CELERY_BROKER_URL=url).complaints() == {}, 60)
        visit = embedded.visit(CELERY_BROKER_URL=url.replace("guest:guest", "guest:wrong"))
        assert visit.complaints() == {"broker": "fail"}
        assert "correct user and password" in visit.said("broker")
    visit = embedded.visit(CELERY_BROKER_URL=url)
    assert visit.complaints() == {"broker": "fail"}


def test_the_modes_of_a_fresh_instance_are_right(embedded: Patient) -> None:
    assert stat.S_IMODE(embedded.home.stat().st_mode) == 0o700
    assert embedded.visit().state("files") == "ok"
