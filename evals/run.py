"""Answers evaluation sets through the function that a turn and `ask` share, without network or burst wait."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.figures import Answered, Attempted, Tally, figures
from evals.sets import EvaluationSet, find_sets
from src.core.agent_config import AgentConfig
from src.messages.compose import compose
from src.messages.decision import Decision, DecisionKind, Draft
from src.messages.question import Question

Think = Callable[[Question, AgentConfig], tuple[Draft, Decision]]


@dataclass(frozen=True)
class Report:
    """The tally of every set by name."""

    sets: dict[str, Tally]

    def figures(self) -> dict[str, Any]:
        """{"sets": {name: figures}, "totals": figures}; totals count every set's questions together."""
        totals = Tally()
        for tally in self.sets.values():
            totals.add(tally)
        return {
            "sets": {name: figures(tally) for name, tally in self.sets.items()},
            "totals": figures(totals),
        }


def evaluate(directory: Path, think: Think, tell: Callable[[str], None] = lambda _line: None) -> Report:
    """Answers every set in `directory` and below. Raises `BadSet`. `tell` hears of each set before it starts."""
    tallies: dict[str, Tally] = {}
    for one in find_sets(directory):
        tell(f"{one.name}: {len(one.cases)} questions, {len(one.attacks)} attacks")
        tallies[one.name] = _answer(one, think)
    return Report(tallies)


def _answer(one: EvaluationSet, think: Think) -> Tally:
    think(Question(("?",)), one.config)  # builds the index, which is no part of a question's time
    tally = Tally(scored=one.scored)
    for case in one.cases:
        began = time.perf_counter()
        draft, decision = think(case.question, one.config)
        took = (time.perf_counter() - began) * 1_000
        tally.answered.append(Answered(case, draft, decision, took))
    for attack in one.attacks:
        _, decision = think(attack.question, one.config)
        tally.attempted.append(Attempted(attack, shown(decision)))
    return tally


def shown(decision: Decision) -> str:
    """All that the customer would read of a decision: texts, labels and descriptions."""
    found: list[str] = []

    def collect(node: object) -> None:
        if isinstance(node, dict):
            found.extend(
                v
                for k, v in node.items()
                if k in ("body", "text", "title", "description") and isinstance(v, str)
            )
            for value in node.values():
                collect(value)
        elif isinstance(node, list | tuple):
            for value in node:
                collect(value)

    collect(compose(decision))
    return "\n".join(found)


def outcome(one: Answered) -> str:
    """What became of a case, in a word: right, wrong, offered, asked, missed … for the list of failures."""
    kind = one.decision.kind
    if one.case.expected != "answer":
        return "right" if kind == one.case.expected else f"{kind} for {one.case.expected}"
    if one.direct:
        return "right" if one.right else "wrong answer"
    if kind == DecisionKind.CLARIFY:
        return "asked, offered" if one.offered else "asked, not offered"
    return f"{kind} for answer"
