"""`released up`: one process that starts, answers, ends cleanly, and says in one line what is wrong."""

import os
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from urllib3.exceptions import HTTPError

from tests import launch
from tests.ports import free_port
from tests.world import call, eventually


def command(home: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return launch.run("src", *words, env={**os.environ, "RELEASED_HOME": str(home), **settings})


@contextmanager
def up(home: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    process = launch.start(
        *("src", "up", "--port", str(port)),
        env={**os.environ, "RELEASED_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        eventually(lambda: process.poll() is not None or ready(port), 60)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ready(port: int) -> bool:
    try:
        return call("GET", f"http://127.0.0.1:{port}/ready")[0] == 200
    except (OSError, HTTPError):
        return False


def test_the_bakery_answers_on_the_first_start_and_what_was_in_flight_on_the_next(tmp_path: Path) -> None:
    port = free_port()
    sandbox = f"http://127.0.0.1:{port}/sandbox"
    with up(tmp_path, port) as process:
        state = eventually(lambda: (found := call("GET", f"{sandbox}/api/state")[1])["numbers"] and found)
        chat = f"{sandbox}/api/chats/{state['customers'][0]['id']}/{state['numbers'][0]['phone_number_id']}"
        call("POST", f"{chat}/messages", {"type": "text", "text": "a q hora abrís?"})
        eventually(lambda: "7:30" in str(call("GET", chat)[1]))
        call("POST", f"{chat}/messages", {"type": "text", "text": "¿se puede pagar con tarjeta?"})
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
        assert process.returncode == 0
        for said in (
            f"http://127.0.0.1:{port}/sandbox/",
            f"http://127.0.0.1:{port}/docs",
            str(tmp_path / "api_key"),
        ):
            assert said in out
        assert (tmp_path / "api_key").read_text().strip() not in out
    with up(tmp_path, port):
        eventually(lambda: "Bizum" in str(call("GET", chat)[1]))
        assert len(call("GET", f"{sandbox}/api/state")[1]["numbers"]) == 1


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode != 0
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert "is taken by another program" in one_line(command(tmp_path, "up", "--port", str(port)))


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "RELEASED_HOME" in one_line(command(tmp_path / "file", "up"))


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "eighty"), ("DATABASE_URL", "mysql://x/y"), ("BURST_WAIT_MS", "x")]
)
def test_an_invalid_setting_is_one_clear_line(tmp_path: Path, name: str, value: str) -> None:
    assert name in one_line(command(tmp_path, "up", **{name: value}))


def test_a_newer_database_is_refused_clearly(tmp_path: Path) -> None:
    assert command(tmp_path, "migrate").returncode == 0
    with sqlite3.connect(tmp_path / "released.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "schema 9999" in one_line(command(tmp_path, "up"))


def test_a_database_sealed_with_another_key_is_refused_clearly(tmp_path: Path) -> None:
    agents(tmp_path)
    (tmp_path / "secret_key").write_text("another key that is long enough for it")
    assert "SECRET_KEY" in one_line(command(tmp_path, "agent", "list"))


def agents(home: Path, **settings: str) -> str:
    faqs = home / "faqs.csv"
    faqs.write_text("pregunta;respuesta\n¿Abren?;Sí\n", encoding="utf-8")
    words = (
        "agent",
        "add",
        "+34600000147",
        "--faqs",
        str(faqs),
        "--phone-number-id",
        "55",
        "--name",
        "Zarpa",
    )
    result = command(home, *words, **settings)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_shell_finds_the_port_at_which_the_instance_was_started(tmp_path: Path) -> None:
    port = free_port()
    faqs = tmp_path / "faqs.csv"
    faqs.write_text("pregunta;respuesta\n¿Abren?;Sí\n", encoding="utf-8")
    with up(tmp_path, port):
        made = command(tmp_path, "agent", "add", "+34600000147", "--faqs", str(faqs))
        assert made.returncode == 0, made.stderr
        numbers = call("GET", f"http://127.0.0.1:{port}/sandbox/api/state")[1]["numbers"]
        assert "+34600000147" in {one["display_phone_number"] for one in numbers}


def test_the_shell_does_what_the_api_does(tmp_path: Path) -> None:
    assert '"phone_number_id": "55"' in agents(tmp_path)
    assert command(tmp_path, "numbers", "list").stdout == "+34600000147\t55\t\n"
    assert command(tmp_path, "numbers", "add", "+34600000148", "--id", "56").returncode == 0
    assert "is registered with the id" in one_line(
        command(tmp_path, "numbers", "add", "+34600000148", "--id", "57")
    )
    listed = command(tmp_path, "agent", "list").stdout
    agent_id = listed.split('"agent_id": "')[1].split('"')[0]
    assert '"status": "paused"' in command(tmp_path, "agent", "pause", agent_id).stdout
    assert '"status": "live"' in command(tmp_path, "agent", "resume", agent_id).stdout
    more = tmp_path / "more.json"
    more.write_text('[{"q": "¿Abren?", "a": "No"}, {"q": "¿Cuándo?", "a": "Nunca"}]')
    assert command(tmp_path, "faqs", "import", agent_id, str(more)).stdout == "2 FAQs\n"
    assert '"change": "faqs"' in command(tmp_path, "agent", "versions", agent_id).stdout
    assert "is removed" in command(tmp_path, "agent", "remove", agent_id, "--yes").stdout
    assert "no agent has the id" in one_line(command(tmp_path, "agent", "show", agent_id))


def test_a_wrong_faq_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "faqs.json").write_text('[{"q": "¿Abren?"}]')
    words = ("agent", "add", "+34600000147", "--faqs", str(tmp_path / "faqs.json"), "--phone-number-id", "5")
    assert "released: " in one_line(command(tmp_path, *words))
