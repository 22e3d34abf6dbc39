"""`released costs` tells what was spent, to a person and to a program."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, select

from src.accounts.numbers import add_number
from src.cli import released
from src.core import schema
from src.core.brain_tables import spending, usage
from src.core.database import now_ms
from src.core.instance import open_instance
from src.core.openai_client import Usage
from src.core.settings import Settings
from src.messages.brain import money
from src.messages.brain.money import Payer
from tests.world import NUMBER


@pytest.fixture
def home(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance that the commands find, in whose folder we stand."""
    monkeypatch.chdir(tmp_path)
    for name, value in (("RELEASED_HOME", str(tmp_path / "home")), ("DATABASE_URL", database_url)):
        monkeypatch.setenv(name, value)
    instance = open_instance(Settings(_env_file=None))
    schema.migrate(instance.database)
    instance.close()
    return tmp_path / "home"


def spend() -> None:
    """Two agents' calls and a reply's fee today, and a call of ten days ago."""
    instance = open_instance(Settings(_env_file=None))
    with instance.database.transaction() as session:
        add_number(session, NUMBER, "106540352242922")
        now: int = session.execute(select(now_ms())).scalar_one()
        today, month = money.periods_of(now).day, money.periods_of(now).month
        for agent, model in (("asst_a", "gpt-6-luna"), ("asst_b", "gpt-6.1-terra")):
            use = Usage(model, 3_000, 2_500, 150)
            money.record_use(session, instance.settings, Payer(agent, None), "answer", use)
        none = {"input_tokens": 0, "cached_tokens": 0, "output_tokens": 0}
        old = {"agent_id": "asst_a", "model": "gpt-6-luna", "purpose": "answer", **none}
        before = money.periods_of(now - 10 * 86_400_000).day
        session.execute(insert(usage).values(day=before, calls=1, cost=1_000_000, **old))
        fee = {"agent_id": "asst_a", "model": "ES", "purpose": "meta", **none}
        session.execute(insert(usage).values(day=today, calls=1_001, cost=20_000, **fee))
        number = {"scope": "number:106540352242922", "period": month, "calls": 1_001, "cost": 0}
        session.execute(insert(spending).values(number))
    instance.close()


def run(*options: str) -> str:
    done = CliRunner().invoke(released, ["costs", *options])
    assert done.exit_code == 0, done.output
    return done.output


def document(*options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("--json", *options))
    return found


def test_a_person_reads_a_table_with_its_sum(home: Path) -> None:
    spend()
    lines = run("--days", "7").splitlines()
    assert lines[0].split() == ["day", "agent", "what", "for", "model", "calls", "in", "cached", "out", "US$"]
    assert [line.split()[1:] for line in lines[1:4]] == [
        ["asst_a", "answer", "gpt-6-luna", "1", "3,000", "2,500", "150", "0.000150"],
        ["asst_a", "Meta's", "fee", "ES", "1,001", "0.020000"],
        ["asst_b", "answer", "gpt-6.1-terra", "1", "3,000", "2,500", "150", "0.001375"],
    ]
    assert len({len(line) for line in lines[:4]}) == 1  # the figures stand below each other
    assert lines[5] == "0.021525 US$: 0.001525 for 2 calls of models, 0.020000 to Meta for 1,001 replies"
    assert lines[6] == f"{NUMBER}: 1,001 replies this month, 0 more are free"


def test_a_program_reads_millionths(home: Path) -> None:
    spend()
    found = document("--days", "7")
    assert found["days"] == 7
    assert [(row["agent_id"], row["purpose"], row["model"], row["cost"]) for row in found["rows"]] == [
        ("asst_a", "answer", "gpt-6-luna", 150),
        ("asst_a", "meta", "ES", 20_000),
        ("asst_b", "answer", "gpt-6.1-terra", 1_375),
    ]
    assert (found["totals"]["calls"], found["totals"]["cost"], found["totals"]["fees"]) == (2, 21_525, 20_000)
    (number,) = found["numbers"]
    assert (number["phone_number"], number["replies"], number["free_left"]) == (NUMBER, 1_001, 0)


def test_it_looks_as_far_back_as_it_is_told_and_at_one_agent(home: Path) -> None:
    spend()
    assert document()["totals"]["cost"] == 1_021_525
    assert document("--agent", "asst_b")["totals"]["cost"] == 1_375
    assert {row["agent_id"] for row in document("--agent", "asst_a")["rows"]} == {"asst_a"}


def test_without_anything_spent_it_says_so(home: Path) -> None:
    assert run() == "nothing was spent\n"
    assert document()["totals"]["cost"] == 0
