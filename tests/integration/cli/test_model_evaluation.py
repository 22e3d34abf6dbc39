"""An evaluation, a comparison and a replay can ask the model as a turn does, at its pace, and say what that cost."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from src.cli import released
from src.core.brain_tables import usage
from src.core.errors import ModelAway
from tests.integration.brain.model_world import BAKERY, KEY, ModelWorld
from tests.world import eventually

QUERIES = [
    {
        "id": "x-par-1",
        "text": "oye y el sábado hasta cuándo?",
        "expect": {"kind": "answer", "faq_ids": ["f1"]},
    },
    {
        "id": "x-par-2",
        "text": "a cómo sale que me lo traigan",
        "expect": {"kind": "answer", "faq_ids": ["f3"]},
    },
    {"id": "x-hand-1", "text": "quiero hablar con una persona", "expect": {"kind": "handoff"}},
]


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[ModelWorld]:
    with ModelWorld(tmp_path, database_url) as found:
        found.is_a_bakery()
        yield found


def run(world: ModelWorld, *words: str, **more: str) -> Result:
    environment = {
        "RELEASED_HOME": str(world.home),
        "DATABASE_URL": world.instance.database.url.render_as_string(hide_password=False),
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": f"{world.sandbox}/v1",
        "OPENAI_RPS_PER_AGENT": "50",
    }
    return CliRunner().invoke(released, words, env={**environment, **more})


def a_set(folder: Path) -> str:
    faqs = [{"id": f"f{number}", "q": q, "a": a} for number, (q, a) in enumerate(BAKERY, start=1)]
    folder.mkdir()
    (folder / "agent.json").write_text(json.dumps({"faqs": faqs, "language": "es"}))
    (folder / "queries.jsonl").write_text("\n".join(json.dumps(query) for query in QUERIES))
    return str(folder)


def test_an_evaluation_with_the_model_says_what_it_saw_and_cost(world: ModelWorld, tmp_path: Path) -> None:
    result = run(world, "eval", a_set(tmp_path / "set"), "--model", "--json")
    assert result.exit_code == 0, result.output
    totals = json.loads(result.stdout.strip().splitlines()[-1])["totals"]
    assert totals["counts"]["prompt_hit"] == [2, 2]
    assert totals["paid"]["rungs"] == {"model": 2, "shortcut": 1}  # a call for a person needs no model
    assert totals["paid"]["usd"] > 0
    assert totals["paid"]["calls"] == len(world.asked())
    with world.instance.database.read() as session:
        (row,) = session.execute(select(usage.c.agent_id, usage.c.purpose)).all()
    assert tuple(row) == ("eval", "eval")


def test_what_was_measured_once_is_measured_anew(world: ModelWorld, tmp_path: Path) -> None:
    folder = a_set(tmp_path / "set")
    run(world, "eval", folder, "--model")
    before = len(world.asked())
    run(world, "eval", folder, "--model")
    assert len(world.asked()) == 2 * before


def test_a_replay_with_the_model_sends_nothing(world: ModelWorld) -> None:
    world.says("oye y el sábado hasta cuándo?")
    world.answers()
    sent, asked = len(world.ledger("send")), len(world.asked())
    result = run(world, "replay", world.agent_id, "--model")
    assert result.exit_code == 0, result.output
    assert "1 turn;" in result.output
    assert len(world.asked()) == asked + 1
    assert len(world.ledger("send")) == sent
    eventually(lambda: world.conversations()[0]["holder"] == "bot")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, "unreachable|the model rests"),
        ({"MONTH_USD": "0.000001"}, ": ceiling month"),
    ],
)
def test_a_model_that_was_not_asked_measures_and_publishes_nothing(
    world: ModelWorld, tmp_path: Path, settings: dict[str, str], why: str
) -> None:
    world.says("oye y el sábado hasta cuándo?")
    world.answers()  # costs more than that ceiling
    world.api("PATCH", f"/agent/{world.agent_id}", {"gated": True})
    faqs = [{**world.faqs[0], "a": "Abrimos a las 9."}, *world.faqs[1:]]
    version = world.api("PUT", f"/agent/{world.agent_id}/faqs", {"faqs": faqs})[1]["version"]
    for words in (
        ("agent", "gate", world.agent_id, "--model"),
        ("eval", a_set(tmp_path / "set"), "--model", "--json"),
    ):
        result = run(world, *words, **settings)
        assert result.exit_code == 1
        assert isinstance(result.exception, ModelAway)
        assert "of 1 questions put so far the model answered 0" in result.exception.detail
        assert re.search(why, result.exception.detail)
        assert "totals" not in result.stdout
    versions = world.api("GET", f"/agent/{world.agent_id}/versions")[1]["versions"]
    assert next((one["version"], one["status"]) for one in versions) == (version, "draft")


def test_a_draft_that_does_not_hold_is_the_models_own_and_counts(world: ModelWorld, tmp_path: Path) -> None:
    world.says_model("Cuesta 999 €.", "f1", "no such words")
    result = run(world, "eval", a_set(tmp_path / "set"), "--model", "--json")
    assert result.exit_code == 0, result.output
    rungs = json.loads(result.stdout.strip().splitlines()[-1])["totals"]["paid"]["rungs"]
    assert rungs == {"faq": 2, "shortcut": 1}
