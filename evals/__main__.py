"""`python -m evals DIR [--json] [--failures N]`: the figures of an evaluation, for people or as one line of JSON."""

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from evals.figures import Answered, wilson
from evals.run import Report, evaluate, outcome
from evals.sets import BadSet
from src.messages.answer import think

_RATES = (
    "acc_at_1", "acc_at_3", "coverage", "precision", "clarified_right",
    "false_answer_rate", "handoff_recall", "attacks_stopped", "kept_at_90",
)  # fmt: skip


def run(directory: Path, as_json: bool, failures: int = 0) -> int:
    """Evaluates and prints; returns the exit code: 0, or 2 when the folder or a file of it cannot be read."""
    try:
        report = evaluate(directory, think, lambda line: print(line, file=sys.stderr))
    except BadSet as problem:
        print(problem, file=sys.stderr)
        return 2
    found = report.figures()
    if not as_json:
        print(table(found))
        print(groups(report))
        if failures:
            print(worst(report, failures))
    else:
        print(json.dumps(found, ensure_ascii=False))
    return 0


def table(found: dict[str, Any]) -> str:
    """The figures of every set and of all together, each with its counts and 95 % interval."""
    lines = []
    for name, values in [*found["sets"].items(), ("all together", found["totals"])]:
        lines.append(f"\n{name}: {values['questions']} questions, {values['ms_per_question']} ms each")
        for rate in _RATES:
            part, whole = values["counts"].get(rate, (0, 0))
            if whole:
                low, high = wilson(part, whole)
                lines.append(
                    f"  {rate:18} {part / whole:.3f}  {part:>4} of {whole:<4}  [{low:.3f}, {high:.3f}]"
                )
        lines.append(f"  {'mrr':18} {values['mrr']}")
    return "\n".join(lines)


def groups(report: Report) -> str:
    """How the questions of each group ended, over all sets."""
    ends: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    firsts: dict[str, list[bool]] = defaultdict(list)
    for tally in report.sets.values():
        for one in tally.answered:
            ends[one.case.group][outcome(one)] += 1
            if one.case.expected == "answer":
                firsts[one.case.group].append(one.rank == 1)
    lines = ["\nby group"]
    for group, counted in ends.items():
        told = ", ".join(
            f"{count} {end}" for end, count in sorted(counted.items(), key=lambda pair: -pair[1])
        )
        first = f" (first FAQ right {sum(firsts[group])})" if firsts[group] else ""
        lines.append(f"  {group}{first}: {told}")
    return "\n".join(lines)


def worst(report: Report, count: int) -> str:
    """The `count` worst failures of each group: wrong answers first, surest first."""
    failed: dict[str, list[Answered]] = defaultdict(list)
    for tally in report.sets.values():
        for one in tally.answered:
            if outcome(one) != "right":
                failed[one.case.group].append(one)
    lines = []
    for group, listed in failed.items():
        lines.append(f"\n{group}")
        listed.sort(key=lambda one: (not one.direct, -(one.draft.ranked[0].score if one.draft.ranked else 0)))
        lines.extend(f"  {_failure(one)}" for one in listed[:count])
    return "\n".join(lines)


def _failure(one: Answered) -> str:
    ranked = " ".join(f"{ranked.id}:{ranked.score:.2f}" for ranked in one.draft.ranked[:3])
    expected = ",".join(one.case.faq_ids) or one.case.expected
    return f"{outcome(one)} | {' / '.join(one.case.question.texts)} | expected {expected} | {ranked} | {one.draft.reason}"


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m evals", description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument(
        "--json", action="store_true", dest="as_json", help="one line of JSON as the last line"
    )
    parser.add_argument(
        "--failures", type=int, default=0, metavar="N", help="the N worst failures of each group"
    )
    asked = parser.parse_args()
    return run(asked.directory, asked.as_json, asked.failures)


if __name__ == "__main__":
    sys.exit(_main())
