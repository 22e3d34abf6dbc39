"""The owner is told on their own WhatsApp while they may be written to, and is never taken for a customer by it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from src.core.models import Author, replies
from tests.integration.people.desk import A_PERSON, Desk
from tests.world import call, eventually

OWNER, CUSTOMER = 0, 1


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    with Desk(tmp_path, database_url) as found:
        state = call("GET", f"{found.sandbox}/api/state")[1]
        owner = next(one for one in state["customers"] if one["id"] == found.customers[OWNER])
        found.opens(whatsapp=f"+{owner['wa_id']}")
        yield found


def test_the_owner_gets_a_line_in_the_chat_with_their_bot(desk: Desk) -> None:
    desk.says("¿Dónde están?", OWNER)
    desk.answers(1, OWNER)
    desk.says(A_PERSON, CUSTOMER)
    assert desk.settled() == [("whatsapp", "sent", None)]
    line = desk.answers(2, OWNER)[1]
    waiting = desk.waiting()
    assert "espera a una persona" in line
    assert f"released conversations show {waiting['id']}" in line
    assert A_PERSON not in line
    with desk.instance.database.read() as session:
        assert session.execute(select(replies.c.author).where(replies.c.author == Author.ALERT)).all()


def test_who_has_never_written_cannot_be_told(desk: Desk) -> None:
    desk.says(A_PERSON, CUSTOMER)
    assert desk.settled() == [("whatsapp", "failed", "never wrote")]
    assert desk.phone(OWNER) == []


def test_after_24_hours_they_cannot_be_told_and_the_reason_says_so(desk: Desk) -> None:
    desk.sends({"type": "text", "text": "hola", "timestamp": int(time.time()) - 2 * 86_400}, OWNER)
    own = desk.waiting()["id"]  # too late for the bot: a person, and no alert about oneself
    assert desk.settled() == [("whatsapp", "failed", "their own conversation")]
    desk.api("POST", f"/conversation/{own}/release")
    desk.says(A_PERSON, CUSTOMER)
    eventually(lambda: len(desk.alerts()) == 2)
    assert desk.settled()[1] == ("whatsapp", "failed", "window closed")
    assert desk.phone(OWNER) == []


def test_the_owner_is_not_told_that_they_wait_themselves(desk: Desk) -> None:
    desk.says(A_PERSON, OWNER)
    assert desk.settled() == [("whatsapp", "failed", "their own conversation")]
    time.sleep(1.2)  # longer than the dispatcher's own clock
    assert len(desk.phone(OWNER)) == 1


def test_a_line_that_does_not_arrive_calls_no_person_into_the_owners_conversation(desk: Desk) -> None:
    desk.says("¿Dónde están?", OWNER)
    desk.answers(1, OWNER)
    desk.says("¿Dónde están?", CUSTOMER)
    desk.answers(1, CUSTOMER)
    eventually(lambda: desk.chat(OWNER)[-1]["status"] == "delivered")
    _refuse_all(desk)
    desk.says(A_PERSON, CUSTOMER)
    desk.settled()
    own = next(c for c in desk.conversations() if c["holder"] == "bot")["id"]

    def line() -> list[dict[str, str]]:
        said = desk.api("GET", f"/conversation/{own}")[1]["messages"]
        return [one for one in said if one["from"] == "alert" and one["state"] == "failed"]

    eventually(line)
    assert [c["id"] for c in desk.conversations() if c["holder"] == "waiting"] == [desk.waiting()["id"]]
    assert desk.waiting()["id"] != own


def _refuse_all(desk: Desk) -> None:
    desk.fault(on="messages", kind="async_failure", code=131026, times=2)


def test_what_the_owner_writes_afterwards_is_answered_as_ever(desk: Desk) -> None:
    desk.says("¿Dónde están?", OWNER)
    desk.answers(1, OWNER)
    desk.says(A_PERSON, CUSTOMER)
    desk.answers(2, OWNER)
    desk.says("¿A qué hora abren?", OWNER)
    assert desk.answers(3, OWNER)[2] == "A las nueve."
