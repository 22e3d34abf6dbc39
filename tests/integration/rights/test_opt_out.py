"""Who wants no more messages gets none, by bot or person, until they write again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from src.core.database import now_ms
from src.core.models import replies
from src.core.states import ReplyState
from tests import launch
from tests.integration.people.desk import Desk
from tests.world import eventually

pytestmark = pytest.mark.both_databases


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    with Desk(tmp_path, database_url) as found:
        found.opens(contact="910 000 147")
        yield found


def opted_out(desk: Desk) -> Any:
    (one,) = desk.conversations()
    shown = desk.api("GET", f"/conversation/{one['id']}")[1]
    assert shown["opted_out_at"] == one["opted_out_at"]
    return one["opted_out_at"]


def refused(desk: Desk) -> dict[str, Any]:
    (one,) = desk.conversations()
    status, problem = desk.api("POST", f"/conversation/{one['id']}/reply", {"text": "Una cosa más."})
    assert status == 409, problem
    return dict(problem)


def test_a_person_is_refused_until_the_customer_writes_again(desk: Desk) -> None:
    desk.says("¿Dónde están?")
    desk.answers()
    assert opted_out(desk) is None
    desk.says("STOP")
    desk.answers(2)
    said_at = opted_out(desk)
    problem = refused(desk)
    assert problem["title"] == "The customer wants no more messages"
    assert problem["opted_out_at"] == said_at
    assert "write when they write again" in problem["detail"]
    desk.says("no me manden más mensajes")
    desk.answers(3)
    assert opted_out(desk) > said_at
    number = desk.conversations()[0]["customer"]["wa_id"]
    assert desk.api("GET", f"/customer/{number}")[1]["conversations"][0]["opted_out_at"] == opted_out(desk)
    desk.says("¿A qué hora abren?")
    desk.answers(4)
    assert opted_out(desk) is None
    (one,) = desk.conversations()
    assert desk.api("POST", f"/conversation/{one['id']}/reply", {"text": "A las nueve."})[0] == 201


def test_it_holds_too_while_a_person_has_the_conversation(desk: Desk) -> None:
    desk.says("¿Dónde están?")
    desk.answers()
    (one,) = desk.conversations()
    desk.api("POST", f"/conversation/{one['id']}/takeover")
    desk.says("no me escriban más")
    eventually(lambda: desk.conversations()[0]["opted_out_at"])
    assert refused(desk)["opted_out_at"] == opted_out(desk)
    desk.sends({"type": "reaction", "emoji": "👍", "message_id": desk.chat()[-2]["id"]})
    assert refused(desk)
    env = {"PATH": "/usr/bin:/bin", "RELEASED_HOME": str(desk.home), "DATABASE_URL": str(desk._database_url)}
    shown = launch.run("src", "conversations", "show", str(one["id"]), env=env)
    assert "wants no more messages since" in shown.stdout


def test_what_the_bot_still_wanted_to_send_does_not_go(desk: Desk) -> None:
    desk.says("¿Dónde están?")
    desk.answers()
    (one,) = desk.conversations()
    with desk.instance.database.transaction() as session:
        content = {"type": "text", "text": {"body": "y además…"}}
        row = {"conversation_id": one["id"], "part": 0, "author": "bot", "tracker": "t", "content": content}
        row |= {"state": ReplyState.QUEUED, "attempts": 1, "next_attempt_at": now_ms() + 60_000}
        session.execute(insert(replies).values(row | {"asked_at": now_ms(), "created_at": now_ms()}))
    desk.says("STOP")
    assert "por aquí no llegará nada más" in desk.answers(2)[1]
    with desk.instance.database.read() as session:
        c = replies.c
        row_now = session.execute(select(c.state, c.reason).where(c.tracker == "t")).one()
    assert tuple(row_now) == (ReplyState.WITHHELD, "opted out")
