"""One correlation id from webhook to receipt, one wide line a turn, and `released logs` that tells it all."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import launch
from tests.process_world import ProcessWorld
from tests.world import NUMBER, TOKEN, call, eventually

QUESTION, ANSWER = "a que hora abren mañana?", "A las nueve, de lunes a sábado."


class Logged(ProcessWorld):
    """A platform in a process of its own, with its log."""

    owner_says = (("¿A qué hora abren?", ANSWER),)

    @property
    def text(self) -> str:
        return (self.home / "platform.log").read_text("utf-8")

    def lines(self, event: str) -> list[dict[str, Any]]:
        """The lines of one event."""
        told = [json.loads(line) for line in self.text.splitlines() if line.startswith("{")]
        return [line for line in told if line["event"] == event]

    def wait_for(self, event: str, count: int = 1) -> list[dict[str, Any]]:
        """The lines of an event, as soon as there are so many."""
        eventually(lambda: len(self.lines(event)) >= count)
        return self.lines(event)

    def logs(self, *options: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Runs `released logs`."""
        environment = {
            **{name: os.environ[name] for name in os.environ if name.startswith(("PATH", "COVERAGE"))},
            "RELEASED_HOME": str(self.home),
            "DATABASE_URL": self.database_url,
        }
        return launch.run("src", "logs", *options, env=environment, input=given)


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Logged]:
    with Logged(tmp_path) as world:
        yield world


@pytest.fixture
def anywhere(tmp_path: Path, database_url: str) -> Iterator[Logged]:
    """As `logged`, with each kind of database."""
    with Logged(tmp_path, database_url) as world:
        yield world


def a_read_answer(world: Logged) -> int:
    """A customer asks, gets the answer and reads it; returns the turn's id."""
    world.says(QUESTION)
    assert world.answers() == [ANSWER]
    world.wait_for("receipt", 2)
    call("POST", f"{world.chat_url()}/read")
    world.wait_for("receipt", 3)
    (turn,) = world.lines("turn_ended")
    return int(turn["turn_id"])


def test_one_id_leads_from_the_webhook_to_the_receipts(logged: Logged) -> None:
    turn_id = a_read_answer(logged)
    (stored,) = logged.lines("webhook_stored")
    found = [*logged.lines("turn_ended"), *logged.lines("reply_sent"), *logged.lines("receipt")]
    assert [line["event"] for line in found] == ["turn_ended", "reply_sent", *["receipt"] * 3]
    assert {line["correlation_id"] for line in found} == {stored["correlation_id"]}
    assert {line["turn_id"] for line in found} == {turn_id}


def test_the_id_survives_the_process_that_knew_it(anywhere: Logged) -> None:
    anywhere.fault(on="messages", code=10, http_status=403)  # tried again a minute later
    anywhere.says(QUESTION)
    (failed,) = anywhere.wait_for("send_failed")
    eventually(lambda: anywhere.sql("SELECT 1 FROM reply WHERE state = 'queued' AND attempts = 1"))
    anywhere.kill()
    anywhere.start()
    anywhere.sql("UPDATE reply SET next_attempt_at = 0")
    assert anywhere.answers() == [ANSWER]
    (sent,) = anywhere.wait_for("reply_sent")
    (stored,) = anywhere.lines("webhook_stored")
    assert sent["process"] != failed["process"] == stored["process"]
    assert sent["correlation_id"] == failed["correlation_id"] == stored["correlation_id"]
    assert (failed["attempt"], sent["attempt"]) == (1, 2)


def test_no_line_bears_the_id_of_what_its_thread_did_before(tmp_path: Path) -> None:
    with Logged(tmp_path, worker_threads=1) as world:
        world.fault(on="messages", code=131016, times=2)
        for k in range(3):
            world.says(QUESTION, k)
            world.wait_for("turn_ended", k + 1)
        world.wait_for("reply_sent", 3)
        asked = {line["turn_id"]: line["correlation_id"] for line in world.lines("turn_ended")}
        sent = {line["turn_id"]: line["correlation_id"] for line in world.lines("reply_sent")}
        assert sent == asked
        assert len(set(asked.values())) == 3


def test_a_turn_ends_with_one_wide_line(logged: Logged) -> None:
    a_read_answer(logged)
    (turn,) = logged.lines("turn_ended")
    assert (turn["outcome"], turn["decision"], turn["brain"]) == ("settled", "answer", "faq")
    assert (turn["messages"], turn["replies"], turn["redrafts"], turn["late"]) == (1, 1, 0, 0)
    assert 0 < turn["confidence"] <= 1
    assert turn["agent_id"] == logged.agent_id
    parts = sum(turn[name] for name in ("gather_ms", "draft_ms", "settle_ms"))
    assert 0 < parts <= turn["ms"] + 0.3  # each is rounded
    (sent,) = logged.lines("reply_sent")
    assert 0 <= sent["send_ms"] <= sent["whole_ms"]
    assert sent["meta_ms"] > 0


def test_a_message_too_old_ends_its_turn_and_says_so(logged: Logged) -> None:
    logged.sends({"type": "text", "text": QUESTION, "timestamp": 1_700_000_000})
    (turn,) = logged.wait_for("turn_ended")
    assert turn["outcome"] == "too_late"


def test_no_line_tells_what_was_said_or_by_whom(logged: Logged) -> None:
    logged.fault(on="messages", code=131026)
    logged.says(QUESTION)
    logged.wait_for("send_failed")
    a_customer = call("GET", f"{logged.sandbox}/api/state")[1]["customers"][1]
    logged.says(QUESTION, 1)
    logged.answers(1, 1)
    turn_id = str(logged.wait_for("turn_ended", 2)[1]["turn_id"])
    told = (
        logged.text + logged.logs("--turn", turn_id).stdout + logged.logs("--turn", turn_id, "--json").stdout
    )
    secrets = [QUESTION, ANSWER, NUMBER[1:], TOKEN, a_customer["name"], a_customer["wa_id"], logged.number_id]
    assert [secret for secret in secrets if secret and secret in told] == []


def test_released_logs_tells_one_messages_life_from_the_database_alone(anywhere: Logged) -> None:
    turn_id = a_read_answer(anywhere)
    told = json.loads(anywhere.logs("--turn", str(turn_id), "--json").stdout)
    events = [step["event"] for step in told["steps"]]
    assert events[:4] == ["message_written", "message_stored", "turn_settled", "reply_queued"]
    assert sorted(events[4:]) == ["receipt_stored"] * 3 + ["reply_is_read"]
    times = [step["at"] for step in told["steps"]]
    assert times == sorted(times)
    message = str(told["ids"]["message_id"][0])
    assert json.loads(anywhere.logs("--message", message, "--json").stdout) == told


def test_released_logs_puts_the_log_lines_of_all_processes_between(logged: Logged) -> None:
    turn_id = a_read_answer(logged)
    logged.says("otra cosa", 1)
    logged.wait_for("turn_ended", 2)
    docker = "".join(f"worker-1  | {line}\n" for line in logged.text.splitlines()) + "not JSON {\n"
    shown = logged.logs("--turn", str(turn_id), "--file", "-", given=docker).stdout
    order = ["message_stored", "turn_ended", "reply_sent", "reply_is_read"]
    places = [shown.index(event) for event in order]
    assert places == sorted(places)
    assert shown.count("worker-1") == 6  # webhook, turn, send, three receipts; nothing of the other customer
    assert shown.count("turn_ended") == 1


def test_released_logs_tells_of_a_message_without_a_turn_and_of_one_that_is_not_there(logged: Logged) -> None:
    logged.sends({"type": "text", "text": QUESTION, "timestamp": 1_700_000_000})
    logged.wait_for("turn_ended")
    (message,) = logged.sql("SELECT id FROM message")[0]
    told = json.loads(logged.logs("--message", str(message), "--json").stdout)
    assert told["steps"][1]["state"] == "expired"
    assert told["steps"][-1] == {
        **told["steps"][-1],
        "event": "conversation_is_waiting",
        "reason": "too late",
    }
    missing = logged.logs("--turn", "99999")
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)
    assert "no turn 99999" in missing.stderr
    assert logged.logs().returncode == 2
