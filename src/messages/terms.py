"""Weighs the words and concepts of an agent's FAQs: which FAQ holds them, where, and how rare they are."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from src.messages.lexicon import Unit

PART = 0.0  # the weight that marks a word of an expression, which stands in the index beside the expression

_SATURATION = 0.4  # BM25's k1 and b, for the questions
_LENGTH = 0.3
_BY_CONCEPT = 0.9  # a shared concept beside a shared word
_IN_ANSWER = 0.5  # a word of the answer beside a word of the question
_OWN_WORD = 0.3  # how far a shared word counts by its own rarity rather than by what it stands for


class Terms:
    """The terms of all FAQs, by number of the FAQ: `postings` have their worth, `asked` who holds them in a question."""

    def __init__(self, spoken: Sequence[Sequence[Sequence[Unit]]], answers: Sequence[Sequence[Unit]]) -> None:
        self.postings: dict[str, dict[int, float]] = defaultdict(dict)
        self.asked: dict[str, set[int]] = defaultdict(set)
        counts = [Counter(term for one in said for term in terms(one)) for said in spoken]
        lengths = [sum(count.values()) for count in counts]
        average = sum(lengths) / max(len(lengths), 1) or 1.0
        for number, (count, answer) in enumerate(zip(counts, answers, strict=True)):
            for term in terms(answer):
                self.postings[term][number] = _IN_ANSWER * _kind(term)
            damp = _SATURATION * (1 - _LENGTH + _LENGTH * lengths[number] / average)
            for term, often in count.items():
                worth = min(1.0, often / (often + damp) * (1 + _SATURATION)) * _kind(term)
                self.postings[term][number] = max(worth, self.postings[term].get(number, 0.0))
                self.asked[term].add(number)
        size = len(counts)
        self._idf = {
            term: math.log(1 + (size - len(found) + 0.5) / (len(found) + 0.5))
            for term, found in self.postings.items()
        }
        self.rarest = math.log(1 + (size - 0.5) / 1.5)
        held = [[frozenset(terms(_whole(found))) for found in said] for said in spoken]
        self._phrasings = [
            [(one, sum(self._idf[term] for term in one)) for one in dict.fromkeys(said) if one]
            for said in held
        ]

    def __contains__(self, term: str) -> bool:
        return term in self._idf

    def worths(self, unit: Unit) -> dict[str, float]:
        """What sharing each term of a unit is worth; a word says little more than the commonest thing it stands for."""
        ideas = [
            self._idf[term] for term in (f"#{concept}" for concept in unit.concepts) if term in self._idf
        ]
        common = min(ideas, default=0.0)
        found = {}
        for term in terms([unit]):
            if term in self._idf:
                idf = self._idf[term]
                found[term] = common + _OWN_WORD * max(0.0, idf - common) if ideas and term[0] != "#" else idf
        return found

    def returned(self, number: int, said: set[str]) -> float:
        """The share of the FAQ's nearest phrasing that `said` speaks of."""
        best = 0.0
        for phrasing, whole in self._phrasings[number]:
            if whole and not phrasing.isdisjoint(said):
                best = max(best, sum(self._idf[term] for term in phrasing & said) / whole)
        return best


def terms(found: Iterable[Unit]) -> list[str]:
    """What is compared of units: the words of each together, and `#` with each concept."""
    each = (
        term
        for unit in found
        for term in ("+".join(unit.stems), *(f"#{concept}" for concept in unit.concepts))
    )
    return [term for term in dict.fromkeys(each) if term]


def _kind(term: str) -> float:
    return _BY_CONCEPT if term[0] == "#" else 1.0


def _whole(found: Sequence[Unit]) -> list[Unit]:
    return [unit for unit in found if unit.weight != PART]
