"""After the silence that the owner allows, a conversation is the bot's again, once, whoever looks."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from src.messages.people.returns import give_back_silent
from tests.integration.people.desk import A_PERSON, Desk
from tests.world import eventually

pytestmark = pytest.mark.both_databases

MINUTE = 60_000


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    with Desk(tmp_path, database_url) as found:
        found.opens(contact="910 000 147", return_minutes=30)
        yield found


def holder(desk: Desk) -> str:
    return str(desk.conversations()[0]["holder"])


def test_what_waited_too_long_goes_back_and_the_customer_hears_nothing_of_it(desk: Desk) -> None:
    desk.says(A_PERSON)
    one = desk.waiting()
    assert one["returns_at"] == one["waiting_since"] + 30 * MINUTE
    desk.answers()
    assert give_back_silent(desk.instance) == {"returned": 0}
    desk.time_passes(30 * MINUTE)
    assert give_back_silent(desk.instance) == {"returned": 1}
    assert holder(desk) == "bot"
    assert len(desk.phone()) == 1
    desk.says("¿Dónde están?")
    assert desk.answers(2)[1] == "En la calle Mayor, 3."


def test_what_a_person_has_goes_back_so_long_after_their_last_reply(desk: Desk) -> None:
    desk.says(A_PERSON)
    conversation = desk.waiting()["id"]
    desk.api("POST", f"/conversation/{conversation}/takeover")
    desk.time_passes(20 * MINUTE)
    assert desk.api("POST", f"/conversation/{conversation}/reply", {"text": "Soy Ana."})[0] == 201
    desk.time_passes(20 * MINUTE)
    assert give_back_silent(desk.instance) == {"returned": 0}
    desk.time_passes(10 * MINUTE)
    assert give_back_silent(desk.instance) == {"returned": 1}
    assert holder(desk) == "bot"


def test_what_the_customer_wrote_meanwhile_is_answered(desk: Desk) -> None:
    desk.says(A_PERSON)
    conversation = desk.waiting()["id"]
    desk.answers()
    desk.api("POST", f"/conversation/{conversation}/takeover")
    desk.says("¿Dónde están?")
    eventually(lambda: desk.conversations()[0]["unanswered_since"])
    desk.time_passes(30 * MINUTE)
    give_back_silent(desk.instance)
    assert desk.answers(2)[1] == "En la calle Mayor, 3."


def test_several_clocks_give_back_once(desk: Desk) -> None:
    for customer in range(3):
        desk.says(A_PERSON, customer)
    eventually(lambda: len([c for c in desk.conversations() if c["holder"] == "waiting"]) == 3)
    desk.time_passes(31 * MINUTE)
    with ThreadPoolExecutor(4) as clocks:
        done = list(clocks.map(lambda _: give_back_silent(desk.instance)["returned"], range(4)))
    assert sum(done) == 3


def test_without_the_setting_people_may_be_silent_for_ever(desk: Desk) -> None:
    desk.api("PATCH", f"/agent/{desk.agent_id}", {"handoff": {"return_minutes": None}})
    desk.says(A_PERSON)
    assert desk.waiting()["returns_at"] is None
    desk.time_passes(60 * 24 * 60 * MINUTE)
    assert give_back_silent(desk.instance) == {"returned": 0}
    assert holder(desk) == "waiting"
