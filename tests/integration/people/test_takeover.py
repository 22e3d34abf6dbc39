"""From the commit of a takeover no send of the bot begins: not the draft in flight, not one that is about to be claimed."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from src.accounts.key_holder import OWNER
from src.core.database import now_ms
from src.core.models import AgentStatus, Author, agents, conversations, messages, replies
from src.core.states import Holder, MessageState, ReplyState
from src.messages import handoff, outbox
from src.messages.answer import take_turn
from src.messages.lease import Lease
from src.messages.queue import queue_replies
from tests.integration.brain.model_world import ModelWorld
from tests.integration.people.desk import A_PERSON, Desk
from tests.world import World, call, eventually

pytestmark = pytest.mark.both_databases

RACES = 60
_BEGUN = (ReplyState.SENDING, ReplyState.UNCERTAIN, ReplyState.SENT, ReplyState.DELIVERED, ReplyState.READ)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    with Desk(tmp_path, database_url) as found:
        found.opens(contact="910 000 147")
        yield found


def begun(session: Connection, conversation_id: int) -> set[int]:
    """The bot's replies of a conversation whose sending has begun."""
    c = replies.c
    statement = select(c.id).where(
        c.conversation_id == conversation_id, c.author == Author.BOT, c.state.in_(_BEGUN)
    )
    return set(session.execute(statement).scalars())


def held(desk: Desk) -> int:
    """A conversation in which a customer waits for an answer that only the test gives: nobody else takes it."""
    desk.api("PATCH", f"/agent/{desk.agent_id}", {"paused": True})
    desk.says("¿Dónde están?")
    found: int = eventually(desk.conversations)[0]["id"]
    return found


def again(desk: Desk, conversation_id: int, fence: int) -> None:
    """The same question is open again, leased to us."""
    with desk.instance.database.transaction() as session:
        session.execute(update(agents).values(status=AgentStatus.LIVE))
        session.execute(update(messages).values(state=MessageState.RECEIVED, turn_id=None))
        lease = {"fence": fence, "lease_until": now_ms() + 30_000, "due_at": now_ms() + 60_000}
        session.execute(update(conversations).values(holder=Holder.BOT, held_at=None, **lease))


def race(desk: Desk, conversation_id: int, send: Callable[[], object], pause: float | None) -> set[int]:
    """Sends, and takes over `pause` s later (None: afterwards); the sends that have begun, none after the takeover."""
    ready = threading.Barrier(2)

    def bot() -> None:
        ready.wait()
        send()

    sender = threading.Thread(target=bot)
    sender.start()
    ready.wait()
    if pause is None:
        sender.join(30)
    else:
        time.sleep(pause)
    with desk.instance.database.transaction() as session:
        handoff.take_over(session, OWNER, conversation_id)
        at_takeover = begun(session, conversation_id)
    sender.join(30)
    with desk.instance.database.read() as session:
        assert begun(session, conversation_id) == at_takeover
    return at_takeover


def pauses(longest: float) -> Iterator[float | None]:
    """From both at once to one after the other; the first time the bot is surely the first."""
    yield None
    for _ in range(RACES - 1):
        yield random.uniform(0, longest)


def accepted(desk: Desk) -> int:
    return len([entry for entry in desk.ledger("send") if entry["accepted"]])


def test_a_takeover_and_the_claim_of_a_reply_race(desk: Desk) -> None:
    conversation = held(desk)
    sent: set[int] = set()
    for number, pause in enumerate(pauses(0.006)):
        again(desk, conversation, number + 1_000)
        with desk.instance.database.transaction() as session:
            now = session.execute(select(now_ms())).scalar_one()
            text = {"type": "text", "text": {"body": f"{number}"}}
            (reply,) = queue_replies(session, conversation, None, Author.BOT, [text], now, now)
        sent = race(desk, conversation, partial(outbox.deliver, desk.instance, reply), pause)
    eventually(lambda: accepted(desk) == len(sent))
    assert 0 < len(sent) < RACES  # each was first at times


def test_a_takeover_and_a_whole_turn_race(desk: Desk) -> None:
    conversation = held(desk)
    sent: set[int] = set()
    for number, pause in enumerate(pauses(0.03)):
        again(desk, conversation, number + 1_000)
        lease = Lease(conversation, number + 1_000)
        sent = race(desk, conversation, partial(take_turn, desk.instance, lease), pause)
    eventually(lambda: accepted(desk) == len(sent))
    assert 0 < len(sent) < RACES


def test_a_takeover_during_the_burst_wait_leaves_the_bot_silent(tmp_path: Path, database_url: str) -> None:
    with Desk(tmp_path, database_url, burst_wait_ms=1_500) as desk:
        desk.opens()
        desk.says("¿Dónde están?")
        conversation = eventually(desk.conversations)[0]["id"]
        assert desk.api("POST", f"/conversation/{conversation}/takeover")[0] == 200
        time.sleep(3)  # longer than the wait and the dispatcher's own clock
        assert desk.ledger("send") == []


def test_the_rest_of_a_long_answer_is_withheld(desk: Desk) -> None:
    faqs = [
        {"q": "¿A qué hora abren?", "a": "Primera. " * 440},
        {"q": "¿Dónde están?", "a": "Segunda. " * 440},
    ]
    desk.api("PUT", f"/agent/{desk.agent_id}/faqs", {"faqs": faqs})
    desk.fault(on="statuses", kind="hold", times=50)
    desk.says("¿A qué hora abren?\n¿Dónde están?")
    desk.answers()
    conversation = desk.conversations()[0]["id"]
    assert desk.api("POST", f"/conversation/{conversation}/takeover")[0] == 200
    before = len(desk.ledger("send"))
    time.sleep(6)  # longer than a part waits for the one before it
    assert len(desk.ledger("send")) == before

    def states() -> set[str]:
        said = desk.api("GET", f"/conversation/{conversation}")[1]["messages"]
        return {line["state"] for line in said if line["from"] == "bot"}

    assert "queued" not in states()


def test_what_meta_put_off_before_the_takeover_does_not_go_after_the_return_either(desk: Desk) -> None:
    desk.fault(on="messages", code=130429, times=1)
    desk.says("¿Dónde están?")
    eventually(lambda: desk.ledger("send"))
    conversation = desk.conversations()[0]["id"]
    with (
        desk.instance.database.transaction() as session
    ):  # at once, so that no second attempt comes in between
        handoff.take_over(session, OWNER, conversation)
        session.execute(update(replies).values(state=ReplyState.QUEUED, next_attempt_at=now_ms() + 2_000))
        handoff.release(session, OWNER, conversation)
    time.sleep(3.2)  # longer than the second attempt would wait
    assert desk.phone() == []


def test_while_a_person_has_it_nothing_is_due_and_given_back_all_is_answered(desk: Desk) -> None:
    desk.says(A_PERSON)
    conversation = desk.waiting()["id"]
    desk.answers()
    desk.api("POST", f"/conversation/{conversation}/takeover")
    desk.says("¿Dónde están?")
    desk.says("¿A qué hora abren?")
    eventually(lambda: desk.conversations()[0]["unanswered_since"])
    time.sleep(1.2)  # longer than the dispatcher's own clock
    assert len(desk.phone()) == 1
    desk.api("POST", f"/conversation/{conversation}/release")
    eventually(lambda: "calle Mayor" in "".join(desk.phone()))
    eventually(lambda: "nueve" in "".join(desk.phone()))


def test_the_draft_that_a_model_is_making_is_thrown_away(tmp_path: Path, database_url: str) -> None:
    with ModelWorld(tmp_path, database_url, openai_timeout=20.0) as world:
        world.is_a_bakery()
        world.model("hang", seconds=2, answer=True)
        world.says("¿abren mañana temprano, o más bien tarde?")
        eventually(world.asked)
        conversation = world.conversations()[0]["id"]
        assert world.api("POST", f"/conversation/{conversation}/takeover")[0] == 200
        eventually(lambda: ended(world, "taken_over"))
        time.sleep(1.2)  # longer than the dispatcher's own clock
        assert world.ledger("send") == []
        (asked,) = world.api("GET", f"/conversation/{conversation}")[1]["messages"]
        assert asked["state"] == "received"


def ended(world: World, outcome: str) -> bool:
    figures = call("GET", f"{world.url}/metrics")[1]
    name = f'released_turn_ends_total{{outcome="{outcome}"}} '
    return any(line.startswith(name) and not line.endswith(" 0.0") for line in figures.splitlines())
