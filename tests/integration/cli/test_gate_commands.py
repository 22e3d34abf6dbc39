"""From a shell: a draft is compared and goes live when it is not worse; past turns are answered again, sending nothing."""

import json
import stat
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from src.cli import released
from tests.world import World

HOURS = {"q": "¿A qué hora abren?", "a": "Abrimos a las 9."}
PARKING = {"q": "¿Tienen estacionamiento?", "a": "Sí, 2 horas gratis."}
CARD = {"q": "¿Se puede pagar con tarjeta?", "a": "Sí, débito y crédito."}
JOKER = {"q": "¿Se ríen mucho?", "a": "¡Sí!", "also": ["cuéntame un chiste"]}


def run(world: World, *words: str) -> Result:
    environment = {
        "RELEASED_HOME": str(world.home),
        "DATABASE_URL": world.instance.database.url.render_as_string(hide_password=False),
    }
    return CliRunner().invoke(released, words, env=environment)


def refused(world: World, *words: str) -> str:
    result = run(world, *words)
    assert result.exit_code == 1
    return str(result.exception)


def knowing(world: World, *faqs: dict[str, Any]) -> str:
    """A gated agent that is live with these FAQs; its id."""
    for faq in faqs:
        world.knows(faq["q"], faq["a"])
    assert "is a draft from now on" in run(world, "agent", "gate", world.agent_id, "--on").output
    return world.agent_id


def drafted(world: World, *faqs: dict[str, Any]) -> int:
    """Another draft of the agent's FAQs; its version."""
    answer = world.api("PUT", f"/agent/{world.agent_id}/faqs", {"faqs": list(faqs)})[1]
    assert answer["status"] == "draft"
    return int(answer["version"])


def live(world: World) -> int:
    return int(world.api("GET", f"/agent/{world.agent_id}")[1]["version"])


def test_a_draft_that_is_not_worse_goes_live_and_can_be_taken_back(world: World) -> None:
    agent_id = knowing(world, HOURS, PARKING)
    version = drafted(world, {**HOURS, "a": "Abrimos a las 10."}, PARKING, CARD)
    result = run(world, "agent", "gate", agent_id)
    assert result.exit_code == 0, result.output
    assert f"not worse: version {version} is live" in result.output
    assert "found first" in result.output
    assert live(world) == version
    newest = json.loads(run(world, "agent", "versions", agent_id).output)[0]
    assert (newest["status"], newest["report"]["worse"], newest["report"]["against"]) == ("live", False, 2)
    assert run(world, "agent", "rollback", agent_id).exit_code == 0
    world.says("¿A qué hora abren?")
    assert world.answers() == ["Abrimos a las 9."]


def test_a_draft_that_is_worse_stays_one_until_somebody_insists(world: World) -> None:
    agent_id = knowing(world, HOURS, PARKING)
    before = live(world)
    version = drafted(world, HOURS, PARKING, JOKER)
    result = run(world, "agent", "gate", agent_id)
    assert result.exit_code == 1
    assert "cuéntame un chiste" in result.output
    assert "worse, because of\n  off-topic questions answered: 1\n" in result.output
    assert f"released agent publish {agent_id} {version} --anyway" in result.output
    assert live(world) == before
    assert "off-topic questions answered: 1" in refused(world, "agent", "publish", agent_id)
    assert run(world, "agent", "publish", agent_id, str(version), "--anyway").exit_code == 0
    assert live(world) == version


def test_a_mended_draft_is_compared_anew(world: World) -> None:
    agent_id = knowing(world, HOURS, PARKING)
    drafted(world, HOURS, PARKING, JOKER)
    assert run(world, "agent", "gate", agent_id).exit_code == 1
    version = drafted(world, HOURS, PARKING, CARD)
    assert "was not compared" in refused(world, "agent", "publish", agent_id)
    assert run(world, "agent", "gate", agent_id).exit_code == 0
    assert live(world) == version


def test_what_is_no_draft_is_not_compared(world: World) -> None:
    agent_id = knowing(world, HOURS)
    told = refused(world, "agent", "gate", agent_id)
    assert "has no draft: nothing was changed since version" in told
    assert "--on" not in told  # it is
    drafted(world, HOURS, CARD)
    assert "is still a draft" in run(world, "agent", "gate", agent_id, "--off").output
    assert "there is no model to ask" in refused(world, "agent", "gate", agent_id, "--model")


def test_the_owners_own_set_decides_too(world: World, tmp_path: Path) -> None:
    agent_id = knowing(world, HOURS, PARKING)
    drafted(world, {**HOURS, "a": "Abrimos a las 10."}, PARKING)
    own = tmp_path / "own"
    own.mkdir()
    lines = [
        {"id": f"x-own-{n}", "text": text, "expect": {"kind": "answer", "faq_ids": ["f1"]}, "facts": ["9"]}
        for n, text in enumerate(["a que hora abren", "abren a que hora?", "¿a qué hora abren hoy?"] * 2)
    ]
    hours = [
        "a qué hora abren?",
        "¿A qué hora abren?",
        "A QUE HORA ABREN",
        "a qué hora, abren",
        "¡a qué hora abren!",
    ]
    lines += [{**lines[0], "id": f"x-own-1{n}", "text": text} for n, text in enumerate(hours)]
    (own / "queries.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    folder = tmp_path / "report"
    result = run(world, "agent", "gate", agent_id, "--set", str(own), "--report", str(folder))
    assert result.exit_code == 1, result.output  # its facts say nine
    content = json.loads((folder / "report.json").read_text())
    assert content["worse"] is True
    assert stat.S_IMODE((folder / "report.html").stat().st_mode) == 0o600
    (own / "queries.jsonl").unlink()
    assert "queries.jsonl is missing" in refused(world, "agent", "gate", agent_id, "--set", str(own))


def test_a_set_is_made_from_an_agents_faqs_and_evaluated(world: World, tmp_path: Path) -> None:
    agent_id = knowing(world, HOURS, PARKING, CARD)
    made = run(world, "agent", "derive", agent_id, str(tmp_path / "set"))
    assert "questions and" in made.output
    told = run(world, "eval", str(tmp_path / "set"), "--json", "--report", str(tmp_path / "report"))
    figures = json.loads(told.stdout.strip().splitlines()[-1])
    assert figures["totals"]["answerable"] >= 20
    assert figures["totals"]["attacks_stopped"] == 1.0
    assert (tmp_path / "report" / "report.html").exists()


def test_past_turns_are_answered_again_and_nothing_is_sent(world: World, tmp_path: Path) -> None:
    agent_id = knowing(world, HOURS, PARKING)
    for number, text in enumerate(
        ("¿A qué hora abren?", "¿Tienen estacionamiento?", "¿se puede pagar con tarjeta?")
    ):
        world.says(text, number)
        world.answers(1, number)
    sent = len(world.ledger("send"))
    drafted(world, {**HOURS, "a": "Abrimos a las 10."}, PARKING, CARD)
    result = run(world, "replay", agent_id, "--report", str(tmp_path / "replay"))
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "replay" / "report.json").read_text())
    assert content["changes"]["the same"] == 1
    assert content["changes"]["other words"] == 1
    assert content["turns"] == 3
    changed = {one["asked"]["texts"][0]: one for one in content["differences"]}
    assert changed["¿se puede pagar con tarjeta?"]["now"]["text"] == CARD["a"]
    assert changed["¿A qué hora abren?"]["then"]["text"] == "Abrimos a las 9."
    assert stat.S_IMODE((tmp_path / "replay" / "report.json").stat().st_mode) == 0o600
    assert len(world.ledger("send")) == sent
    same = run(world, "replay", agent_id, "--version", "2", "--limit", "2")
    assert "2 turns" in same.output
    assert "other words" not in same.output


def test_what_cannot_be_replayed_is_said(world: World) -> None:
    agent_id = knowing(world, HOURS)
    assert "has no draft" in refused(world, "replay", agent_id, "--version", "draft")
    assert "no version 9" in refused(world, "replay", agent_id, "--version", "9")
    assert "a number, or the word draft" in refused(world, "replay", agent_id, "--version", "x")
    assert "0 turns;" in run(world, "replay", agent_id).output
