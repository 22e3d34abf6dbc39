"""What cannot work does not start: one line says what is wrong, why, and what to do."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests import launch
from tests.integration.cli.test_up import agents, command, one_line, ready, up
from tests.ports import free_port
from tests.world import call

STARTS = (
    ("src", "up"),
    ("src", "web"),
    ("uvicorn", "src.main:app"),
    ("celery_worker.worker",),
    ("celery", "-A", "src.tasks", "worker"),
)
BROKER = {"CELERY_BROKER_URL": "redis://127.0.0.1:1/0", "METRICS_PORT": "0"}


def start(words: tuple[str, ...], home: Path, **settings: str) -> str:
    """The one line with which this start ends; before it, Celery warns of a worker that runs as root."""
    more = BROKER if "celery" in words[0] else {"PORT": str(free_port())}
    ended = launch.run(*words, env={**os.environ, "RELEASED_HOME": str(home), **more, **settings})
    assert "Traceback" not in ended.stderr
    said, _, last = ended.stderr.strip().rpartition("\n")
    assert ended.returncode != 0
    assert not said or "superuser privileges" in said
    return last


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An instance with an agent."""
    agents(tmp_path)
    return tmp_path


@pytest.mark.parametrize("words", STARTS)
def test_nothing_starts_with_another_key_than_the_database_was_sealed_with(
    words: tuple[str, ...], home: Path
) -> None:
    (home / "secret_key").write_text("another key that is long enough for it")
    assert "SECRET_KEY does not open this database" in start(words, home)


@pytest.mark.parametrize("words", STARTS[:3])
def test_a_lost_key_is_never_replaced_by_a_new_one(words: tuple[str, ...], home: Path) -> None:
    (home / "secret_key").unlink()
    assert "secret_key is missing, but the database holds what was sealed" in start(words, home)
    assert not (home / "secret_key").exists()


def test_a_lost_key_is_missed_beside_either_database(database_url: str, tmp_path: Path) -> None:
    agents(tmp_path, DATABASE_URL=database_url)
    other = tmp_path / "other"
    assert "is missing" in one_line(command(other, "agent", "list", DATABASE_URL=database_url))
    wrong = {"DATABASE_URL": database_url, "SECRET_KEY": "another key that is long enough for it"}
    assert "does not open this database" in one_line(command(other, "up", **wrong))


@pytest.mark.parametrize(("name", "kept"), [("secret_key", ""), ("api_key", "short\n")])
def test_a_key_file_without_a_key_is_named(home: Path, name: str, kept: str) -> None:
    (home / name).write_text(kept)
    assert f"{name} holds no secret" in start(("src", "up"), home)


def test_what_runs_already_is_not_ready_once_the_database_is_another_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELEASED_DEMO", "0")
    port, other = free_port(), tmp_path / "other"
    other.mkdir()
    agents(other)
    with up(tmp_path, port):
        assert ready(port)
        with closing(sqlite3.connect(other / "released.db")) as theirs:
            keys = theirs.execute("SELECT id, wrapped FROM data_key WHERE id = 'root'").fetchall()
        with closing(sqlite3.connect(tmp_path / "released.db", timeout=30)) as ours:
            ours.executemany("UPDATE data_key SET wrapped = ?2 WHERE id = ?1", keys)
            ours.commit()
        status, said = call("GET", f"http://127.0.0.1:{port}/ready")
        assert status == 503
        assert "SECRET_KEY does not open this database" in said["parts"]["database"]


@pytest.mark.parametrize(
    ("words", "url", "says"),
    [
        ("up", "postgresql://u:s3cret@127.0.0.1:1/x", "PostgreSQL at 127.0.0.1:1 does not answer"),
        ("agent list", "postgresql://u:s3cret@127.0.0.1:1/x", "PostgreSQL at 127.0.0.1:1 does not answer"),
        ("migrate", "sqlite:////nonexistent/folder/x.db", "make its folder"),
        ("web", "sqlite:///README.md", "file is not a database"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_line(words: str, url: str, says: str, tmp_path: Path) -> None:
    said = one_line(command(tmp_path, *words.split(), DATABASE_URL=url, SECRET_KEY="k" * 32))
    assert says in said
    assert "s3cret" not in said


def test_the_containers_settings_without_containers_are_explained(tmp_path: Path) -> None:
    url = "postgresql+asyncpg://released:change-me@db:5432/released"
    said = one_line(command(tmp_path, "up", DATABASE_URL=url))
    assert "docker compose up -d" in said
    assert "take DATABASE_URL and CELERY_BROKER_URL out of .env" in said


@pytest.mark.parametrize("broker", ["http://x", "localhost:6379", "amqp:x"])
def test_a_broker_that_is_none_ends_the_start(tmp_path: Path, broker: str) -> None:
    said = one_line(command(tmp_path, "up", CELERY_BROKER_URL=broker))
    assert said.startswith("released: CELERY_BROKER_URL: must begin with redis://")


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (b"BURST_WAIT_MS=1500\nOPENAI_API_KEY='sk-a-secret\n", ".env, line 2: not KEY=value, or a quote"),
        (b"# Ma\xf1ana\nPORT=8080\n", ".env is not UTF-8"),
    ],
)
def test_an_env_file_that_cannot_be_read_ends_the_start(tmp_path: Path, written: bytes, says: str) -> None:
    (tmp_path / ".env").write_bytes(written)
    environment = {**os.environ, "RELEASED_HOME": str(tmp_path / "home")}
    said = one_line(launch.run("src", "up", env=environment, cwd=tmp_path))
    assert says in said
    assert "sk-a-secret" not in said


def test_one_process_works_one_home_and_commands_beside_it_go_on(home: Path) -> None:
    port = free_port()
    with up(home, port) as process:
        assert "another `released up` works with" in start(("src", "up"), home)
        assert command(home, "numbers", "list").returncode == 0
        process.kill()
        process.wait()
    with up(home, port):
        assert ready(port)
