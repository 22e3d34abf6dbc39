"""A mistake in a shell is one line that says what, why and how to mend it, and nothing is made or lost by it."""

import subprocess
from pathlib import Path

import pytest

from src.core.errors import InvalidSettings
from src.core.settings import load_settings
from tests import launch
from tests.world import World


def released(home: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return launch.run("src", *words, env={"PATH": "/usr/bin:/bin", "RELEASED_HOME": str(home), **more})


def of(world: World, *words: str) -> "subprocess.CompletedProcess[str]":
    return released(world.home, *words, DATABASE_URL=str(world.settings()["database_url"]))


@pytest.mark.parametrize(
    "words",
    [("agent", "list"), ("conversations", "list"), ("costs",), ("logs", "--turn", "1"), ("numbers", "list")],
)
def test_reading_makes_no_instance_where_none_is(tmp_path: Path, words: tuple[str, ...]) -> None:
    said = released(tmp_path / "typo", *words)
    assert said.returncode == 1
    assert said.stderr.startswith(
        f"released: there is no instance in {tmp_path}/typo: start one with `released up`"
    )
    assert not (tmp_path / "typo").exists()


@pytest.mark.parametrize(
    "words", [("costs", "--agent", "asst_nobody"), ("conversations", "list", "--agent", "asst_nobody")]
)
def test_an_agent_that_never_was_is_no_empty_list(world: World, words: tuple[str, ...]) -> None:
    said = of(world, *words)
    assert (said.returncode, said.stdout) == (1, "")
    assert "the id asst_nobody" in said.stderr
    assert world.api("GET", "/conversation?agent=asst_nobody")[0] == 404


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_a_table_is_read_as_a_spreadsheet_saves_it(world: World, tmp_path: Path, encoding: str) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    file = tmp_path / "faqs.csv"
    file.write_text("pregunta;respuesta\n¿A qué hora abrís?;De 9 a 19\n", encoding=encoding)
    assert of(world, "faqs", "import", world.agent_id, str(file)).stdout == "1 FAQs\n"
    assert world.api("GET", f"/agent/{world.agent_id}/faqs")[1]["faqs"][0]["q"] == "¿A qué hora abrís?"


def test_a_set_that_was_edited_is_not_written_over(world: World, tmp_path: Path) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    derive = ("agent", "derive", world.agent_id, str(tmp_path / "set"))
    assert of(world, *derive).returncode == 0
    questions = tmp_path / "set" / "queries.jsonl"
    questions.write_text(questions.read_text() + "\n", encoding="utf-8")
    edited = questions.read_bytes()
    said = of(world, *derive)
    assert (said.returncode, questions.read_bytes()) == (1, edited)
    assert "add --replace" in said.stderr
    assert of(world, *derive, "--replace").returncode == 0
    assert questions.read_bytes() != edited


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("outgoing_private", "http://x/", "'http://x/' is no host or host:port"),
        ("outgoing_private", "127.0.0.1:99999", "is no host or host:port"),
        ("outgoing_private", "10.0.0.0/8", "is no host or host:port"),
        ("smtp_url", "smtp://u:p@host:99999", "SMTP_URL: Port out of range"),
        ("smtp_from", "nope", "SMTP_FROM: must be an e-mail address"),
    ],
)
def test_a_wrong_setting_ends_the_start(name: str, value: str, said: str) -> None:
    with pytest.raises(InvalidSettings, match=said):
        load_settings(_env_file=None, **{name: value})
