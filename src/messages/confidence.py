"""Turns what was measured of the found FAQs into scores: how likely each is the one that was meant.

Two logistic rules, with weights from `vocabulary/confidence.toml` (`python -m evals.calibrate` works them out): the
first ranks; the second, looking at the best and at how far the next is behind, says how sure the best one is. Each
weight has a value for FAQs of one phrasing and one for FAQs of many, and lies between them for what is between.
"""

import math
from collections.abc import Sequence
from functools import cache

from src.messages import vocabulary
from src.messages.decision import Ranked
from src.messages.match import Match

FITS = (
    "mass",
    "covered",
    "in_question",
    "returned",
    "pieces",
    "often",
    "kin",
    "rival",
    "missed",
    "strange",
    "foreign",
)
SURE = ("fit", "ahead", "covered", "in_question", "returned", "pieces", "kin", "missed", "strange", "foreign")


def rank(found: Sequence[Match]) -> tuple[Ranked, ...]:
    """The FAQs by how likely they are meant. The first score is the calibrated one; the others are in proportion."""
    fits = sorted(((fit(match), match) for match in found), key=lambda pair: -pair[0])
    if not fits:
        return ()
    top, best = fits[0]
    ahead = top - fits[1][0] if len(fits) > 1 else top
    sure = logistic("sure", measured_sure(best, top, ahead))
    return tuple(Ranked(match.id, round(sure * value / top if top else 0.0, 4)) for value, match in fits)


def fit(match: Match) -> float:
    """How well an FAQ fits, from 0 to 1, whatever the others do."""
    return logistic("fit", measured_fit(match))


def measured_fit(match: Match) -> list[float]:
    """What the first rule looks at, in the order of its weights."""
    return _two_ways([getattr(match, name) for name in FITS], match.rich)


def measured_sure(best: Match, top: float, ahead: float) -> list[float]:
    """What the second rule looks at, in the order of its weights."""
    return _two_ways([top, ahead, *(getattr(best, name) for name in SURE[2:])], best.rich)


def logistic(rule: str, measured: Sequence[float]) -> float:
    """The value of a rule, from 0 to 1."""
    weights = _weights(rule)
    total = sum(weight * value for weight, value in zip(weights, measured, strict=True))
    return 1 / (1 + math.exp(-total)) if total > -30 else 0.0


def _two_ways(values: list[float], rich: float) -> list[float]:
    return [1.0, rich, *(value * (1 - rich) for value in values), *(value * rich for value in values)]


@cache
def _weights(rule: str) -> tuple[float, ...]:
    table = vocabulary.load("confidence")[rule]
    names = FITS if rule == "fit" else SURE
    return (*table["always"], *(table[name][0] for name in names), *(table[name][1] for name in names))
