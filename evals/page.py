"""Writes a report into a folder: `report.json` for programs, `report.html` for people; readable for their owner alone."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, FileSystemLoader

from src import VERSION

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True
)


def write_report(folder: Path, content: dict[str, Any], page: dict[str, Any]) -> Path:
    """The written page. `content` is the JSON; `page` has title, subtitle, verdict, tables, groups.

    Raises OSError where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    about = {"version": VERSION, "made_at": datetime.now(UTC).isoformat(timespec="seconds")}
    html = _TEMPLATES.get_template("report.html").render(**page, **about)
    _write(folder / "report.json", orjson.dumps({**about, **content}, option=orjson.OPT_INDENT_2))
    _write(folder / "report.html", html.encode())
    return folder / "report.html"


def _write(path: Path, content: bytes) -> None:
    """Texts of customers may stand in it: no moment in which others could read it."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)
