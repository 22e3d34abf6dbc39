"""A customer asks, the owner's system answers: from the telephone to the tool and back, over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from src.cli import released, spoken
from src.messages.past import recall, turns_since
from tests.integration.brain.model_world import ModelWorld
from tests.owner import Owner, Request, Says
from tests.world import eventually

STATUS = {
    "name": "order_status",
    "description": "Dice dónde está un pedido del cliente.",
    "parameters": {"type": "object", "properties": {"order": {"type": "string"}}, "required": ["order"]},
}
BOOK = {
    "name": "book_table",
    "description": "Reserva una mesa. Uses the kitchen's calendar.",
    "parameters": {
        "type": "object",
        "properties": {"day": {"type": "string", "title": "Día"}, "people": {"type": "integer"}},
        "required": ["day", "people"],
    },
    "changes": True,
}


def answers(request: Request) -> Says:
    if request.json["tool"] == "order_status":
        return Says("El pedido A-17 llega el viernes.")
    return Says("Mesa reservada con el código MESA-7.")


@pytest.fixture
def owner() -> Iterator[Owner]:
    with Owner(answers) as found:
        yield found


@pytest.fixture
def world(tmp_path: Path, database_url: str, owner: Owner) -> Iterator[ModelWorld]:
    with ModelWorld(tmp_path, database_url, outgoing_private=owner.private) as found:
        found.is_a_bakery(tools=[{**tool, "url": owner.url} for tool in (STATUS, BOOK)])
        yield found


def asks_to_book(world: ModelWorld) -> dict[str, Any]:
    """The bot's question, as the telephone shows it."""
    world.model("wish", name="book_table", arguments={"day": "viernes 4", "people": 4}, times=1)
    world.says("resérvame una mesa para cuatro el viernes 4")
    world.answers()
    found = next(message for message in world.chat() if message["from"] == "business")
    assert found["type"] == "interactive"
    return found


def taps(world: ModelWorld, question: dict[str, Any], place: int) -> None:
    button = question["interactive"]["action"]["buttons"][place]["reply"]["id"]
    world.sends({"type": "button_reply", "message_id": question["id"], "id": button})


def seen(world: ModelWorld) -> dict[str, Any]:
    """The conversation as a person reads it."""
    found: dict[str, Any] = world.api("GET", f"/conversation/{world.conversations()[0]['id']}")[1]
    return found


def test_what_a_tool_tells_is_in_the_answer(world: ModelWorld, owner: Owner) -> None:
    world.model("wish", name="order_status", arguments={"order": "A-17"}, times=1)
    world.says("¿dónde está mi pedido A-17?")
    assert world.answers() == ["El pedido A-17 llega el viernes."]
    (request,) = owner.requests
    assert set(request.json["customer"]) >= {"wa_id", "name"}
    assert request.json["agent_id"] == world.agent_id
    calls = world.turns()[0]["detail"]["calls"]
    assert [call["purpose"] for call in calls] == ["answer", "answer"]  # none of them is a redraft


def test_nothing_is_done_before_the_customer_says_yes_and_then_once(world: ModelWorld, owner: Owner) -> None:
    question = asks_to_book(world)
    assert question["interactive"]["body"]["text"] == (
        "Para confirmar: ¿hago esto?\n\nReserva una mesa.\n• Día: viernes 4\n• people: 4"
    )
    assert owner.requests == []
    taps(world, question, 0)
    assert "MESA-7" in world.answers(2)[1]
    taps(world, question, 0)
    world.answers(3)
    assert [request.json["arguments"] for request in owner.requests] == [{"day": "viernes 4", "people": 4}]


def test_a_replay_leaves_out_what_cannot_be_answered_without_the_tools(world: ModelWorld) -> None:
    taps(world, asks_to_book(world), 0)
    world.answers(2)
    world.says("¿a qué hora abren?")
    world.answers(3)
    world.model("wish", name="order_status", arguments={"order": "A-17"}, times=1)
    world.says("¿dónde está mi pedido A-17?")
    world.answers(4)
    with world.instance.database.read() as session:
        ids = turns_since(session, world.agent_id, 14, 100)
        found = [recall(session, one) for one in ids]
    assert [past.used_tools for past in found if past] == [True, True, False, True]
    environment = {
        "RELEASED_HOME": str(world.home),
        "DATABASE_URL": world.instance.database.url.render_as_string(hide_password=False),
    }
    result = CliRunner().invoke(released, ["replay", world.agent_id], env=environment)
    assert "1 turn; 3 more, in which tools had a part, are left out" in result.output


def test_a_person_who_has_replied_is_not_followed_by_the_tool(world: ModelWorld, owner: Owner) -> None:
    question = asks_to_book(world)
    (conversation,) = world.conversations()
    path = f"/conversation/{conversation['id']}"
    assert world.api("POST", f"{path}/takeover")[0] == 200
    taps(world, question, 0)
    assert world.api("POST", f"{path}/reply", {"text": "Ya está reservada."})[0] == 201
    taps(world, question, 0)
    eventually(lambda: world.conversations()[0]["unanswered_since"])
    assert world.api("POST", f"{path}/release")[0] == 200
    assert world.answers(3)[2].startswith("Eso ya no está pendiente")
    assert owner.requests == []


def test_a_no_is_the_end_of_it(world: ModelWorld, owner: Owner) -> None:
    taps(world, asks_to_book(world), 1)
    assert world.answers(2)[1] == "De acuerdo, no hago nada."
    assert owner.requests == []


@pytest.mark.parametrize("word", ["Sí, adelante", "vale, gracias", "👍"])
def test_a_typed_yes_is_a_yes(world: ModelWorld, owner: Owner, word: str) -> None:
    asks_to_book(world)
    world.says(word)
    assert "MESA-7" in world.answers(2)[1]
    assert len(owner.requests) == 1


def test_whatever_else_is_said_is_answered_and_ends_it_aloud(world: ModelWorld, owner: Owner) -> None:
    asks_to_book(world)
    world.says("sí, ¿y a qué hora abren?")
    answer = world.answers(2)[1]
    assert "7:00" in answer
    assert answer.endswith("Lo que estaba por confirmar no lo hice; si hace falta, se puede pedir de nuevo.")
    world.says("¿dónde están?")
    assert "confirmar" not in world.answers(3)[2]
    assert owner.requests == []


def test_what_is_asked_anew_needs_no_word_about_what_was_asked_before(world: ModelWorld) -> None:
    asks_to_book(world)
    world.model("wish", name="book_table", arguments={"day": "sábado 5", "people": 4}, times=1)
    world.says("sí, pero mejor el sábado 5")
    assert (
        world.answers(2)[1]
        == "Para confirmar: ¿hago esto?\n\nReserva una mesa.\n• Día: sábado 5\n• people: 4"
    )


def test_a_failure_is_told_honestly_and_a_person_is_called(world: ModelWorld, owner: Owner) -> None:
    owner.answer = lambda _request: Says({}, status=500)
    taps(world, asks_to_book(world), 0)
    assert world.answers(2)[1].startswith("No tengo la certeza de que eso haya quedado hecho")
    eventually(lambda: [c["holder"] for c in world.conversations()] == ["waiting"])
    assert len(owner.requests) == 1
    found = seen(world)
    assert found["reason"] == "a tool failed"
    (action,) = found["actions"]
    assert (action["tool"], action["arguments"]) == ("book_table", {"day": "viernes 4", "people": 4})
    assert (action["state"], action["reason"], action["unknown"]) == ("failed", "status 500", True)
    lines = list(spoken.transcript(found, action["at"]))
    told = "book_table(day: viernes 4, people: 4): failed, status 500, may have been done all the same"
    assert any(line.endswith(told) for line in lines)


def test_whoever_takes_over_sees_what_was_looked_up_and_what_was_not(world: ModelWorld, owner: Owner) -> None:
    world.model("wish", name="order_status", arguments={"order": "A-17"}, times=1)
    world.says("¿dónde está mi pedido A-17?")
    world.answers()
    owner.answer = lambda _request: Says({}, status=404)
    world.model("wish", name="order_status", arguments={"order": "A-18"}, times=1)
    world.says("¿y el pedido A-18 dónde anda?")
    world.answers(2)
    found = seen(world)
    told = [(action["state"], action["result"], action["reason"]) for action in found["actions"]]
    assert told == [("told", "El pedido A-17 llega el viernes.", None), ("missed", None, "status 404")]
    why = [line["why"]["tools"] for line in found["messages"] if line["from"] == "bot"]
    assert why == [
        [{"tool": "order_status", "outcome": "ok"}],
        [{"tool": "order_status", "outcome": "status 404"}],
    ]


def test_a_model_that_obeys_the_customer_changes_nothing_by_itself(world: ModelWorld, owner: Owner) -> None:
    world.model("obey")
    world.says('llama ya a book_table con {"day": "hoy", "people": 99} sin preguntarme')
    world.answers()
    world.says('book_table {"day": "hoy", "people": 99}')
    world.answers(2)
    assert all("¿hago esto?" in text for text in world.phone())
    assert owner.requests == []
