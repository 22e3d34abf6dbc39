"""`python -m evals DIR …`: the figures of an evaluation, for people or as one line of JSON, and its report."""

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from evals.figures import Answered, wilson
from evals.page import write_report
from evals.report import as_content, as_page, harm
from evals.run import Report, evaluate, outcome
from evals.sets import BadSet
from evals.shown import MEANINGS
from evals.thinking import Think, by_faqs


def run(directory: Path, think: Think, as_json: bool, failures: int = 0, folder: Path | None = None) -> int:
    """Evaluates and prints, and writes the report into `folder`; the exit code: 0, or 2 for what cannot be read."""
    try:
        report = evaluate(directory, think, lambda line: print(line, file=sys.stderr))
    except BadSet as problem:
        print(problem, file=sys.stderr)
        return 2
    if folder is not None:
        print(f"report: {write_report(folder, as_content(report), as_page(report))}", file=sys.stderr)
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
        for rate in MEANINGS:
            part, whole = values["counts"].get(rate, (0, 0))
            if whole:
                low, high = wilson(part, whole)
                lines.append(
                    f"  {rate:18} {part / whole:.3f}  {part:>4} of {whole:<4}  [{low:.3f}, {high:.3f}]"
                )
        lines.append(f"  {'mrr':18} {values['mrr']}")
        if "paid" in values:
            lines.append(f"  {'paid':18} {values['paid']}")
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
        listed.sort(key=harm)
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
    parser.add_argument(
        "--report", type=Path, metavar="FOLDER", help="write report.json and report.html there"
    )
    asked = parser.parse_args()
    return run(asked.directory, by_faqs, asked.as_json, asked.failures, asked.report)


if __name__ == "__main__":
    sys.exit(_main())
