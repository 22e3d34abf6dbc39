"""Compares phrasings by their runs of three to five characters: finds what is misspelled or run together."""

import math
from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest

from src.messages.words import fold, readable

MOST_PLACES = 4_000  # places that one question may visit: bounds the time with 2,000 FAQs
MOST_PHRASINGS = 20_000  # phrasings that are indexed
MOST_TOGETHER = 5_000  # phrasings up to which an FAQ's are also compared all together
NEAREST = 48  # phrasings whose cosine is worked out

_WORDS = 60
_LETTERS = 40


@dataclass(frozen=True)
class Near:
    """What shares rare pieces with a text, by number of the FAQ: cosines of its nearest phrasings, and of all as one."""

    cosines: dict[int, list[float]]
    kin: dict[int, float]


class Pieces:
    """The phrasings of all FAQs, by number of the FAQ."""

    def __init__(self, phrasings: Sequence[Sequence[str]]) -> None:
        each = max(1, MOST_PHRASINGS // max(len(phrasings), 1))
        self._owner = array("I")
        self._places: dict[str, array[int]] = {}
        kept = []
        for number, said in enumerate(phrasings):
            for one in said[:each]:
                found = pieces(one)
                for piece in found:
                    self._places.setdefault(piece, array("I")).append(len(self._owner))
                self._owner.append(number)
                kept.append(found)
        size = len(self._owner)
        self._idf = {
            piece: math.log((1 + size) / (1 + len(places))) for piece, places in self._places.items()
        }
        self._norm = array("f", (math.sqrt(sum(self._idf[p] ** 2 for p in found)) or 1.0 for found in kept))
        self._together = self._norms_together(kept) if len(kept) <= MOST_TOGETHER else []

    def _norms_together(self, kept: Sequence[set[str]]) -> list[float]:
        """The length of the sum of each FAQ's phrasings, each of length one."""
        sums: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for place, found in enumerate(kept):
            for piece in found:
                sums[self._owner[place]][piece] += self._idf[piece] / self._norm[place]
        return [math.sqrt(sum(v * v for v in sums[number].values())) or 1.0 for number in range(len(sums))]

    def near(self, text: str) -> Near:
        """What shares rare pieces with the text; cosines are best first."""
        asked = pieces(text)
        known = [piece for piece in asked if piece in self._places]
        strange = (len(asked) - len(known)) * math.log(1 + len(self._owner)) ** 2
        norm = math.sqrt(sum(self._idf[piece] ** 2 for piece in known) + strange) or 1.0
        shared: dict[int, float] = defaultdict(float)
        visited = 0
        for piece in sorted(known, key=lambda one: len(self._places[one])):
            places = self._places[piece]
            visited += len(places)
            if visited > MOST_PLACES:
                break
            worth = self._idf[piece] ** 2
            for place in places:
                shared[place] += worth
        found: dict[int, list[float]] = defaultdict(list)
        for place in nlargest(NEAREST, shared, key=lambda one: shared[one] / self._norm[one]):
            found[self._owner[place]].append(shared[place] / (self._norm[place] * norm))
        kin: dict[int, float] = defaultdict(float)
        if self._together:
            for place, worth in shared.items():
                owner = self._owner[place]
                kin[owner] += worth / (self._norm[place] * norm * self._together[owner])
        return Near(found, kin)


def pieces(text: str) -> set[str]:
    """The runs of three to five characters of every word, with the spaces around it."""
    found: set[str] = set()
    for word in fold(readable(text)).split()[:_WORDS]:
        padded = f" {word[:_LETTERS]} "
        for size in (3, 4, 5):
            found.update(padded[at : at + size] for at in range(len(padded) - size + 1))
    return found
