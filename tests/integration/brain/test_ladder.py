"""The model answers; where it cannot, a second one, the FAQs or a person do, and nobody is left in silence."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.brain.model_world import BAKERY, ModelWorld
from tests.world import eventually

HOURS = BAKERY[0][1]


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[ModelWorld]:
    """A bakery with a model, on each database."""
    with ModelWorld(tmp_path, database_url) as found:
        found.is_a_bakery()
        yield found


def test_a_model_answers_and_why_stands_with_the_turn(world: ModelWorld) -> None:
    world.says_model("¡Claro! Los sábados abrimos de 8:00 a 14:00.", "f1", "los sábados de 8:00 a 14:00")
    world.says("oye y si voy el sábado por la tarde me abrís?")
    assert world.answers() == ["¡Claro! Los sábados abrimos de 8:00 a 14:00."]
    (turn,) = world.turns()
    assert (turn["decision"], turn["brain"], turn["model"]) == ("answer", "openai", "gpt-6-luna")
    assert turn["cost"] > 0
    detail = turn["detail"]
    assert detail["source_ids"] == ["f1"]
    assert detail["rung"] == "model"
    assert set(detail["checks"].values()) == {"ok"}
    assert detail["calls"][0]["input_tokens"] > 0


def test_nothing_of_a_conversation_is_kept_by_the_server_and_no_number_goes_there(world: ModelWorld) -> None:
    world.says("tenéis algo para celíacos?")
    world.answers()
    request = world.asked()[0]["body"]
    assert request["store"] is False
    assert request["safety_identifier"]
    customer = world.conversations()[0]["customer"]
    assert customer["wa_id"] not in str(request)


@pytest.mark.parametrize(
    ("act", "calls"),
    [
        ("refuse", 1),
        ("cut_off", 2),
        ("malformed", 2),
        ("empty", 2),
        ("failed", 2),
        ("invent_number", 2),
        ("invent_id", 2),
        ("invent_link", 2),
        ("unauthorized", 1),
        ("not_found", 1),
        ("billing", 1),
        ("error_500", 1),
        ("garbage", 1),
        ("cut", 1),
    ],
)
def test_where_the_model_cannot_be_used_the_faqs_answer(tmp_path: Path, act: str, calls: int) -> None:
    with ModelWorld(tmp_path) as world:
        world.is_a_bakery()
        world.model(act)
        world.says("a q hora abren mañana?")
        assert world.answers() == [HOURS]
        assert len(world.asked()) == calls
        (turn,) = world.turns()
        assert (turn["brain"], turn["detail"]["rung"]) == ("faq", "faq")


def test_a_draft_that_does_not_hold_is_drafted_anew_with_the_reason(world: ModelWorld) -> None:
    world.says_model("Abrimos de 9:00 a 23:00.", "f1", "abrimos de 7:00 a 20:00", times=1)
    world.says_model("De lunes a viernes, de 7:00 a 20:00.", "f1", "abrimos de 7:00 a 20:00")
    world.says("hasta qué hora puedo pasar un martes?")
    assert world.answers() == ["De lunes a viernes, de 7:00 a 20:00."]
    first, second = world.asked()
    assert "rejected" not in str(first["body"])
    assert "23:00" in str(second["body"]["input"])


def test_a_busy_model_is_asked_again_while_the_customer_has_not_waited_long(world: ModelWorld) -> None:
    world.model("rate_limit", times=1)
    world.says_model("Sí, con tarjeta.", "f4", "con tarjeta")
    world.says("puedo pagaros con la visa del trabajo?")
    assert world.answers() == ["Sí, con tarjeta."]
    assert len(world.asked()) == 2


def test_a_second_model_answers_where_the_first_is_away(tmp_path: Path) -> None:
    with ModelWorld(tmp_path, openai_second_model="gpt-6.1-terra") as world:
        world.is_a_bakery()
        world.model("overloaded", model="gpt-6-luna")
        world.says_model("Sí, con tarjeta.", "f4", "con tarjeta")
        world.says("puedo pagaros con la visa del trabajo?")
        assert world.answers() == ["Sí, con tarjeta."]
        assert world.turns()[0]["model"] == "gpt-6.1-terra"


@pytest.mark.parametrize(
    "said", ["vale, la quiero", "Dale, lo quiero", "perfecto, mañana voy", "ok la quiero para mañana"]
)
def test_an_order_reaches_the_model(world: ModelWorld, said: str) -> None:
    world.model("reply", content={**_nothing(), "decision": "unanswerable"})
    world.says(said)
    assert world.answers()[0].startswith("Eso no figura")
    assert world.turns()[0]["detail"]["rung"] == "model"


def test_thanks_cost_nothing(world: ModelWorld) -> None:
    world.says("vale, muchas gracias")
    assert world.answers()[0].startswith("¡Con gusto!")
    assert world.asked() == []


def test_who_is_handed_over_by_the_model_in_anger_hears_regret(world: ModelWorld) -> None:
    world.model("reply", content={**_nothing(), "decision": "handoff", "handoff_reason": "angry"})
    world.says("esto es una vergüenza, llevo una hora esperando")
    assert world.answers()[0].startswith("Lo siento mucho.")


def test_what_neither_model_nor_faqs_can_say_calls_a_person_when_the_model_fails(world: ModelWorld) -> None:
    world.model("error_500")
    world.says("tenéis aparcamiento para bicicletas?")
    (said,) = world.answers()
    assert "910 000 147" in said
    eventually(lambda: world.conversations()[0]["holder"] == "waiting")


def test_without_an_answer_a_person_is_offered_and_the_third_time_called(world: ModelWorld) -> None:
    world.model("reply", content={**_nothing(), "decision": "unanswerable"})
    for number, text in enumerate(
        ("¿tenéis perros?", "¿vendéis coches usados?", "¿alquiláis patines?"), start=1
    ):
        world.says(text)
        world.answers(number)
    first, second, third = world.phone()
    assert first == second
    assert first != third
    assert [
        one["interactive"]["action"]["buttons"][0]["reply"]["id"]
        for one in world.chat()
        if "interactive" in one
    ] == ["person", "person"]
    eventually(lambda: world.conversations()[0]["holder"] == "waiting")


def _nothing() -> dict[str, object]:
    return {
        "quotes": [],
        "source_ids": [],
        "options": [],
        "language": "es",
        "answer": "",
        "handoff_reason": "",
    }


def test_the_same_question_again_costs_nothing(world: ModelWorld) -> None:
    world.says_model("Sí, con tarjeta.", "f4", "con tarjeta")
    world.says("puedo pagaros con la visa del trabajo?", 0)
    world.answers(1, 0)
    world.says("Puedo pagaros con la VISA del trabajo", 1)
    assert world.answers(1, 1) == ["Sí, con tarjeta."]
    assert len(world.asked()) == 1


def test_a_ceiling_is_looked_at_before_the_call(tmp_path: Path) -> None:
    with ModelWorld(tmp_path, customer_day_calls=1) as world:
        world.is_a_bakery()
        world.says("tenéis algo para celíacos?")
        world.answers(1)
        world.says("a q hora abren mañana?")
        assert world.answers(2)[1] == HOURS
        assert len(world.asked()) == 1
        assert world.turns()[1]["detail"]["why"] == "ceiling customer_day"
