"""Compares phrasings by what rare features they share: runs of characters, words, pairs of words."""

import math
from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shared:
    """What a text shares with each phrasing, by place, and the text's own length."""

    worths: dict[int, float]
    length: float


class Likeness:
    """Phrasings as sets of features, by place. A feature counts by how rare it is; very common ones are not looked up."""

    def __init__(self, phrasings: Sequence[Collection[str]]) -> None:
        self._places: dict[str, array[int]] = {}
        for place, features in enumerate(phrasings):
            for feature in features:
                self._places.setdefault(feature, array("I")).append(place)
        self._size = len(phrasings)
        self._idf = {
            feature: math.log((1 + self._size) / (1 + len(places)))
            for feature, places in self._places.items()
        }
        self.lengths = array("f", (self._length(features) for features in phrasings))

    def _length(self, features: Collection[str]) -> float:
        return math.sqrt(sum(self._idf[feature] ** 2 for feature in features)) or 1.0

    def weight(self, feature: str) -> float:
        """How rare a feature of the phrasings is."""
        return self._idf[feature]

    def shared(self, asked: Collection[str], most_places: int) -> Shared:
        """What a text of these features shares with each phrasing; what no phrasing has makes it longer.

        Of the commonest features no place is visited any more once there were `most_places` visits.
        """
        known = [feature for feature in asked if feature in self._places]
        strange = (len(asked) - len(known)) * math.log(1 + self._size) ** 2
        length = math.sqrt(sum(self._idf[feature] ** 2 for feature in known) + strange) or 1.0
        worths: dict[int, float] = {}
        visited = 0
        for many, feature in sorted((len(self._places[feature]), feature) for feature in known):
            visited += many
            if visited > most_places:
                break
            worth = self._idf[feature] ** 2
            for place in self._places[feature]:
                worths[place] = worths[place] + worth if place in worths else worth
        return Shared(worths, length)

    def cosine(self, shared: Shared, place: int) -> float:
        """How like a phrasing the text is, from 0 to 1."""
        return shared.worths.get(place, 0.0) / (self.lengths[place] * shared.length)

    def cosines(self, shared: Shared) -> dict[int, float]:
        """The same for every phrasing with which it shares anything, by place."""
        lengths, length = self.lengths, shared.length
        return {place: worth / (lengths[place] * length) for place, worth in shared.worths.items()}
