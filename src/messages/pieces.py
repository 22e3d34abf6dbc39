"""Compares phrasings by their runs of three to five characters: finds what is misspelled or run together."""

import math
from array import array
from collections import defaultdict
from collections.abc import Sequence
from heapq import nlargest

from src.messages.words import fold, readable

MOST_PLACES = 5_000  # places that one question may visit: bounds the time with 2,000 FAQs
MOST_PHRASINGS = 20_000  # phrasings that are indexed
NEAREST = 64  # phrasings whose cosine is worked out

_WORDS = 60
_LETTERS = 40


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

    def near(self, text: str) -> dict[int, list[float]]:
        """Cosines with the nearest phrasings of each FAQ that shares rare pieces with the text, best first."""
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
        return found


def pieces(text: str) -> set[str]:
    """The runs of three to five characters of every word, with the spaces around it."""
    found = set()
    for word in fold(readable(text)).split()[:_WORDS]:
        padded = f" {word[:_LETTERS]} "
        for size in (3, 4, 5):
            found.update(padded[at : at + size] for at in range(len(padded) - size + 1))
    return found
