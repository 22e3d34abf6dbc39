"""People see who waits, since when and how long they may still reply; they read, note, reply, and give back."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from src.core.database import now_ms
from src.core.models import conversations
from src.core.states import Holder
from src.messages.window import MARGIN_MS, OPEN_MS
from tests.integration.people.desk import A_PERSON, Desk
from tests.world import eventually


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    with Desk(tmp_path, database_url) as found:
        found.opens(contact="910 000 147")
        yield found


def listed(desk: Desk, **query: Any) -> tuple[list[int], str | None]:
    """The ids of one page, and the `next`."""
    asked = "&".join(f"{key}={value}" for key, value in query.items() if value is not None)
    status, page = desk.api("GET", f"/conversation?{asked}")
    assert status == 200, page
    return [one["id"] for one in page["conversations"]], page["next"]


def crowd(desk: Desk) -> dict[str, list[int]]:
    """Thirty conversations of each holder, in the order in which a person should see them."""
    with desk.instance.database.transaction() as session:
        now = session.execute(select(now_ms())).scalar_one()
        common = {"phone_number_id": desk.number_id, "customer": {}, "customer_key": b"k", "created_at": now}
        common |= {"fence": 0, "redrafts": 0, "failures": 0}
        for number in range(30):
            for place, holder in enumerate(Holder):
                # Several have the same times: the id decides.
                at = now - (number // 2) * 1000
                times = {"last_at": at, "held_at": None if holder == Holder.BOT else at}
                key = f"{place}{number}".encode().ljust(16)
                session.execute(insert(conversations).values(**common, **times, holder=holder, user_key=key))
        rows = session.execute(select(conversations)).all()
    waiting = sorted((row for row in rows if row.holder == "waiting"), key=lambda row: (row.held_at, row.id))
    rest = {
        holder: sorted((row for row in rows if row.holder == holder), key=lambda row: (-row.last_at, -row.id))
        for holder in ("person", "bot")
    }
    in_order = {"waiting": waiting, **rest}
    return {holder: [row.id for row in found] for holder, found in in_order.items()}


@pytest.mark.parametrize("limit", [1, 7, 30, 90, 500])
def test_pages_hold_everyone_once_who_waits_first(desk: Desk, limit: int) -> None:
    by_holder = crowd(desk)
    seen: list[int] = []
    after: str | None = None
    while True:
        ids, after = listed(desk, limit=limit, after=after)
        assert 0 < len(ids) <= limit
        seen += ids
        if after is None:
            break
    assert seen == [*by_holder["waiting"], *by_holder["person"], *by_holder["bot"]]


def test_pages_can_be_of_one_holder_or_one_agent(desk: Desk) -> None:
    by_holder = crowd(desk)
    ids, after = listed(desk, holder="person", limit=20)
    assert ids + listed(desk, holder="person", limit=20, after=after)[0] == by_holder["person"]
    assert len(listed(desk, agent=desk.agent_id, limit=500)[0]) == 90
    assert desk.api("GET", "/conversation?agent=asst_nobody")[0] == 404


@pytest.mark.parametrize("after", ["rubbish", "waiting.1", "bot.1.x", "bot.99999999999999999999.1"])
def test_a_place_that_is_none_is_a_problem_that_names_the_field(desk: Desk, after: str) -> None:
    status, problem = desk.api("GET", f"/conversation?after={after}")
    assert (status, problem["errors"][0]["field"]) == (422, "after")


def test_a_conversation_that_waits_says_since_when_why_and_how_long_one_may_reply(desk: Desk) -> None:
    before = time.time() * 1000
    desk.says(A_PERSON)
    one = desk.waiting()
    assert before - 5_000 < one["waiting_since"] < time.time() * 1000 + 5_000
    assert (one["reason"], one["window_open"], one["agent_id"]) == ("asked for a person", True, desk.agent_id)
    assert abs(one["window_closes_at"] - (before + OPEN_MS - MARGIN_MS)) < 10_000
    assert one["returns_at"] is None
    desk.answers()
    assert eventually(lambda: desk.waiting()["last"]["from"] == "bot")
    desk.says("¿hola?")
    last = eventually(lambda: desk.waiting()["last"] if desk.waiting()["unanswered_since"] else None)
    assert (last["from"], last["text"]) == ("customer", "¿hola?")


def test_a_conversation_is_read_with_the_faqs_behind_each_answer_and_what_people_noted(desk: Desk) -> None:
    desk.says("¿Dónde están?")
    desk.answers()
    conversation = desk.conversations()[0]["id"]
    for text in ("es cliente desde 2019", "llama el lunes"):
        status, noted = desk.api("POST", f"/conversation/{conversation}/note", {"text": text})
        assert (status, noted["status"]) == (201, "ok")
    found = desk.api("GET", f"/conversation/{conversation}")[1]
    asked, said = found["messages"]
    assert (asked["from"], asked["text"], asked["state"]) == ("customer", "¿Dónde están?", "answered")
    assert (said["from"], said["decision"]) == ("bot", "answer")
    assert said["sources"] == [{"id": "f2", "q": "¿Dónde están?"}]
    assert said["why"]["reason"]
    assert [note["text"] for note in found["notes"]] == ["es cliente desde 2019", "llama el lunes"]
    assert found["holder"] == "bot"  # a note changes nothing
    assert len(desk.phone()) == 1  # and is never sent


def test_notes_are_sealed(desk: Desk) -> None:
    desk.says("¿Dónde están?")
    desk.answers()
    conversation = desk.conversations()[0]["id"]
    desk.api("POST", f"/conversation/{conversation}/note", {"text": "se llama Inés"})
    with desk.instance.database.read() as session:
        kept = bytes(session.exec_driver_sql("SELECT text FROM note").scalar_one())
    assert "Inés".encode() not in kept


@pytest.mark.parametrize("verb", ["takeover", "release", "reply", "note"])
def test_what_is_not_there_is_a_404_that_says_how_to_go_on(desk: Desk, verb: str) -> None:
    for conversation in (99, 2**62):
        status, problem = desk.api("POST", f"/conversation/{conversation}/{verb}", {"text": "x"})
        assert (status, problem["title"]) == (404, "There is no such conversation")
        assert "GET /conversation" in problem["detail"]


def test_rubbish_is_a_problem(desk: Desk) -> None:
    desk.says(A_PERSON)
    conversation = desk.waiting()["id"]
    for words in ({}, {"text": ""}, {"text": "   "}, {"text": "x" * 4_097}, {"text": 5}):
        for verb in ("reply", "note"):
            assert desk.api("POST", f"/conversation/{conversation}/{verb}", words)[0] == 422
    assert desk.api("GET", "/conversation/0")[0] == 422
    assert desk.api("GET", f"/conversation/{10**30}")[0] == 422
    assert desk.api("GET", "/conversation?limit=0")[0] == 422
    assert desk.api("GET", "/conversation?holder=nobody")[0] == 422


def test_a_reply_after_the_window_names_the_moment_and_what_to_do(desk: Desk) -> None:
    desk.says(A_PERSON)
    conversation = desk.waiting()["id"]
    desk.time_passes(OPEN_MS)
    status, problem = desk.api("POST", f"/conversation/{conversation}/reply", {"text": "¿Sigue ahí?"})
    assert (status, problem["title"]) == (409, "WhatsApp's 24-hour window is closed")
    closed = problem["window_closes_at"]
    assert closed == desk.waiting()["window_closes_at"]
    assert time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(closed / 1000)) in problem["detail"]
    assert "wait" in problem["detail"]
    assert desk.waiting()["window_open"] is False


def test_two_that_reply_at_once_with_one_key_send_once(desk: Desk) -> None:
    desk.says(A_PERSON)
    conversation = desk.waiting()["id"]
    desk.answers()

    def reply(_: int) -> tuple[int, Any]:
        words = {"text": "Soy Ana."}
        return desk.api("POST", f"/conversation/{conversation}/reply", words, Idempotency_Key="one")

    with ThreadPoolExecutor(8) as crowd_of_clicks:
        answers = list(crowd_of_clicks.map(reply, range(8)))
    assert {status for status, _ in answers} == {201}
    assert len({answer["reply_id"] for _, answer in answers}) == 1
    assert desk.answers(2)[1:] == ["Soy Ana."]
    time.sleep(1.2)  # longer than the dispatcher's own clock
    assert len(desk.phone()) == 2
