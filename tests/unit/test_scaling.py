"""The arithmetic of docs/scaling.md follows from its inputs, and those that the code knows are the code's."""

import math
from pathlib import Path

import pytest

from src.core.settings import Settings

PAGE = (Path(__file__).resolve().parents[2] / "docs/scaling.md").read_text(encoding="utf-8")


def rows_below(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, its own heading first."""
    lines = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0].splitlines()
    cells = [
        [cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")
    ]
    return [row for row in cells if set("".join(row)) - set("-")]


def number(cell: str) -> float:
    return float(cell.replace(",", "").removesuffix("/s"))


INPUTS = {row[0]: number(row[1]) for row in rows_below("Inputs")[1:]}
HEADING, *RESULTS = rows_below("What follows")


@pytest.mark.parametrize("row", RESULTS, ids=[row[0] for row in RESULTS])
def test_every_value_follows_from_the_inputs(row: list[str]) -> None:
    for rate, shown in zip(HEADING[2:], row[2:], strict=True):
        known = {**INPUTS, "rate": number(rate), "ceil": math.ceil, "max": max}
        # The page is ours, and its formulas are read by this test alone.
        exact = eval(row[1], {"__builtins__": {}}, known)
        assert number(shown) == pytest.approx(exact, rel=0.006), f"{row[0]} at {rate}: {exact:.4g}"


def test_every_input_is_used() -> None:
    used = " ".join(row[1] for row in RESULTS)
    assert [name for name in INPUTS if name not in used] == []


def test_the_settings_among_the_inputs_are_the_codes() -> None:
    assert INPUTS["pool"] == Settings.model_fields["database_pool_size"].default
    assert INPUTS["threads"] == Settings(_env_file=None, celery_broker_url="redis://broker").threads
