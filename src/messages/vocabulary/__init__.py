"""What small businesses are asked, in the words of each language and country: read from the files beside this one."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@cache
def load(name: str) -> dict[str, Any]:
    """The tables of `name.toml`."""
    return tomllib.loads((_HERE / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def words(name: str, language: str) -> frozenset[str]:
    """The words of a table whose entries are `language = "one two three"`."""
    return frozenset(load(name)[language].split())


def concepts() -> dict[str, dict[str, tuple[str, ...]]]:
    """{concept: {language: its expressions}} of every file in `concepts`, read anew, as each language is needed once.

    An expression is one word or several.
    """
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for path in sorted((_HERE / "concepts").glob("*.toml")):
        for concept, languages in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for language, expressions in languages.items():
                listed = tuple(e.strip() for e in expressions.split(",") if e.strip())
                place = found.setdefault(concept, {})
                place[language] = place.get(language, ()) + listed
    return found
