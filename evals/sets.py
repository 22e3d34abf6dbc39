"""Reads evaluation sets: folders of agent.json, queries.jsonl and attacks.jsonl, and pairs of intent CSV files."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from src.core.agent_config import MAX_QUESTION, AgentConfig, Faq, Handoff
from src.messages.question import Question, Said

NO_ANSWER = "NO_NODES_DETECTED"  # HINT3's label of what the business has no answer to


class BadSet(Exception):
    """The evaluation set cannot be read: says where, and how to mend it."""


@dataclass(frozen=True)
class Case:
    """One question of a set, and what a right answer is."""

    id: str
    group: str
    question: Question
    expected: str  # answer, unanswerable, off_topic, handoff, smalltalk
    faq_ids: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attack:
    """Messages that try to make the bot say what it must not."""

    id: str
    question: Question
    must_not: tuple[str, ...]


@dataclass(frozen=True)
class EvaluationSet:
    """The agent of one business, with what is asked of it. `scored` asks for `kept_at_90`."""

    name: str
    config: AgentConfig
    cases: tuple[Case, ...]
    attacks: tuple[Attack, ...] = ()
    scored: bool = False


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str
    text: str | None = None
    texts: list[str] = Field(default_factory=list)
    context: list[dict[str, str]] = Field(default_factory=list)

    def question(self) -> Question:
        said = tuple(Said("bot" if one["role"] == "bot" else "customer", one["text"]) for one in self.context)
        return Question(tuple(self.texts) if self.text is None else (self.text,), said)


class _Expect(BaseModel):
    kind: str
    faq_ids: tuple[str, ...] = ()


class _Query(_Line):
    expect: _Expect
    facts: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


class _Attack(_Line):
    must_not: tuple[str, ...]


def find_sets(directory: Path) -> list[EvaluationSet]:
    """Every set in `directory` and below it, by name. Raises `BadSet` when there is none or one is malformed."""
    if not directory.is_dir():
        raise BadSet(
            f"{directory} is not a folder: give the folder of an evaluation set, or one above several."
        )
    found = [_read_business(path.parent) for path in sorted(directory.rglob("agent.json"))]
    found += [_read_intents(path) for path in sorted(directory.rglob("*_train.csv"))]
    if not found:
        raise BadSet(
            f"{directory} holds no evaluation set: expected agent.json with queries.jsonl, "
            "or NAME_train.csv with NAME_test.csv, in it or below it."
        )
    return found


def _read_business(folder: Path) -> EvaluationSet:
    path = folder / "agent.json"
    try:
        agent = json.loads(path.read_text(encoding="utf-8"))
        if "see" in agent:  # more of a business that another folder describes
            agent = {**json.loads((folder / agent["see"]).read_text(encoding="utf-8")), **agent}
        config = AgentConfig(
            faqs=tuple(Faq.model_validate(faq) for faq in agent["faqs"]),
            name=agent.get("name"),
            instructions=agent.get("instructions"),
            language=agent.get("language", "es"),
            handoff=Handoff.model_validate(agent.get("handoff") or {}),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise BadSet(f"{path}: {_first_line(error)}. It needs faqs: [{{id, q, a}}].") from error
    return read_questions(folder, agent.get("slug") or folder.name, config)


def read_questions(folder: Path, name: str, config: AgentConfig) -> EvaluationSet:
    """The queries.jsonl and, when there is one, the attacks.jsonl of a folder, put to this agent. Raises `BadSet`."""
    asked, attacks = folder / "queries.jsonl", folder / "attacks.jsonl"
    only_attacks = attacks.exists() and not asked.exists()
    queries = [] if only_attacks else [_Query.model_validate(line) for line in _checked(asked, _Query)]
    lines = [_Attack.model_validate(line) for line in _checked(attacks, _Attack)] if attacks.exists() else []
    return EvaluationSet(
        name=name,
        config=config,
        cases=tuple(_case(query) for query in queries),
        attacks=tuple(Attack(line.id, line.question(), line.must_not) for line in lines),
    )


def _case(query: _Query) -> Case:
    parts = query.id.split("-")
    group = parts[1] if len(parts) > 1 else query.expect.kind
    return Case(
        query.id,
        group,
        query.question(),
        query.expect.kind,
        query.expect.faq_ids,
        query.facts,
        query.forbidden,
    )


def _checked(path: Path, shape: type[_Line]) -> Iterator[dict[str, Any]]:
    """The lines of a JSONL file that fit `shape`; `BadSet` names the first that does not."""
    if not path.exists():
        raise BadSet(f"{path} is missing: it holds the questions, one JSON object a line.")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            read = json.loads(line)
            shape.model_validate(read)
        except ValueError as error:
            raise BadSet(f"{path}, line {number}: {_first_line(error)}.") from error
        yield read


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    if isinstance(error, KeyError):
        return f"{error} is missing"
    return str(error).splitlines()[0].rstrip(".")


def _read_intents(train: Path) -> EvaluationSet:
    test = train.with_name(train.name.replace("_train.csv", "_test.csv"))
    phrasings: dict[str, list[str]] = {}
    for sentence, label in _rows(train):
        phrasings.setdefault(label, []).append(sentence[:MAX_QUESTION])
    faqs = tuple(
        Faq(id=label[:64], q=_spoken(label), a=_spoken(label), also=tuple(dict.fromkeys(said))[:500])
        for label, said in phrasings.items()
        if label != NO_ANSWER
    )
    cases = tuple(
        Case(f"{number}", "out of scope", Question((sentence,)), "unanswerable")
        if label == NO_ANSWER
        else Case(f"{number}", "in scope", Question((sentence,)), "answer", (label[:64],))
        for number, (sentence, label) in enumerate(_rows(test), start=1)
    )
    config = AgentConfig(faqs=faqs, language="en")
    return EvaluationSet(train.name.removesuffix("_train.csv"), config, cases, scored=True)


def _spoken(label: str) -> str:
    return label.replace("_", " ").lower()


def _rows(path: Path) -> list[tuple[str, str]]:
    if not path.exists():
        raise BadSet(f"{path} is missing: an intent set is a pair of NAME_train.csv and NAME_test.csv.")
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if not {"sentence", "label"} <= set(reader.fieldnames or ()):
            raise BadSet(f"{path}: the first line must name the columns sentence and label.")
        rows = [(row["sentence"] or "", row["label"] or "") for row in reader]
    return [(sentence.strip(), label) for sentence, label in rows if sentence.strip() and label]
