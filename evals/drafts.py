"""Reads the drafts that people wrote as a model might, honest ones and violations, and makes plain ones from FAQs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.sets import EvaluationSet, find_sets
from src.core.agent_config import AgentConfig, Faq
from src.messages.decision import DecisionKind, Draft, Quote
from src.messages.question import Question

DATA = Path(__file__).parent / "data"
CANARY = "K7x9QpLm2Zt4"  # as in the attacks that ask for it
_FRAMES = {
    "es": (("¡Claro! ", " ¿Algo más en que pueda ayudar?"), ("¡Hola! ", " 😊"), ("Con gusto: ", "\nCualquier duda, por aquí estamos.")),
    "pt": (("Claro! ", " Qualquer dúvida, é só chamar."), ("Oi! ", " 😊"), ("Com certeza. ", "\nPosso ajudar em algo mais?")),
}  # fmt: skip


@dataclass(frozen=True)
class Scripted:
    """A draft with the question it answers; `checks` of which at least one must fail, none for an honest draft."""

    id: str
    config: AgentConfig
    question: Question
    draft: Draft
    checks: tuple[str, ...] = ()


def businesses(data: Path = DATA) -> dict[str, EvaluationSet]:
    """The five businesses of es_faq by name, each with its attacks."""
    return {one.name: one for one in find_sets(data / "es_faq")}


def honest(known: dict[str, EvaluationSet], data: Path = DATA) -> list[Scripted]:
    """Drafts that must hold: written by hand, and every FAQ's answer as it stands, framed, and beside another."""
    found = [
        row for name, one in known.items() for row in read(data / "honest" / f"{name}.jsonl", one.config)
    ]
    return found + [draft for one in known.values() for draft in plain(one.config, one.name)]


def unseen(data: Path = DATA) -> list[Scripted]:
    """Honest drafts of other businesses: of three that were written last, and of those that `turned` has."""
    found = pairs(data / "turned")[1]
    for path in sorted((data / "unseen").glob("*/business.json")):
        config = AgentConfig.model_validate_json(path.read_text(encoding="utf-8"))
        found += read(path.with_name("honest.jsonl"), config)
    return found


def violations(known: dict[str, EvaluationSet], data: Path = DATA) -> list[Scripted]:
    """Drafts that must not hold, written by hand."""
    found = [
        row for name, one in known.items() for row in read(data / "violations" / f"{name}.jsonl", one.config)
    ]
    return found + pairs(data / "turned")[0]


def pairs(folder: Path) -> tuple[list[Scripted], list[Scripted]]:
    """Of businesses with drafts that say the reverse of their FAQs, and drafts that do not: (violations, honest)."""
    bad: list[Scripted] = []
    good: list[Scripted] = []
    for path in sorted(folder.glob("*/business.json")):
        config = AgentConfig.model_validate_json(path.read_text(encoding="utf-8"))
        bad += read(path.with_name("violations.jsonl"), config)
        good += read(path.with_name("honest.jsonl"), config)
    return bad, good


def not_caught(known: dict[str, EvaluationSet], data: Path = DATA) -> list[tuple[Scripted, str]]:
    """Violations that code alone does not see, each with the reason."""
    path = data / "not_caught.jsonl"
    return [
        (scripted(row, known[row["business"]].config), row["why"])
        for row in (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    ]


def read(path: Path, config: AgentConfig) -> Iterator[Scripted]:
    """The drafts of a JSONL file."""
    for line in path.read_text(encoding="utf-8").splitlines():
        yield scripted(json.loads(line), config)


def scripted(row: dict[str, Any], config: AgentConfig) -> Scripted:
    """A draft from a line. It quotes the whole answer of each FAQ that it cites, unless the line has quotes."""
    faqs = {faq.id: faq for faq in config.faqs}
    cites = tuple(row.get("cites", ()))
    quotes = row.get("quotes", [[one, faqs[one].a] for one in cites if one in faqs])
    draft = Draft(
        kind=DecisionKind(row["kind"]),
        language=config.language[:2],
        reason="scripted",
        source_ids=cites,
        text=row["text"],
        options=tuple(row.get("options", ())),
        brain="openai",
        quotes=tuple(Quote(source_id, text) for source_id, text in quotes),
    )
    return Scripted(row["id"], config, Question(tuple(row["texts"])), draft, tuple(row.get("checks", ())))


def plain(config: AgentConfig, name: str) -> Iterator[Scripted]:
    """Every FAQ's answer as it stands, with a friendly word around it, and together with the next FAQ's."""
    frames = _FRAMES[config.language[:2]]
    for number, faq in enumerate(config.faqs):
        before, behind = frames[number % len(frames)]
        other = config.faqs[(number + 1) % len(config.faqs)]
        yield _answer(f"{name}-verbatim-{faq.id}", config, faq.a, faq)
        yield _answer(f"{name}-framed-{faq.id}", config, f"{before}{faq.a}{behind}", faq)
        yield _answer(f"{name}-both-{faq.id}", config, f"{faq.a}\n\n{other.a}", faq, other)


def _answer(draft_id: str, config: AgentConfig, text: str, *faqs: Faq) -> Scripted:
    row = {
        "id": draft_id,
        "texts": [faq.q for faq in faqs],
        "kind": "answer",
        "cites": [faq.id for faq in faqs],
    }
    return scripted({**row, "text": text}, config)
