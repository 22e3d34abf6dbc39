"""Learns from many phrasings which FAQ a text is for: each has a say for its own FAQ, and against those it is taken for.

One support vector machine for each FAQ over the likeness of phrasings, by dual coordinate descent (Hsieh and others,
"A Dual Coordinate Descent Method for Large-scale Linear SVM", ICML 2008; squared hinge loss).
"""

import random
from collections.abc import Mapping, Sequence
from itertools import pairwise

from src.messages.lexicon import Unit
from src.messages.likeness import Likeness
from src.messages.terms import terms
from src.messages.words import Word

MOST_LEARNED = 1_500  # phrasings that are learned from; of more it would take too long

_PLACES = 2_500  # phrasings that a look-up of wordings may visit
_ROUNDS = 5
_SLACK = 1.0  # how little a phrasing that stays on the wrong side matters: 1 / 2C
_AT_FIRST = -1.0  # what an FAQ hears of a text that is like nothing
_LASTING = 0.1  # how far each say also moves what an FAQ hears of every text
_CLOSE_ENOUGH = 0.1

Says = dict[int, float]


class Voices:
    """What each phrasing says of each FAQ. `owners` has the number of the FAQ for the place of each phrasing."""

    def __init__(
        self,
        owners: Sequence[int],
        alike: Sequence[Mapping[int, float]],
        worded: Sequence[Sequence[str]],
    ) -> None:
        self._wordings = Likeness(worded)
        kernel = [self._kernel(*pair) for pair in zip(alike, worded, strict=True)]
        self._says: list[Says] = [{} for _ in owners]
        self._silence: Says = {}
        for number in sorted(set(owners)):
            sides = [1.0 if owner == number else -1.0 for owner in owners]
            says, self._silence[number] = _learned(kernel, sides)
            for place, say in says.items():
                self._says[place][number] = say

    def _kernel(self, alike: Mapping[int, float], wording: Sequence[str]) -> dict[int, float]:
        """How like every phrasing a text is: the mean of both cosines."""
        found = {place: cosine / 2 for place, cosine in alike.items()}
        for place, cosine in self._wordings.cosines(self._wordings.shared(wording, _PLACES)).items():
            found[place] = found.get(place, 0.0) + cosine / 2
        return found

    def heard(self, alike: Mapping[int, float], wording: Sequence[str]) -> Says:
        """What each FAQ hears of a text, by number: around 1 where it is its own, -1 where it is not."""
        found = dict(self._silence)
        for place, likeness in self._kernel(alike, wording).items():
            for number, say in self._says[place].items():
                found[number] += say * likeness
        return found


def wording(units: Sequence[Unit], said: Sequence[Word]) -> list[str]:
    """How a text is worded: what it speaks of, and which word stands beside which, small words too."""
    stems = ["", *(one.stem for one in said), ""]
    pairs = (f"{one}_{other}" for one, other in pairwise(stems))
    return list(dict.fromkeys((*terms(units), *pairs)))


def _learned(kernel: Sequence[Mapping[int, float]], sides: Sequence[float]) -> tuple[Says, float]:
    """What each phrasing says for (or against) the one FAQ of those on the side 1, and what is heard in silence."""
    heard = [0.0] * len(sides)
    force: Says = {}
    silence = _AT_FIRST
    order, chance = list(range(len(sides))), random.Random(1)  # noqa: S311  # no secret: the same order each time
    for _ in range(_ROUNDS):
        chance.shuffle(order)
        for place in order:
            side, now = sides[place], force.get(place, 0.0)
            slope = side * (heard[place] + silence) - 1 + _SLACK * now
            if abs(slope) < _CLOSE_ENOUGH or (slope > 0 and not now):
                continue
            force[place] = max(0.0, now - slope / (kernel[place].get(place, 1.0) + _LASTING + _SLACK))
            change = side * (force[place] - now)
            silence += _LASTING * change
            for other, likeness in kernel[place].items():
                heard[other] += change * likeness
    return {place: sides[place] * value for place, value in force.items() if value}, silence
