"""Turns what was measured of the found FAQs into scores: how likely each is the one that was meant.

Two logistic rules, with weights from `vocabulary/confidence.toml` (`python -m evals.calibrate` works them out): the
first ranks; the second, looking at the best and at how far the next is behind, says how sure the best one is. Each
weight has a value for FAQs of one phrasing and one for FAQs of many, and lies between them for what is between.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter, mul

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
    "voice",
    "outvoiced",
    "rival",
    "missed",
    "strange",
    "foreign",
)
SURE = (
    "fit",
    "ahead",
    "covered",
    "in_question",
    "returned",
    "pieces",
    "kin",
    "voice",
    "outvoiced",
    "missed",
    "strange",
    "foreign",
)
_seen_fitting = attrgetter(*FITS)
_seen_sure = attrgetter(*SURE[2:])


def rank(found: Sequence[Match]) -> tuple[Ranked, ...]:
    """The FAQs by how likely they are meant. The first score is the calibrated one; the others are in proportion."""
    fits = sorted(((fit(match), match) for match in found), key=lambda pair: -pair[0])
    if not fits:
        return ()
    top, best = fits[0]
    ahead = top - fits[1][0] if len(fits) > 1 else top
    sure = _logistic("sure", (top, ahead, *_seen_sure(best)), best.rich)
    return tuple(Ranked(match.id, round(sure * value / top if top else 0.0, 4)) for value, match in fits)


def fit(match: Match) -> float:
    """How well an FAQ fits, from 0 to 1, whatever the others do."""
    return _logistic("fit", _seen_fitting(match), match.rich)


def measured_fit(match: Match) -> list[float]:
    """What the first rule's weights are worked out from, in their order."""
    return _two_ways(_seen_fitting(match), match.rich)


def measured_sure(best: Match, top: float, ahead: float) -> list[float]:
    """What the second rule's weights are worked out from, in their order."""
    return _two_ways((top, ahead, *_seen_sure(best)), best.rich)


def _two_ways(values: Sequence[float], rich: float) -> list[float]:
    return [1.0, rich, *(value * (1 - rich) for value in values), *(value * rich for value in values)]


def _logistic(rule: str, values: Sequence[float], rich: float) -> float:
    """The value of a rule, from 0 to 1."""
    always, weights = _weights(rule, rich)
    total = always + sum(map(mul, weights, values))
    return 1 / (1 + math.exp(-total)) if total > -30 else 0.0


@lru_cache(maxsize=64)
def _weights(rule: str, rich: float) -> tuple[float, tuple[float, ...]]:
    """What always counts, and the weight of each measure, where phrasings are many as far as `rich` says."""
    table = vocabulary.load("confidence")[rule]
    always, more = table["always"]
    pairs = (table[name] for name in (FITS if rule == "fit" else SURE))
    return always + more * rich, tuple(few * (1 - rich) + many * rich for few, many in pairs)
