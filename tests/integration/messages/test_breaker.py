"""Calls that cannot succeed are not made; one call after the other finds out when they can again."""

import logging
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from src.core import schema
from src.core.brain_tables import breakers
from src.core.database import Database, now_ms
from src.core.errors import (
    BrainBroke,
    BrainBusy,
    BrainDenied,
    BrainDown,
    BrainError,
    BrainGarbled,
    BrainInvalid,
    BrainRefused,
    BrainUnreachable,
)
from src.core.settings import Settings
from src.messages.brain import breaker
from tests.integration.messages.money_world import KEYS

NAME = "gpt-6-luna"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url, KEYS)
    schema.migrate(found)
    yield found
    found.close()


def may_call(database: Database, name: str = NAME) -> bool:
    with database.transaction() as session:
        return not breaker.is_open(session, name)


def fail(database: Database, error: BrainError, times: int = 1) -> None:
    for _ in range(times):
        breaker.record(database, NAME, error)


def seconds_left(database: Database) -> float:
    """How long calls still rest; `wait` ends it."""
    with database.read() as session:
        left: int = session.execute(select(breakers.c.open_until - now_ms())).scalar_one()
        return left / 1000


def wait(database: Database) -> None:
    """As if the time were over."""
    with database.transaction() as session:
        session.execute(update(breakers).values(open_until=now_ms() - 1))


def vain_try(database: Database, error: BrainError) -> float:
    """The time is over, one call tries, and fails; for how long calls rest then."""
    wait(database)
    assert may_call(database)
    fail(database, error)
    assert not may_call(database)
    return seconds_left(database)


@pytest.mark.parametrize("error", [BrainBusy("429"), BrainDown("503"), BrainUnreachable("refused")])
def test_a_server_that_fails_three_times_in_a_row_is_left_alone(
    database: Database, error: BrainError
) -> None:
    fail(database, error, 2)
    assert may_call(database)
    fail(database, error)
    assert not may_call(database)
    assert 8 < seconds_left(database) <= 10


def test_a_success_between_failures_is_no_row(database: Database) -> None:
    for _ in range(4):
        fail(database, BrainDown("503"), 2)
        breaker.record(database, NAME, None)
    assert may_call(database)


@pytest.mark.parametrize("error", [BrainBroke("insufficient_quota"), BrainDenied("401")])
def test_what_a_person_must_mend_stops_calls_at_once(database: Database, error: BrainError) -> None:
    fail(database, error)
    assert not may_call(database)
    assert 298 < seconds_left(database) <= 300


@pytest.mark.parametrize("error", [BrainInvalid("400"), BrainRefused("no"), BrainGarbled("cut")])
def test_an_error_that_only_a_living_server_gives_stops_nothing(
    database: Database, error: BrainError
) -> None:
    fail(database, BrainDown("503"), 2)
    fail(database, error, 5)
    fail(database, BrainDown("503"), 2)
    assert may_call(database)


def test_each_vain_try_doubles_the_time_up_to_a_bound(database: Database) -> None:
    fail(database, BrainDown("503"), 3)
    rests = [vain_try(database, BrainDown("503")) for _ in range(5)]
    assert [round(seconds, -1) for seconds in rests] == [20, 40, 80, 120, 120]


def test_what_a_person_must_mend_is_tried_less_and_less(database: Database) -> None:
    fail(database, BrainBroke("insufficient_quota"))
    rests = [vain_try(database, BrainBroke("insufficient_quota")) for _ in range(4)]
    assert [round(seconds, -2) for seconds in rests] == [600, 1200, 1800, 1800]


def test_another_kind_of_trouble_begins_anew(database: Database) -> None:
    fail(database, BrainDown("503"), 3)
    vain_try(database, BrainDown("503"))
    assert 298 < vain_try(database, BrainDenied("401")) <= 300
    assert 8 < vain_try(database, BrainUnreachable("refused")) <= 10


def test_the_time_that_the_server_names_is_kept(database: Database) -> None:
    fail(database, BrainBusy("429", retry_after=60.0), 3)
    assert 58 < seconds_left(database) <= 60
    assert 1790 < vain_try(database, BrainBusy("429", retry_after=1e9)) <= 1800


def test_one_call_alone_tries_and_its_success_lets_all_go(database: Database) -> None:
    fail(database, BrainDown("503"), 3)
    wait(database)
    told: list[bool] = []
    both = threading.Barrier(8, timeout=30)

    def ask() -> None:
        both.wait()
        told.append(may_call(database))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [False] * 7 + [True]
    breaker.record(database, NAME, None)
    assert may_call(database)
    assert may_call(database)


def test_a_call_that_tries_and_never_ends_holds_nobody_up(database: Database) -> None:
    fail(database, BrainDown("503"), 3)
    wait(database)
    assert may_call(database)
    assert not may_call(database)
    assert 30 < seconds_left(database) <= 35
    wait(database)
    assert may_call(database)


def test_calls_that_were_under_way_when_it_opened_do_not_lengthen_it(database: Database) -> None:
    fail(database, BrainDown("503"), 30)
    assert seconds_left(database) <= 10
    assert vain_try(database, BrainDown("503")) <= 20


def test_the_trouble_of_one_model_does_not_stop_another(database: Database) -> None:
    fail(database, BrainBroke("insufficient_quota"))
    assert may_call(database, "gpt-6.1-terra")


def test_the_log_says_when_calls_stop_and_go_on(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    fail(database, BrainDown("503"), 3)
    breaker.record(database, NAME, None)
    breaker.record(database, NAME, None)
    fail(database, BrainDown("503"))
    breaker.record(database, NAME, None)
    opened, closed = (record.__dict__ for record in caplog.records if record.name == breaker.__name__)
    assert (opened["msg"], opened["model"], opened["reason"], opened["seconds"]) == (
        "breaker_opened",
        NAME,
        "down",
        10,
    )
    assert (closed["msg"], closed["model"], closed["reason"]) == ("breaker_closed", NAME, "down")


def test_who_asks_sees_which_models_rest_by_their_part(database: Database) -> None:
    settings = Settings(_env_file=None, openai_second_model="gpt-6.1-terra")
    fail(database, BrainBroke("insufficient_quota"))
    breaker.record(database, "an-earlier-model", BrainBroke("insufficient_quota"))
    wait(database)  # until a call has succeeded, it is not known to work
    breaker.record(database, "gpt-6.1-terra", BrainDown("503"))
    with database.read() as session:
        found = breaker.opened(session, settings)
    assert {part: row and row.reason for part, row in found.items()} == {
        "first": "broke",
        "second": None,
        "transcribe": None,
    }
