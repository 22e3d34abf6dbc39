"""What a person cannot see in their own words goes neither to a customer nor into a note, on either database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from src.cli import released
from tests.integration.people.desk import A_PERSON, Desk

pytestmark = pytest.mark.both_databases

GIVEN = "\x00Soy\x1b[31m A\u200bna\ud800.\r\nA las 9\u202e:\t€ 5 👨\u200d👩\u200d👧\x7f"
SEEN = "Soy[31m Ana.\nA las 9:\t€ 5 👨\u200d👩\u200d👧"
NOTHING = "\x00\u200b \u2060\ufeff"


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    with Desk(tmp_path, database_url) as found:
        found.opens(contact="910 000 147")
        found.says(A_PERSON)
        found.answers()
        yield found


def test_a_reply_is_what_a_person_sees_of_it(desk: Desk) -> None:
    path = f"/conversation/{desk.waiting()['id']}/reply"
    first = desk.api("POST", path, {"text": GIVEN}, Idempotency_Key="one")
    again = desk.api("POST", path, {"text": SEEN}, Idempotency_Key="one")
    assert (first[0], again) == (201, first)
    assert desk.answers(2)[1] == SEEN


def test_a_note_is_too(desk: Desk) -> None:
    conversation = desk.waiting()["id"]
    assert desk.api("POST", f"/conversation/{conversation}/note", {"text": GIVEN})[0] == 201
    assert [one["text"] for one in desk.api("GET", f"/conversation/{conversation}")[1]["notes"]] == [SEEN]


def test_words_of_which_nothing_is_seen_are_none_and_what_is_not_seen_does_not_count(desk: Desk) -> None:
    path = f"/conversation/{desk.waiting()['id']}"
    for verb in ("reply", "note"):
        status, problem = desk.api("POST", f"{path}/{verb}", {"text": NOTHING})
        assert (status, problem["errors"][0]["field"]) == (422, "text")
    assert desk.api("POST", f"{path}/note", {"text": "x\u200b" * 4_096})[0] == 201
    assert desk.api("POST", f"{path}/note", {"text": "x\u200b" * 4_097})[0] == 422
    assert len(desk.phone()) == 1


def test_a_shell_is_heard_the_same_way(desk: Desk) -> None:
    env = {"RELEASED_HOME": str(desk.home), "DATABASE_URL": desk._database_url}

    def exit_code(verb: str, text: str) -> int:
        words = ["conversations", verb, str(conversation), text]
        return CliRunner().invoke(released, words, env=env).exit_code

    conversation = desk.waiting()["id"]
    assert [exit_code(verb, NOTHING) for verb in ("reply", "note")] == [2, 2]
    assert [exit_code(verb, GIVEN) for verb in ("note", "reply")] == [0, 0]
    assert desk.answers(2)[1] == SEEN
    assert [one["text"] for one in desk.api("GET", f"/conversation/{conversation}")[1]["notes"]] == [SEEN]
