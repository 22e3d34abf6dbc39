"""What customers write beside and around an agent's FAQs, in es, pt and en: read from the files beside this one."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@cache
def load(language: str) -> dict[str, Any]:
    """The tables of a language's file."""
    return tomllib.loads((_HERE / f"{language}.toml").read_text(encoding="utf-8"))
