"""Which language a page speaks, and its sentences."""

import re
import tomllib
from pathlib import Path
from typing import Any

from fastapi import Request

from src.console.guards import is_https

LANGUAGES = {"es": "Español", "pt-BR": "Português", "en": "English"}
_COOKIE = "released-language"
_WISH = re.compile(r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]{1,32})?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*")


def _read(tag: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "sentences" / f"{tag}.toml").read_text(encoding="utf-8"))


SENTENCES = {tag: _read(tag) for tag in LANGUAGES}


def cookie_of(request: Request) -> str:
    """The cookie's name. Over https a browser then takes it from this very host alone, and shows it over nothing else."""
    return f"__Host-{_COOKIE}" if is_https(request) else _COOKIE


def chosen(request: Request) -> str | None:
    """The language that the person chose here before."""
    kept = request.cookies.get(cookie_of(request))
    return kept if kept in LANGUAGES else None


def spoken(request: Request) -> str:
    """The chosen language, else the browser's first that we speak, else English."""
    return chosen(request) or _preferred(request.headers.get("accept-language", ""))


def _preferred(header: str) -> str:
    wishes = [match for part in header[:500].split(",") if (match := _WISH.fullmatch(part))]
    by_rank = sorted(wishes, key=lambda wish: -float(wish[2] or 1))
    for wish in by_rank:
        for tag in LANGUAGES:
            if tag[:2] == wish[1].lower() and float(wish[2] or 1) > 0:
                return tag
    return "en"
