"""`python -m evals.calibrate DIR…`: works out the weights of `src/messages/confidence.py` from evaluation sets.

Prints the file `vocabulary/confidence.toml`. Logistic regression by Newton's method, a small ridge on every weight.
Of a set whose FAQs have many phrasings its own questions are not looked at: it is asked parts of its phrasings.
"""

import math
import sys
from collections.abc import Sequence
from pathlib import Path

from evals.leave_out import left_out
from evals.sets import Case, EvaluationSet, find_sets
from src.messages.confidence import FITS, SURE, measured_fit, measured_sure
from src.messages.faq_answerer import search
from src.messages.indexes import index_of
from src.messages.language import detect, of_agent
from src.messages.match import Match

RIDGE = 1.0
ROUNDS = 8

Sample = tuple[list[float], bool]
Found = tuple[Case, list[Match]]


def searched(one: EvaluationSet) -> list[Found]:
    """What the search finds for every question that the ranking can learn from."""
    index, default = index_of(one.config), of_agent(one.config.language)
    cases = [case for case in one.cases if case.expected in ("answer", "unanswerable", "off_topic")]
    return [(case, search(index, case.question, detect(case.question, default))) for case in cases]


def calibrate(found: Sequence[Found]) -> tuple[list[float], list[float]]:
    """The weights of the two rules."""
    close = [(measured_fit(match), match.id in case.faq_ids) for case, matches in found for match in matches]
    fit = regress(close)
    sure: list[Sample] = []
    for case, matches in found:
        ranked = sorted(
            ((_value(fit, measured_fit(match)), match) for match in matches), key=lambda pair: -pair[0]
        )
        if ranked:
            top, best = ranked[0]
            ahead = top - ranked[1][0] if len(ranked) > 1 else top
            sure.append((measured_sure(best, top, ahead), best.id in case.faq_ids))
    return fit, regress(sure)


def regress(samples: Sequence[Sample]) -> list[float]:
    """The weights of a logistic regression; the first measure, which is always 1, has no ridge."""
    size = len(samples[0][0])
    weights = [0.0] * size
    for _ in range(ROUNDS):
        slope = [-RIDGE * weight if place else 0.0 for place, weight in enumerate(weights)]
        bend = [
            [(RIDGE if row else 1e-6) if row == column else 0.0 for column in range(size)]
            for row in range(size)
        ]
        for measured, right in samples:
            value = _value(weights, measured)
            spread = max(value * (1 - value), 1e-6)
            for row in range(size):
                slope[row] += (right - value) * measured[row]
                for column in range(size):
                    bend[row][column] += spread * measured[row] * measured[column]
        weights = [weight + step for weight, step in zip(weights, _solve(bend, slope), strict=True)]
    return weights


def _value(weights: Sequence[float], measured: Sequence[float]) -> float:
    total = sum(weight * value for weight, value in zip(weights, measured, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, total)))


def _solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gauss-Jordan elimination."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for pivot in range(len(rows)):
        best = max(range(pivot, len(rows)), key=lambda row: abs(rows[row][pivot]))
        rows[pivot], rows[best] = rows[best], rows[pivot]
        for row in range(len(rows)):
            factor = rows[row][pivot] / rows[pivot][pivot]
            if row != pivot and factor:
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[pivot], strict=True)]
    return [row[-1] / row[place] for place, row in enumerate(rows)]


def as_toml(fit: Sequence[float], sure: Sequence[float]) -> str:
    """The file that `confidence` reads: of each weight first the value for few phrasings, then that for many."""
    lines = ["# Made by `python -m evals.calibrate`; do not edit by hand."]
    for rule, names, weights in (("fit", FITS, fit), ("sure", SURE, sure)):
        few, many = weights[2 : 2 + len(names)], weights[2 + len(names) :]
        lines += [f"\n[{rule}]", f"always = [{weights[0]:.3f}, {weights[1]:.3f}]"]
        lines += [f"{name} = [{a:.3f}, {b:.3f}]" for name, a, b in zip(names, few, many, strict=True)]
    return "\n".join(lines) + "\n"


def _main() -> None:
    sets = [one for directory in sys.argv[1:] for one in find_sets(Path(directory))]
    asked = [part for one in sets for part in (left_out(one) if one.scored else (one,))]
    found = [pair for one in asked for pair in searched(one)]
    print(as_toml(*calibrate(found)), end="")


if __name__ == "__main__":
    _main()
