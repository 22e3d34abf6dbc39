"""`released conversations` and the doctor: what a person sees and does from a shell, on the instance's database."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from src.cli import released
from src.core.errors import Refusal
from tests.integration.cli.doctor_world import Visit
from tests.integration.people.desk import A_PERSON, Desk
from tests.world import call, eventually


@pytest.fixture
def desk(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    with Desk(tmp_path, database_url) as found:
        found.opens(contact="910 000 147")
        yield found


def typed(desk: Desk, *words: str) -> Result:
    env = {"RELEASED_HOME": str(desk.home), "DATABASE_URL": desk._database_url}
    return CliRunner().invoke(released, ["conversations", *words], env=env)


def said(desk: Desk, *words: str) -> str:
    done = typed(desk, *words)
    assert done.exit_code == 0, done.output
    return done.output


def test_who_waits_stands_first_since_when_why_and_how_long_one_may_reply(desk: Desk) -> None:
    desk.says("¿Dónde están?", 1)
    desk.answers(1, 1)
    desk.says(A_PERSON, 0)
    name = desk.waiting()["customer"]["name"]
    desk.time_passes(3 * 3_600_000 + 5 * 60_000)
    heads, first, second = said(desk, "list").splitlines()
    assert heads.split("  ")[0] == "ID"
    assert f"{desk.waiting()['id']}   waiting" in first
    for part in ("3 h 5 min", "20 h 4", name, "asked for a person", "bot: De acuerdo"):
        assert part in first
    assert "bot" in second
    assert [len(line) > heads.index("REASON") for line in (first, second)] == [True, True]
    assert json.loads(said(desk, "list", "--json"))["conversations"][0]["holder"] == "waiting"
    assert len(said(desk, "list", "--holder", "waiting").splitlines()) == 2
    assert "more: --after waiting." in said(desk, "list", "--limit", "1")


def test_a_person_takes_replies_notes_and_gives_back(desk: Desk) -> None:
    desk.says(A_PERSON)
    number = str(desk.waiting()["id"])
    desk.answers()
    assert "a person's" in said(desk, "takeover", number)
    assert "queued" in said(desk, "reply", number, "Soy Ana.", "--key", "one")
    assert "queued" in said(desk, "reply", number, "Soy Ana.", "--key", "one")
    said(desk, "note", number, "llama el lunes")
    assert desk.answers(2)[1] == "Soy Ana."
    read = said(desk, "show", number)
    assert "a person has it" in read
    for words in (
        A_PERSON,
        "De acuerdo",
        "Soy Ana.",
        "llama el lunes",
        "(handoff · ",
        "no model is set · delivered)",
    ):
        assert words in read
    assert read.index(A_PERSON) < read.index("De acuerdo") < read.index("Soy Ana.")
    assert "the bot's again" in said(desk, "release", number)
    time.sleep(1.2)  # longer than the dispatcher's own clock
    assert len(desk.phone()) == 2


def test_what_cannot_be_done_is_one_line_that_says_why(desk: Desk) -> None:
    refused = typed(desk, "takeover", "99").exception
    assert isinstance(refused, Refusal)
    assert "no conversation has the id 99" in refused.detail
    assert typed(desk, "reply", "1", " ").exit_code == 2
    assert typed(desk, "note", "1", "x" * 5_000).exit_code == 2
    assert typed(desk, "show", "x").exit_code == 2
    assert said(desk, "list") == "no conversations\n"


def test_what_a_customer_is_called_does_not_steer_the_terminal(desk: Desk) -> None:
    _, made = call("POST", f"{desk.sandbox}/api/customers", {"name": "Eva \x1b[31m\x07\nroot"})
    desk.customers.append(made["id"])
    desk.says("hola \x1b]0;x\x07 \x1b[2J", len(desk.customers) - 1)
    eventually(desk.conversations)
    for told in (said(desk, "list"), said(desk, "show", str(desk.conversations()[0]["id"]))):
        assert not any(ord(one) < 32 and one != "\n" for one in told)


def test_the_people_behind_an_agent_are_named_from_a_shell(desk: Desk) -> None:
    env = {"RELEASED_HOME": str(desk.home), "DATABASE_URL": desk._database_url}

    def typed_at_agent(*words: str) -> Result:
        return CliRunner().invoke(released, ["agent", "handoff", desk.agent_id, *words], env=env)

    done = typed_at_agent("--webhook", "https://crm.example.com/x", "--email", "ana@example.com")
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["webhook_secret"].startswith("whsec_")
    assert told["handoff"]["contact"] == "910 000 147"
    told = json.loads(typed_at_agent("--return-minutes", "60", "--without", "webhook").output)
    assert "webhook_secret" not in told
    assert (told["handoff"]["webhook"], told["handoff"]["return_minutes"]) == (None, 60)
    for wrong in (("--whatsapp", "600"), ("--return-minutes", "1"), ("--webhook", "http://crm.example.com")):
        assert isinstance(typed_at_agent(*wrong).exception, Refusal)


def test_the_doctor_says_when_people_do_not_hear(desk: Desk) -> None:
    own = {"RELEASED_HOME": str(desk.home), "DATABASE_URL": desk._database_url}
    live = {**own, "META_ACCESS_TOKEN": "EAAG-a-token", "META_APP_SECRET": "a-secret"}
    assert Visit(**live).state("people") == "ok"
    desk.api("PATCH", f"/agent/{desk.agent_id}", {"handoff": {"contact": None}})
    assert Visit(**own).state("people") == "ok"  # nobody real is kept waiting in a sandbox
    assert Visit(**live).state("people") == "warn"
    desk.api("PATCH", f"/agent/{desk.agent_id}", {"handoff": {"email": "ana@example.com"}})
    assert Visit(**live).state("people") == "ok"
    assert Visit(**live).state("e-mail") == "warn"
    assert Visit(**own).state("alerts") == "ok"
    desk.says(A_PERSON)
    desk.settled()
    visit = Visit(**own)
    assert visit.state("alerts") == "warn"
    assert "email: no SMTP_URL (1)" in visit.said("alerts")
