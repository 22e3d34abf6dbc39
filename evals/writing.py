"""Writes an evaluation set as a folder that `released eval` reads and a person can edit."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from evals.sets import Case, EvaluationSet
from src.messages.question import Question


def is_set(folder: Path) -> bool:
    """Does the folder hold an evaluation set's questions or attacks?"""
    return any((folder / name).exists() for name in ("queries.jsonl", "attacks.jsonl"))


def write_set(one: EvaluationSet, folder: Path) -> None:
    """Writes agent.json, queries.jsonl and attacks.jsonl. Raises OSError where the folder cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    config = one.config
    agent = {
        "slug": one.name,
        **config.model_dump(mode="json", include={"name", "language", "instructions"}),
        "handoff": config.handoff.model_dump(mode="json", include={"when", "contact"}),
        "faqs": [faq.model_dump(mode="json") for faq in config.faqs],
    }
    (folder / "agent.json").write_bytes(orjson.dumps(agent, option=orjson.OPT_INDENT_2) + b"\n")
    _write_lines(folder / "queries.jsonl", map(_query, one.cases))
    attacks = ({"id": a.id, **_asked(a.question), "must_not": a.must_not} for a in one.attacks)
    _write_lines(folder / "attacks.jsonl", attacks)


def _query(case: Case) -> dict[str, Any]:
    wanted = {"kind": case.expected, **({"faq_ids": case.faq_ids} if case.faq_ids else {})}
    line = {"id": case.id, **_asked(case.question), "expect": wanted, "facts": case.facts}
    return {**line, "forbidden": case.forbidden} if case.forbidden else line


def _asked(question: Question) -> dict[str, Any]:
    return {"texts": question.texts}


def _write_lines(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
