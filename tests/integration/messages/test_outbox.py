"""A reply is sent once, in order, whatever Meta answers; what cannot be sent reaches a person."""

import pytest

from tests.integration.messages.test_turns import lines, opening_hours, quiet
from tests.world import World, eventually

pytestmark = pytest.mark.both_databases


def accepted(world: World) -> list[dict[str, object]]:
    return [entry for entry in world.ledger("send") if entry["accepted"]]


def test_busy_is_tried_again_and_arrives_once(world: World) -> None:
    opening_hours(world)
    world.fault(on="messages", code=131056, times=2)
    world.says("¿Dónde están?")
    assert world.answers() == ["En la calle Mayor, 3."]
    eventually(lambda: quiet(world))
    assert (len(world.ledger("send")), len(accepted(world))) == (3, 1)


def test_each_attempt_carries_a_tracker_of_its_own(world: World) -> None:
    opening_hours(world)
    world.fault(on="messages", code=130429, times=1)
    world.says("¿Dónde están?")
    world.answers()
    trackers = [entry["request"]["biz_opaque_callback_data"] for entry in world.ledger("send")]
    assert len(set(trackers)) == 2


def test_a_later_failure_is_judged_by_the_same_table(world: World) -> None:
    opening_hours(world)
    world.fault(on="messages", kind="async_failure", code=131056)
    world.says("¿Dónde están?")
    assert world.answers()[-1] == "En la calle Mayor, 3."
    eventually(lambda: [m for m in world.chat() if m["from"] == "business" and m["status"] == "delivered"])
    assert len(accepted(world)) == 2


def test_what_meta_refuses_for_good_calls_a_person(world: World) -> None:
    opening_hours(world)
    world.fault(on="messages", kind="async_failure", code=131026)
    world.says("¿Dónde están?")
    (waiting,) = eventually(lambda: [c for c in world.conversations() if c["holder"] == "waiting"])
    assert waiting["reason"] == "a reply failed"
    assert [line["state"] for line in lines(world)] == ["answered", "failed"]


def test_an_answer_that_never_came_is_settled_by_the_status_and_not_sent_again(world: World) -> None:
    opening_hours(world)
    world.fault(on="messages", kind="hang", seconds=0.2, accept=True, answer=False)
    world.says("¿Dónde están?")
    assert world.answers() == ["En la calle Mayor, 3."]
    eventually(lambda: quiet(world))
    eventually(lambda: lines(world)[-1]["state"] == "delivered")
    assert len(world.ledger("send")) == 1


def test_a_status_may_come_before_the_sends_answer(world: World) -> None:
    opening_hours(world)
    world.fault(on="statuses", kind="before_answer")
    world.says("¿Dónde están?")
    world.answers()
    eventually(lambda: lines(world)[-1]["state"] == "delivered")
    assert len(world.ledger("send")) == 1


def test_duplicated_statuses_change_nothing(world: World) -> None:
    opening_hours(world)
    world.fault(on="statuses", kind="duplicate", times=2)
    world.says("¿Dónde están?")
    world.answers()
    eventually(lambda: lines(world)[-1]["state"] == "delivered")
    eventually(lambda: quiet(world))
    assert len(accepted(world)) == 1


def test_a_long_answer_goes_in_parts_and_in_order(world: World) -> None:
    # An owner's answer has 4,000 characters at most: two of them in one turn need two messages.
    one, two = "Primera. " * 440, "Segunda. " * 440
    world.knows("¿A qué hora abren?", one)
    world.knows("¿Dónde están?", two)
    world.says("¿A qué hora abren?")
    world.says("¿Dónde están?")
    eventually(lambda: "Segunda." in "".join(world.phone()))
    eventually(lambda: quiet(world), 40)
    everything = "".join(world.phone())
    assert everything.index("Primera.") < everything.index("Segunda.")
    assert all(len(text) <= 4096 for text in world.phone())


def test_a_token_that_is_refused_keeps_the_answer_for_later(world: World) -> None:
    opening_hours(world)
    world.fault(on="messages", code=190, times=1)
    world.says("¿Dónde están?")
    eventually(lambda: [line for line in lines(world) if line["from"] == "bot" and line["state"] == "queued"])
    assert world.conversations()[0]["holder"] == "bot"


def test_when_a_part_fails_a_person_gets_the_rest(world: World) -> None:
    world.knows("¿A qué hora abren?", "Primera. " * 440)
    world.knows("¿Dónde están?", "Segunda. " * 440)
    world.fault(on="messages", code=131009)
    world.says("¿A qué hora abren?")
    world.says("¿Dónde están?")
    (waiting,) = eventually(lambda: [c for c in world.conversations() if c["holder"] == "waiting"])
    assert waiting["reason"] == "a reply failed"
    states = [line["state"] for line in lines(world) if line["from"] == "bot"]
    assert states[0] == "failed"
    assert set(states[1:]) <= {"withheld"}
    assert world.phone() == []
