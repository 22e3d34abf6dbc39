"""A conversation is answered, not a message: one reply for all that waits, in order, once."""

import time
from pathlib import Path

import pytest

from src.core.database import now_ms
from src.core.models import AgentStatus, agents, conversations
from src.messages.actions.desk import Behalf, Desk
from src.messages.answer import take_turn
from src.messages.brain import ladder
from src.messages.brain.money import Payer
from src.messages.brain.thought import Asker
from src.messages.gather import gather
from src.messages.lease import Lease
from src.messages.settle import settle
from tests.world import World, call, eventually

pytestmark = pytest.mark.both_databases


def opening_hours(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    world.knows("¿Dónde están?", "En la calle Mayor, 3.")


def quiet(world: World) -> bool:
    """Nothing is owed, nothing is under way."""
    state = call("GET", f"{world.sandbox}/api/state")[1]
    _, figures = call("GET", f"{world.url}/metrics")
    owed = "released_inbox_depth 0.0" in figures
    under_way = all(
        f'released_outbox_depth{{state="{s}"}} 0.0' in figures for s in ("queued", "sending", "uncertain")
    )
    return bool(state["pending_webhooks"] == 0 and owed and under_way)


def test_a_question_is_answered_in_the_owners_words(world: World) -> None:
    opening_hours(world)
    world.says("a q hora abren mañana?")
    assert world.answers() == ["A las nueve."]


def test_a_customer_with_no_number_is_answered_too(world: World) -> None:
    opening_hours(world)
    state = call("GET", f"{world.sandbox}/api/state")[1]
    unnamed = next(i for i, customer in enumerate(state["customers"]) if customer["wa_id"] is None)
    world.says("¿Dónde están?", unnamed)
    assert world.answers(customer=unnamed) == ["En la calle Mayor, 3."]
    assert "to" not in world.ledger("send")[0]["request"]


def test_the_customer_sees_blue_ticks_and_we_see_delivery(world: World) -> None:
    opening_hours(world)
    world.says("¿Dónde están?")
    world.answers()
    eventually(lambda: [m["status"] for m in world.chat()] == ["read", "delivered"])
    call("POST", f"{world.chat_url(0)}/read")
    shown = eventually(lambda: [m for m in lines(world) if m["state"] == "read"])
    assert shown[0]["text"] == "En la calle Mayor, 3."


def lines(world: World) -> list[dict[str, str]]:
    conversation = eventually(world.conversations)[0]["id"]
    found: list[dict[str, str]] = world.api("GET", f"/conversation/{conversation}")[1]["messages"]
    return found


def test_bubbles_of_a_burst_get_one_reply(tmp_path: Path, database_url: str) -> None:
    with World(tmp_path, database_url, burst_wait_ms=600) as world:
        opening_hours(world)
        for bubble in ("hola", "una consulta", "a qué hora", "abren?"):
            world.says(bubble)
        world.answers()
        eventually(lambda: quiet(world))
        assert world.phone() == ["A las nueve."]
        assert {line["state"] for line in lines(world) if line["from"] == "customer"} == {"answered"}


def test_typing_is_shown_while_an_answer_takes_its_time(tmp_path: Path) -> None:
    with World(tmp_path, burst_wait_ms=1500) as world:
        opening_hours(world)
        world.says("¿Dónde están?")
        world.answers()
        assert world.ledger("typing")[0]["seq"] < world.ledger("send")[0]["seq"]


def test_nobody_is_seen_typing_for_a_sticker_alone(tmp_path: Path) -> None:
    with World(tmp_path, burst_wait_ms=1500) as world:
        opening_hours(world)
        world.sends({"type": "sticker"})
        eventually(lambda: world.ledger("mark_read"))
        eventually(lambda: quiet(world))
        assert world.phone() == []
        assert world.ledger("typing") == []


def test_a_part_is_answered_and_a_yes_leaves_the_rest_to_a_person(world: World) -> None:
    opening_hours(world)
    world.says("¿Dónde están? ¿Tienen wifi?")
    (said,) = world.answers()
    assert said.startswith("En la calle Mayor, 3.\n\nNo tengo una respuesta segura para lo demás")
    assert world.conversations()[0]["holder"] == "bot"
    world.says("sí")
    world.answers(2)
    eventually(lambda: world.conversations()[0]["holder"] == "waiting")


def test_the_third_part_in_a_row_without_an_answer_calls_a_person(world: World) -> None:
    opening_hours(world)
    for number, what in enumerate(("wifi", "bicicletas", "karaoke"), start=1):
        world.says(f"¿Dónde están? ¿Tienen {what}?")
        world.answers(number)
    assert "una persona responderá por aquí" in world.phone()[2]
    eventually(lambda: world.conversations()[0]["holder"] == "waiting")


def test_the_same_notification_again_changes_nothing(world: World) -> None:
    opening_hours(world)
    wamids = [world.says("¿Dónde están?"), world.says("¿A qué hora abren?", customer=1)]
    world.answers()
    world.answers(customer=1)
    for way in ("same", "spaced", "batch"):
        assert call("POST", f"{world.sandbox}/api/redeliver", {"wamids": wamids, "as": way})[0] < 300
    eventually(lambda: quiet(world))
    assert [world.phone(), world.phone(1)] == [["En la calle Mayor, 3."], ["A las nueve."]]
    assert len(world.ledger("send")) == 2


def test_every_message_of_a_batch_counts(world: World) -> None:
    opening_hours(world)
    batch = [{"type": "text", "text": text} for text in ("hola", "¿Dónde están?", "¿A qué hora abren?")]
    call("POST", f"{world.chat_url(0)}/batch", {"messages": batch})
    (reply,) = world.answers()
    assert "calle Mayor" in reply
    assert "nueve" in reply


def test_what_comes_while_nobody_works_is_answered_by_the_next_start(world: World) -> None:
    opening_hours(world)
    world.stop()
    world.says("¿Dónde están?")
    world.start()
    assert world.answers() == ["En la calle Mayor, 3."]


def test_a_paused_agent_is_silent_and_answers_when_it_resumes(world: World) -> None:
    opening_hours(world)
    world.api("PATCH", f"/agent/{world.agent_id}", {"paused": True})
    world.says("¿Dónde están?")
    eventually(world.conversations)
    time.sleep(1.2)  # longer than the dispatcher's own clock
    assert world.phone() == []
    world.api("PATCH", f"/agent/{world.agent_id}", {"paused": False})
    assert world.answers() == ["En la calle Mayor, 3."]


def test_messages_before_the_agent_was_made_are_answered_by_it(world: World) -> None:
    world.says("¿Dónde están?")
    eventually(lambda: [e for e in world.ledger("webhook") if e["http_status"] == 200])
    opening_hours(world)
    assert world.answers()


def test_too_late_waits_for_a_person(tmp_path: Path, database_url: str) -> None:
    with World(tmp_path, database_url, reply_max_age=60) as world:
        opening_hours(world)
        world.sends({"type": "text", "text": "¿Dónde están?", "timestamp": int(time.time()) - 3600})
        waiting = eventually(lambda: [c for c in world.conversations() if c["holder"] == "waiting"])
        assert waiting[0]["reason"] == "too late"
        assert lines(world)[0]["state"] == "expired"
        assert world.phone() == []


def test_a_reaction_asks_for_nothing(world: World) -> None:
    opening_hours(world)
    world.says("¿Dónde están?")
    world.answers()
    answer = next(m["id"] for m in world.chat() if m["from"] == "business")
    world.sends({"type": "reaction", "message_id": answer, "emoji": "👍"})
    eventually(lambda: len(lines(world)) == 3)
    eventually(lambda: quiet(world))
    assert len(world.phone()) == 1


def test_an_agent_that_is_paused_in_the_middle_of_a_turn_forgets_nothing(world: World) -> None:
    opening_hours(world)
    world.api("PATCH", f"/agent/{world.agent_id}", {"paused": True})
    world.says("¿Dónde están?")
    conversation = eventually(world.conversations)[0]["id"]
    with world.instance.database.transaction() as session:
        session.execute(conversations.update().values(fence=7, lease_until=now_ms() + 10_000))
    take_turn(world.instance, Lease(conversation, 7))
    world.api("PATCH", f"/agent/{world.agent_id}", {"paused": False})
    assert world.answers() == ["En la calle Mayor, 3."]


def test_a_worker_whose_lease_was_taken_settles_nothing(world: World) -> None:
    opening_hours(world)
    world.api("PATCH", f"/agent/{world.agent_id}", {"paused": True})
    world.says("¿Dónde están?")
    conversation = eventually(world.conversations)[0]["id"]
    with world.instance.database.transaction() as session:
        session.execute(agents.update().values(status=AgentStatus.LIVE))
        session.execute(conversations.update().values(fence=8, lease_until=now_ms() + 3_000))
    take_turn(world.instance, Lease(conversation, 7))
    assert world.ledger("send") == []
    assert world.answers() == ["En la calle Mayor, 3."]
    assert len(world.ledger("send")) == 1


def test_a_message_that_comes_while_an_answer_is_drafted_makes_the_draft_stale(world: World) -> None:
    opening_hours(world)
    world.api("PATCH", f"/agent/{world.agent_id}", {"paused": True})
    world.says("¿Dónde están?")
    conversation = eventually(world.conversations)[0]["id"]
    lease = Lease(conversation, 9)
    with world.instance.database.transaction() as session:
        session.execute(conversations.update().values(fence=9, lease_until=now_ms() + 10_000))
        session.execute(agents.update().values(status=AgentStatus.LIVE))
        drafted = gather(session, conversation, 86_100)
    assert drafted is not None
    world.says("¿A qué hora abren?")
    eventually(lambda: len(lines(world)) == 2)
    asker = Asker(Payer(drafted.agent_id, drafted.customer_key), drafted.version, "answer", conversation)
    thought = ladder.think(world.instance, drafted.question, drafted.config, asker)
    desk = Desk(world.instance, Behalf(drafted.agent_id, conversation, {}), drafted.config, "es")
    with world.instance.database.transaction() as session:
        assert settle(session, lease, drafted, thought, desk) == []
    (reply,) = world.answers()
    assert "calle Mayor" in reply
    assert "nueve" in reply
