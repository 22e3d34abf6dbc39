"""Log lines and labels: what is told once, what is never told."""

import io
import json
import logging
import threading
from collections.abc import Iterator
from contextvars import Context
from typing import Any

import pytest
from prometheus_client import REGISTRY

from src import VERSION
from src.core import telemetry
from src.core.telemetry import Few, correlation, log_json, note, timed, wide

log = logging.getLogger("tests.telemetry")


class Written:
    """What the process wrote, as JSON."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._stream.getvalue().splitlines()]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    log_json()
    yield Written(stream)
    root.handlers[:] = before
    root.setLevel(level)


def test_a_wide_event_is_one_line_with_all_that_was_noted_inside(written: Written) -> None:
    with wide(log, "turn_ended", conversation_id=7, outcome="failed"):
        with timed("draft_ms"):
            note(decision="answer")
        note(outcome="settled")
    (line,) = written.lines
    assert (line["event"], line["conversation_id"], line["outcome"], line["decision"]) == (
        "turn_ended",
        7,
        "settled",
        "answer",
    )
    assert line["draft_ms"] <= line["ms"]


def test_a_wide_event_is_written_also_when_the_block_fails_and_tells_no_text(written: Written) -> None:
    with pytest.raises(ValueError, match="what the customer said"), wide(log, "turn_ended", outcome="failed"):
        raise ValueError("what the customer said")
    (line,) = written.lines
    assert line["outcome"] == "failed"
    assert "customer" not in json.dumps(line)


def test_a_note_outside_of_an_event_is_nothing(written: Written) -> None:
    note(decision="answer")
    with wide(log, "turn_ended"):
        pass
    note(decision="clarify")
    (line,) = written.lines
    assert "decision" not in line


def test_events_in_two_threads_do_not_mix(written: Written) -> None:
    both = threading.Barrier(2, timeout=10)

    def work(number: int) -> None:
        correlation.set(f"id-{number}")
        with wide(log, "turn_ended"):
            both.wait()
            note(number=number)
            both.wait()

    threads = [threading.Thread(target=Context().run, args=(work, number)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(line["correlation_id"], line["number"]) for line in written.lines} == {("id-1", 1), ("id-2", 2)}


def test_an_exception_is_told_by_type_and_place_alone(written: Written) -> None:
    try:
        raise RuntimeError("EAAG-a-token")
    except RuntimeError:
        log.exception("turn_failed", extra={"conversation_id": 7})
    (line,) = written.lines
    assert line["error"] == "RuntimeError"
    assert line["at"][-1].startswith("test_telemetry.py:")
    assert "EAAG" not in json.dumps(line)


def test_a_line_says_which_process_wrote_it(written: Written) -> None:
    log.info("reply_sent")
    (line,) = written.lines
    host, _, pid = line["process"].rpartition(":")
    assert host
    assert pid.isdigit()


def test_a_label_that_somebody_else_chooses_stays_few() -> None:
    few = Few("ok", limit=3)
    assert [few(value) for value in ("ok", "190", "131026", "4", "190")] == [
        "ok",
        "190",
        "131026",
        "other",
        "190",
    ]


def test_a_status_that_meta_may_invent_is_other() -> None:
    assert [telemetry.a_status(status) for status in ("read", "pondered")] == ["read", "other"]


def test_series_are_there_before_their_first_event() -> None:
    """increase() does not see the event with which a series begins."""
    for name, label, value in (
        ("released_webhook_requests_total", "code", "503"),
        ("released_sends_total", "outcome", "denied"),
        ("released_turn_ends_total", "outcome", "failed"),
        ("released_bells_total", "result", "away"),
    ):
        assert REGISTRY.get_sample_value(name, {label: value}) is not None
    failed = {"table": "reply", "state": "failed"}
    assert REGISTRY.get_sample_value("released_moves_total", failed) is not None


def test_build_info_has_the_version() -> None:
    families = {family.name: family for family in REGISTRY.collect()}
    (sample,) = families["released_build_info"].samples
    assert (sample.labels["version"], sample.value) == (VERSION, 1)
