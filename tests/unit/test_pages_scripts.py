"""The scripts of our pages write under no name that came from elsewhere: nobody reaches the prototype of all objects."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted([*PROJECT.glob("src/console/static/*.js"), *PROJECT.glob("sandbox/telephone/*.js")])
UNDER_A_NAME = re.compile(r"[\w)\]]\[(?P<name>[^\]\x22]+)\]\s*(?:[-+*/|&?]{0,2}=)(?![=>])")
PLACES_IN_LISTS = {"at"}
MERGES = re.compile(
    r"__proto__|\.prototype\b|\bfor\s*\([^)]*\bin\b|setPrototypeOf|structuredClone|\breviver\b"
)


def breaches(script: str) -> list[str]:
    """What writes under a computed name, or walks over names to merge."""
    written = [found[0] for found in UNDER_A_NAME.finditer(script) if found["name"] not in PLACES_IN_LISTS]
    return written + MERGES.findall(script)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_writes_under_a_name_from_elsewhere(path: Path) -> None:
    assert breaches(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "script",
    [
        "kept[message.type] = 1;",
        "all[key][other] ??= {};",
        "for (const key in given) merge(key);",
        "given.__proto__.open = true;",
    ],
)
def test_a_breach_is_found(script: str) -> None:
    assert breaches(script)


def test_all_scripts_are_read() -> None:
    assert len(SCRIPTS) > 15
