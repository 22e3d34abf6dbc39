"""Compares phrasings by their runs of three to five characters: finds what is misspelled or run together."""

import math
from array import array
from collections import defaultdict
from collections.abc import Sequence
from heapq import nlargest

from src.messages.likeness import Likeness, Shared
from src.messages.words import fold, readable

MOST_PHRASINGS = 20_000  # phrasings that are indexed
MOST_TOGETHER = 5_000  # phrasings up to which an FAQ's are also compared all together
NEAREST = 64  # phrasings whose cosine counts

_CLOSE = 0.25  # … that shares this much of what the nearest one does
_WORDS = 60
_LETTERS = 40


class Pieces:
    """The phrasings of all FAQs. `owners` has the number of the FAQ for the place of each phrasing."""

    def __init__(self, phrasings: Sequence[Sequence[str]]) -> None:
        each = max(1, MOST_PHRASINGS // max(len(phrasings), 1))
        self.owners = array("I")
        self._first = array("I")  # the place of each FAQ's first phrasing, and one more
        kept: list[list[str]] = []
        for number, said in enumerate(phrasings):
            self._first.append(len(kept))
            for one in said[:each]:
                self.owners.append(number)
                kept.append(pieces(one))
        self._first.append(len(kept))
        self.likeness = Likeness(kept)
        self._together = self._lengths_together(kept) if len(kept) <= MOST_TOGETHER else []

    def _lengths_together(self, kept: Sequence[Sequence[str]]) -> list[float]:
        """The length of the sum of each FAQ's phrasings, each of length one."""
        sums: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for place, found in enumerate(kept):
            length = self.likeness.lengths[place]
            for piece in found:
                sums[self.owners[place]][piece] += self.likeness.weight(piece) / length
        return [math.sqrt(sum(v * v for v in sums[number].values())) or 1.0 for number in range(len(sums))]

    def shared(self, text: str, places: int) -> Shared:
        """What the text shares with each phrasing, as far as so many visits show."""
        return self.likeness.shared(pieces(text), places)

    def near(self, shared: Shared) -> dict[int, list[float]]:
        """Cosines of the nearest phrasings, by number of the FAQ, best first."""
        found: dict[int, list[float]] = defaultdict(list)
        least = _CLOSE * max(shared.worths.values(), default=0.0)
        close = [place for place, worth in shared.worths.items() if worth >= least]
        nearest = nlargest(NEAREST, close, key=shared.worths.__getitem__)
        for cosine, place in sorted(
            ((self.likeness.cosine(shared, one), -one) for one in nearest), reverse=True
        ):
            found[self.owners[-place]].append(cosine)
        return found

    def kin(self, shared: Shared, number: int) -> float:
        """The cosine with all phrasings of an FAQ together; 0 where there are too many to know it."""
        if not self._together:
            return 0.0
        places = range(self._first[number], self._first[number + 1])
        return sum(self.likeness.cosine(shared, place) for place in places) / self._together[number]


def pieces(text: str) -> list[str]:
    """The runs of three to five characters of every word, with the spaces around it, each once."""
    found: dict[str, None] = {}
    for word in fold(readable(text)).split()[:_WORDS]:
        padded = f" {word[:_LETTERS]} "
        for size in (3, 4, 5):
            found.update(dict.fromkeys(padded[at : at + size] for at in range(len(padded) - size + 1)))
    return list(found)
