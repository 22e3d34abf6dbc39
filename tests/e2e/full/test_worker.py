"""One worker: the right pool, bells from each broker, an end in good order."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.turns import judge, make_customers, settle
from src.messages.chores import CHORES
from tests import launch
from tests.brokers import PASSWORD, Redis
from tests.e2e.full.conftest import Make
from tests.full_world import BARE_WORKER, WORKER, FullWorld
from tests.ports import free_port
from tests.world import call, eventually

ANSWER = "A las nueve."


def children(pid: int) -> list[str]:
    return subprocess.run(
        ["ps", "--ppid", str(pid), "-o", "cmd="], capture_output=True, check=False, text=True
    ).stdout.split("\n")[:-1]


def bells(world: FullWorld, result: str) -> float:
    text = call("GET", f"http://127.0.0.1:{world.web_ports[0]}/metrics")[1]
    lines = [
        line for line in text.splitlines() if line.startswith(f'released_bells_total{{result="{result}"}}')
    ]
    return float(lines[0].split()[-1]) if lines else 0.0


def test_the_bare_command_gets_one_thread_and_no_children(make: Make, broker: Redis) -> None:
    with make(broker.url, worker_command=BARE_WORKER) as world:
        world.says("a que hora abren?")
        assert world.answers() == [ANSWER]
        worker = world.workers[0]
        assert children(worker.process.pid) == []
        log = "\n".join(worker.events())
        assert "1 (thread)" in log
        assert "mingle" not in log
        assert PASSWORD not in log
        assert bells(world, "rung") >= 1


@pytest.mark.slow
def test_rabbitmq_rings_too(make: Make, amqp_url: str) -> None:
    with make(amqp_url) as world:
        world.says("a que hora abren?")
        assert world.answers() == [ANSWER]
        eventually(lambda: bells(world, "rung") >= 1)
        assert bells(world, "away") == 0


def test_a_broker_that_is_away_from_the_start_costs_no_message_and_no_good_end(make: Make) -> None:
    with make(f"redis://127.0.0.1:{free_port()}/0") as world:
        for k in range(3):
            world.says("a que hora abren?", k)
        for k in range(3):
            assert world.answers(1, k) == [ANSWER]
        assert world.workers[0].stop() == 0
        assert {entry["http_status"] for entry in world.ledger("webhook")} == {200}


@pytest.mark.slow
def test_a_broker_that_never_answers_delays_no_acknowledgement(make: Make) -> None:
    deaf = socket.create_server(("127.0.0.1", 0), backlog=100)  # takes connections, and says nothing
    with deaf, make(f"redis://127.0.0.1:{deaf.getsockname()[1]}/0") as world:
        make_customers(world, 5)
        for k in range(5):
            world.says("a que hora abren?", k)
        for k in range(5):
            assert world.answers(1, k) == [ANSWER]
        assert {entry["http_status"] for entry in world.ledger("webhook")} == {200}


def test_sigterm_lets_what_is_in_flight_end(make: Make, broker: Redis) -> None:
    with make(broker.url) as world:
        world.fault(on="messages", kind="hang", seconds=3, accept=True, answer=True)
        world.says("a que hora abren?")
        eventually(lambda: world.sql("SELECT 1 FROM reply WHERE state = 'sending'"))
        assert world.workers[0].stop() == 0
        assert world.sql("SELECT count(*) FROM reply WHERE state IN ('sent', 'delivered', 'read')") == [(1,)]
        world.says("¿dónde están?", 1)
        world.workers.append(world.start_worker())
        assert world.answers(1, 1) == ["En la calle Mayor 7."]
        settle(world)
        outcome = judge(world, 2)
        assert (outcome.lost, outcome.doubled, outcome.for_a_person) == (0, 0, 0)


def test_a_worker_says_what_it_is_through_the_result_backend(make: Make, broker: Redis) -> None:
    with make(broker.url, celery_result_backend=broker.url, metrics_port=free_port()) as world:
        ask = "from src.tasks import report; print(report.apply_async().get(timeout=20)['dispatcher'])"
        asked = world.run([sys.executable, "-c", ask])
        assert asked.stdout.strip() == "ok", asked.stderr[-500:]
        own = f"http://127.0.0.1:{world.settings()['metrics_port']}"
        assert call("GET", f"{own}/health")[0] == 200
        assert call("GET", f"{own}/ready")[1]["parts"] == {"database": "ok", "dispatcher": "ok"}
        assert "released_inbox_oldest_age_seconds" in call("GET", f"{own}/metrics")[1]
        assert call("GET", f"{own}/nothing")[0] == 404


def test_two_clocks_do_each_chore_once(make: Make, broker: Redis) -> None:
    with make(broker.url) as world:
        ring = "from src.tasks import do_chores; [do_chores.apply_async() for _ in range(2)]"
        for _ in range(2):
            assert world.run([sys.executable, "-c", ring]).returncode == 0
        eventually(lambda: len(chores_done(world)) >= len(CHORES))
        time.sleep(1)
        assert sorted(json.loads(line)["chore"] for line in chores_done(world)) == sorted(CHORES)


def chores_done(world: FullWorld) -> list[str]:
    return [line for line in world.workers[0].events() if "chore_done" in line]


def test_beat_tells_that_it_lives(make: Make, broker: Redis) -> None:
    with make(broker.url) as world:
        beat = world.start_beat()
        try:
            assert eventually(lambda: world.sql("SELECT 1 FROM process WHERE kind = 'beat'"))
        finally:
            beat.signal(signal.SIGTERM)
            beat.process.wait(30)


@pytest.mark.parametrize("command", [WORKER, BARE_WORKER])
def test_a_wrong_setting_is_one_line(command: list[str], tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "RELEASED_HOME": str(tmp_path),
        "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
    }
    ended = launch.run(*command, env={**environment, "SECRET_KEY": "short"})
    assert ended.returncode != 0
    assert "SECRET_KEY" in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout


def test_a_worker_without_a_broker_says_what_to_set(tmp_path: Path) -> None:
    ended = launch.run(*WORKER, env={"PATH": os.environ["PATH"], "RELEASED_HOME": str(tmp_path)})
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "CELERY_BROKER_URL" in ended.stderr
