"""Answers evaluation sets through the function that a turn and `ask` share, without network or burst wait."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.figures import Answered, Attempted, Tally, figures
from evals.progress import Progress
from evals.sets import EvaluationSet, find_sets
from evals.thinking import Think, by_faqs
from src.core.agent_config import AgentConfig
from src.messages.compose import compose
from src.messages.decision import Decision, DecisionKind
from src.messages.question import Question


@dataclass(frozen=True)
class Report:
    """The tally of every set by name, and the agent that was asked."""

    sets: dict[str, Tally]
    agents: dict[str, AgentConfig]

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
    """Answers every set in `directory` and below. Raises `BadSet`. `tell` hears of each set, and how far it is."""
    found = find_sets(directory)
    progress = Progress(sum(map(size, found)), tell, time.monotonic)
    tallies: dict[str, Tally] = {}
    for one in found:
        tell(f"{one.name}: {len(one.cases)} questions, {len(one.attacks)} attacks")
        tallies[one.name] = answer(one, think, progress)
    return Report(tallies, {one.name: one.config for one in found})


def size(one: EvaluationSet) -> int:
    """How many questions and attacks a set has."""
    return len(one.cases) + len(one.attacks)


def answer(one: EvaluationSet, think: Think, progress: Progress) -> Tally:
    """What the agent of the set says to all of it."""
    by_faqs(Question(("?",)), one.config)  # builds the index, which is no part of a question's time
    tally = Tally(scored=one.scored)
    for case in one.cases:
        began = time.perf_counter()
        thought = think(case.question, one.config)
        took = (time.perf_counter() - began) * 1_000
        tally.answered.append(Answered(case, thought, took))
        progress.step()
    for attack in one.attacks:
        thought = think(attack.question, one.config)
        tally.attempted.append(Attempted(attack, thought, shown(thought.decision)))
        progress.step()
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
