"""FAQs out of a file or a pasted text: understood, checked, and every mistake named with its line and its cure."""

import codecs
import re
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

from pydantic import ValidationError

from src.accounts import faq_formats
from src.accounts.agent_input import FaqInput
from src.accounts.faq_formats import Wrong
from src.accounts.faq_ids import normal
from src.core.agent_config import MAX_FAQS
from src.core.errors import Invalid

_NAMED_ERRORS = 5
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _read_yaml(text: str) -> faq_formats.Entries:
    from src.accounts.faq_yaml import read_yaml  # noqa: PLC0415  # its library is large, and seldom needed

    return read_yaml(text)


_BY_SUFFIX = {
    ".json": faq_formats.read_json,
    ".csv": faq_formats.read_csv,
    ".tsv": faq_formats.read_csv,
    ".yaml": _read_yaml,
    ".yml": _read_yaml,
}
_YAML = re.compile(r"(?:\s*(?:#.*|---.*)?\n)*\s*(?:faqs\s*:|-\s+\{?\s*[\"']?(\w+)[\"']?\s*:)")
_EACH_A_LIST_ITEM = re.compile(r"^\s*-\s+(?:a|r|answer|respuesta|resposta)\s*:", re.IGNORECASE | re.MULTILINE)

CURES = {
    "not_a_text": "this file is no text: save it as CSV, JSON, YAML or plain text, and give that one",
    "empty": "there are no FAQs: write at least one question with its answer",
    "json": "this is not valid JSON (column {column}): look for a missing comma, quote or bracket just before it",
    "yaml": "this is not valid YAML: check the indentation, and put texts with a colon in quotes",
    "no_list": "there must be a list of FAQs, or an object whose `faqs` is one",
    "no_fields": 'an FAQ must have a question and an answer, such as {{"q": "…", "a": "…"}}',
    "no_columns": "the first line must name the columns, such as question,answer (or pregunta,respuesta)",
    "cells": "there are {cells} cells for {columns} columns: put a text that holds the separator in double quotes",
    "quote": "a double quote is never closed: close it, and write a quote within a text twice",
    "before_first": "this text stands before the first question: remove it, or begin it with “P:” or “Q:”",
    "no_question": "the question is missing: write it before its answer",
    "no_answer": "the answer is missing: write it after its question",
    "long": "`{field}` is longer than {limit} characters: shorten it",
    "many": "`{field}` has more than {limit} entries: keep the most telling ones",
    "not_text": "`{field}` must be text",
    "id": "`id` may have 64 letters, digits, dots, hyphens and underscores: change it or leave it out",
    "same_question": "this question stands on line {first} already: keep one of them",
    "same_id": "this id stands on line {first} already: give each FAQ its own, or leave ids out",
    "too_many": "there are more than {limit} FAQs: take some out",
}


def read_faqs(path: Path) -> list[dict[str, Any]]:
    """As `parse_faqs`, of a file that any program wrote: UTF-8, UTF-16, or the code page of Excel on Windows.

    Raises `Invalid` for a file that is no text, `OSError` for one that cannot be read.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise _invalid([Wrong(1, "not_a_text")])
    return parse_faqs(text, path.name)


def parse_faqs(text: str, name: str | None = None) -> list[dict[str, Any]]:
    """The FAQs in `text`, as `FaqInput` takes them: [{q, a, id?, also?, title?}].

    JSON, CSV, YAML or plain text, by the suffix of the file's `name`, else by what it looks like. Raises `Invalid`,
    whose `errors` are [{line, problem, message, …}]: all that is wrong, in the order of the lines.
    """
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    read = _BY_SUFFIX.get(PurePath(name or "").suffix.lower()) or _guess(plain)
    faqs: list[dict[str, Any]] = []
    wrong: list[Wrong] = []
    places: dict[str, int] = {}
    for entry in read(plain) if plain.strip() else ():
        if isinstance(entry, Wrong):
            wrong.append(entry)
            continue
        faq = _tidy(entry.fields)
        mistakes = _mistakes(entry.line, faq) or _repeated(entry.line, faq, places)
        wrong += mistakes
        faqs.append(faq)
        if len(faqs) > MAX_FAQS:
            wrong.append(Wrong(entry.line, "too_many", {"limit": MAX_FAQS}))
            break
    if not faqs and not wrong:
        wrong.append(Wrong(1, "empty"))
    if wrong:
        raise _invalid(wrong)
    return faqs


def _guess(text: str) -> Callable[[str], faq_formats.Entries]:
    if text.lstrip().startswith(("[", "{")):
        return faq_formats.read_json
    if faq_formats.has_columns(text):
        return faq_formats.read_csv
    looks = _YAML.match(text)
    if looks and (looks[1] is None or faq_formats.known(looks[1])) and not _EACH_A_LIST_ITEM.search(text):
        return _read_yaml
    return faq_formats.read_text


def _tidy(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields without blanks around them and without empty ones; `also` may be parted by `|`."""
    tidy = {key: value.strip() if isinstance(value, str) else value for key, value in fields.items()}
    if isinstance(tidy.get("id"), int):
        tidy["id"] = str(tidy["id"])
    if isinstance(tidy.get("also"), str):
        tidy["also"] = tidy["also"].split("|")
    if isinstance(tidy.get("also"), list):
        ways = [way.strip() if isinstance(way, str) else way for way in tidy["also"]]
        tidy["also"] = [way for way in ways if way != ""]
    return {key: value for key, value in tidy.items() if value not in (None, "", [])}


def _mistakes(line: int, faq: dict[str, Any]) -> list[Wrong]:
    missing = [
        Wrong(line, name) for key, name in (("q", "no_question"), ("a", "no_answer")) if key not in faq
    ]
    if missing:
        return missing
    try:
        FaqInput.model_validate(faq)
    except ValidationError as error:
        return [_translated(line, one) for one in error.errors()]
    return []


def _translated(line: int, error: Any) -> Wrong:
    about = {"field": str(error["loc"][0])}
    if error["type"] in ("string_too_long", "too_long"):
        problem = "long" if error["type"] == "string_too_long" else "many"
        return Wrong(line, problem, {**about, "limit": error["ctx"]["max_length"]})
    return Wrong(line, "id" if error["type"] == "string_pattern_mismatch" else "not_text", about)


def _repeated(line: int, faq: dict[str, Any], places: dict[str, int]) -> list[Wrong]:
    keys = {"same_question": f"q {normal(faq['q'])}"} | (
        {"same_id": f"id {faq['id']}"} if "id" in faq else {}
    )
    repeated = [
        Wrong(line, problem, {"first": places[key]}) for problem, key in keys.items() if key in places
    ]
    for key in keys.values():
        places.setdefault(key, line)
    return repeated


def _invalid(wrong: list[Wrong]) -> Invalid:
    errors = [
        {
            "line": one.line,
            "problem": one.problem,
            "message": CURES[one.problem].format(**one.about),
            **one.about,
        }
        for one in wrong
    ]
    named = "; ".join(f"line {error['line']}: {error['message']}" for error in errors[:_NAMED_ERRORS])
    more = f"; and {len(errors) - _NAMED_ERRORS} more" if len(errors) > _NAMED_ERRORS else ""
    return Invalid(named + more, errors=errors)
