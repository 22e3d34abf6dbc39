"""A person is one step away, and the bot is silent while a person has the conversation."""

import time

from tests.integration.messages.test_turns import lines, opening_hours, quiet
from tests.world import World, eventually


def waiting(world: World) -> dict[str, object]:
    (found,) = eventually(lambda: [c for c in world.conversations() if c["holder"] == "waiting"])
    return dict(found)


def test_who_asks_for_a_person_is_told_honestly_and_waits_for_one(world: World) -> None:
    opening_hours(world)
    world.says("quiero hablar con una persona")
    (text,) = world.answers()
    assert "910 000 147" in text
    assert waiting(world)["reason"] == "asked for a person"
    world.says("¿Dónde están?")
    eventually(lambda: len(lines(world)) == 3)
    time.sleep(1.2)  # longer than the dispatcher's own clock
    assert len(world.phone()) == 1


def test_the_bot_invents_nothing_offers_a_person_and_calls_one_the_third_time(world: World) -> None:
    opening_hours(world)
    for number, thing in enumerate(("la norma ISO 9001", "sello de la UE", "carné de manipulador"), 1):
        world.says(f"¿Tienen {thing}?")
        text = world.answers(number)[-1]
        assert "910 000 147" in text
        assert ("responderá" in text) == (number == 3)  # promised only when one is called
    assert waiting(world)["reason"] == "no answer in the FAQs"


def test_a_person_replies_once_per_key(world: World) -> None:
    opening_hours(world)
    world.says("quiero hablar con una persona")
    conversation = waiting(world)["id"]
    for _ in range(2):
        status, answer = world.api(
            "POST",
            f"/conversation/{conversation}/reply",
            {"text": "Soy Ana, ¿en qué ayudo?"},
            Idempotency_Key="draft-1",
        )
        assert status == 201, answer
    assert world.answers(2)[1] == "Soy Ana, ¿en qué ayudo?"
    eventually(lambda: quiet(world))
    assert len(world.phone()) == 2
    status, problem = world.api(
        "POST", f"/conversation/{conversation}/reply", {"text": "otra cosa"}, Idempotency_Key="draft-1"
    )
    assert (status, problem["title"]) == (409, "The Idempotency-Key was used for another request")


def test_released_the_bot_answers_what_is_still_open(world: World) -> None:
    opening_hours(world)
    world.says("quiero hablar con una persona")
    conversation = waiting(world)["id"]
    world.answers()
    world.says("¿Dónde están?")
    eventually(lambda: len(lines(world)) == 3)
    assert world.api("POST", f"/conversation/{conversation}/release")[0] == 200
    assert world.answers(2)[1] == "En la calle Mayor, 3."


def test_after_a_takeover_no_send_of_the_bot_starts(world: World) -> None:
    opening_hours(world)
    world.fault(on="messages", code=130429, times=3)
    world.says("¿Dónde están?")
    eventually(lambda: world.ledger("send"))
    conversation = world.conversations()[0]["id"]
    assert world.api("POST", f"/conversation/{conversation}/takeover")[0] == 200
    before = len(world.ledger("send"))
    eventually(lambda: quiet(world))
    time.sleep(2.5)  # longer than the second attempt would wait
    assert len(world.ledger("send")) <= before + 1  # one that had begun may end
    assert world.phone() == []


def test_nobody_is_written_to_after_24_hours(world: World) -> None:
    opening_hours(world)
    world.sends({"type": "text", "text": "hola", "timestamp": int(time.time()) - 2 * 86_400})
    conversation = waiting(world)["id"]
    status, problem = world.api("POST", f"/conversation/{conversation}/reply", {"text": "¿Sigue ahí?"})
    assert status == 409
    assert "24 hours" in problem["detail"]
    assert world.ledger("send") == []
