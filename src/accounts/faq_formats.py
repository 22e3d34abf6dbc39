"""Three of the four ways to write FAQs down (JSON, CSV, plain text), each read with the lines on which they stand."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from src.accounts.faq_ids import normal

_KEYS = {
    "q": ("q", "p", "question", "pregunta", "pergunta"),
    "a": ("a", "r", "answer", "respuesta", "resposta"),
    "id": ("id",),
    "also": ("also", "tambien", "tambem", "variants", "variantes"),
    "title": ("title", "titulo"),
}
_FIELD_OF = {name: key for key, names in _KEYS.items() for name in names}
_Q, _A = "|".join(_KEYS["q"]), "|".join(_KEYS["a"])
# The first group is there when the mark is a question's.
_MARK = re.compile(
    rf"\s*(?:[-*•#]+\s*)?(?:({_Q})|{_A})\s?\d{{0,4}}\s?(?:\*\*)?[:：]\s*(?:\*\*)?\s*", re.IGNORECASE
)
_BETWEEN = re.compile(r"[\s,:]*")
_SEPARATORS = ",;\t"


@dataclass(frozen=True)
class Found:
    """One FAQ as it is written: the line on which it begins and its fields."""

    line: int
    fields: dict[str, Any]


@dataclass(frozen=True)
class Wrong:
    """What is wrong on a line: the name of the problem, and what there is to say about it."""

    line: int
    problem: str
    about: dict[str, Any] = field(default_factory=dict)


Entries = Iterator[Found | Wrong]


def known(name: str) -> str | None:
    """The field (q, a, id, also, title) that a column or key means in Spanish, Portuguese or English."""
    return _FIELD_OF.get(normal(name))


def read_json(text: str) -> Entries:
    """The FAQs of a list, or of the list `faqs` in an object."""
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        yield Wrong(error.lineno, "json", {"column": error.colno})
        return
    except (ValueError, RecursionError):  # a number of thousands of digits, thousands of brackets
        yield Wrong(1, "json", {"column": 1})
        return
    start = _json_list(text, whole)
    if start is None:
        yield Wrong(1, "no_list")
        return
    for value, at in _parts(text, start):
        line = text.count("\n", 0, at) + 1
        yield (
            Found(line, known_fields(value.items())) if isinstance(value, dict) else Wrong(line, "no_fields")
        )


def _json_list(text: str, whole: Any) -> int | None:
    start = len(text) - len(text.lstrip())
    if isinstance(whole, list):
        return start
    if isinstance(whole, dict):
        parts = list(_parts(text, start))
        for (key, _), (value, at) in zip(parts[::2], parts[1::2], strict=True):
            if key == "faqs" and isinstance(value, list):
                return at
    return None


def _parts(text: str, start: int) -> Iterator[tuple[Any, int]]:
    """Each value of the valid list at `start`, or each key and value of the object, with where it begins."""
    decoder = json.JSONDecoder()
    at = _skip(text, start + 1)
    while text[at] not in "]}":
        value, end = decoder.raw_decode(text, at)
        yield value, at
        at = _skip(text, end)


def _skip(text: str, at: int) -> int:
    between = _BETWEEN.match(text, at)
    return between.end() if between else at


def known_fields(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """What of an object is an FAQ's, by our names of its fields."""
    return {key: value for name, value in pairs if (key := known(name)) is not None}


def has_columns(text: str) -> bool:
    """True when the first line names the columns of a CSV file."""
    first = text.lstrip().partition("\n")[0]
    return any({"q", "a"} <= set(map(known, first.replace('"', "").split(mark))) for mark in _SEPARATORS)


def read_csv(text: str) -> Entries:
    """The FAQs of a table whose first line names the columns; other columns are left out."""
    first = text.lstrip().partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(_SEPARATORS, key=first.count))
    columns: list[str | None] = []
    line = 1
    try:
        for row in rows:
            begins, line = line, rows.line_num + 1
            if not any(cell.strip() for cell in row):
                continue
            if not columns:
                columns = [known(cell) for cell in row]
                if not {"q", "a"} <= set(columns):
                    yield Wrong(begins, "no_columns")
                    return
            elif len(row) > len(columns):
                yield Wrong(begins, "cells", {"cells": len(row), "columns": len(columns)})
            else:
                yield Found(begins, {key: cell for key, cell in zip(columns, row, strict=False) if key})
    except csv.Error:  # a cell of more than 131,072 characters: a quote that nobody closed
        yield Wrong(line, "quote")


def has_marks(text: str) -> bool:
    """True when a line begins with such as `P:` or `Question:`."""
    return any((mark := _MARK.match(line)) and mark[1] for line in text.splitlines())


def read_text(text: str) -> Entries:
    """The FAQs of plain text: marked with such as `P:` and `R:`, else blocks whose first line is the question."""
    lines = [line.strip() for line in text.split("\n")]
    return _marked(lines) if has_marks(text) else _blocks(lines)


def _marked(lines: list[str]) -> Entries:
    faq: dict[str, Any] = {}
    begins = 0
    part: str | None = None
    for number, line in enumerate(lines, 1):
        mark = _MARK.match(line)
        if mark and mark[1]:
            if faq:
                yield Found(begins, faq)
            faq, begins, part = {"q": line[mark.end() :]}, number, "q"
        elif mark and part == "q":
            faq["a"], part = line[mark.end() :], "a"
        elif part:
            faq[part] = f"{faq[part]}\n{line}"
        elif line and part is None:
            part = ""
            yield Wrong(number, "before_first")
    if faq:
        yield Found(begins, faq)


def _blocks(lines: list[str]) -> Entries:
    blocks: list[tuple[int, list[str]]] = []
    fresh = True
    for number, line in enumerate(lines, 1):
        if line and fresh:
            blocks.append((number, []))
        if line:
            blocks[-1][1].append(line)
        fresh = not line
    following = iter(blocks)
    for number, block in following:
        # A question that stands alone has its answer in the next paragraph.
        answer = block[1:] or next(following, (0, [""]))[1]
        yield Found(number, {"q": block[0], "a": "\n".join(answer)})
