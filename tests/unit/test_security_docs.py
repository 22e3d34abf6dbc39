"""What the pages about security name as proof is there, and their figures are those of the table."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "docs/security"
PAGES = sorted(
    [*FOLDER.glob("*.md"), *FOLDER.glob("*.csv"), PROJECT / "docs/law.md", PROJECT / "SECURITY.md"]
)
NAMED = re.compile(r"tests/[\w/]+\.py::\w+")


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((PROJECT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def named_in(page: Path) -> Iterator[tuple[str, str]]:
    for one in NAMED.findall(page.read_text(encoding="utf-8")):
        path, _, name = one.partition("::")
        yield path, name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_is_named_exists(page: Path) -> None:
    missing = [
        f"{path}::{name}"
        for path, name in named_in(page)
        if not (PROJECT / path).exists() or name not in functions_of(path)
    ]
    assert missing == []


def test_every_threat_has_its_own_number_its_kinds_and_a_proof() -> None:
    text = (FOLDER / "threat-model.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([A-Z]\d+) \| (.+?) \| (.+?) \| (.+?) \| (.+) \|$", text, flags=re.MULTILINE)
    assert len(rows) > 40
    assert len({row[0] for row in rows}) == len(rows)
    for number, _, kinds, _, proof in rows:
        assert set(kinds.split(", ")) <= set("STRIDE"), number
        assert NAMED.search(proof), number
    assert set("".join(row[2] for row in rows)) >= set("STRIDE")
