"""Finds the FAQs that a customer may mean: words, what they stand for, and pieces of words."""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest

from src.core.agent_config import AgentConfig, Faq
from src.messages import lexicon
from src.messages.language import of_agent, of_text
from src.messages.lexicon import Unit
from src.messages.words import fold, readable

CANDIDATES = 24  # FAQs that are looked at closely
MOST_UNITS = 60  # things that a question may speak of
MOST_PIECES = 15_000  # places of character pieces that a question may visit: bounds the time with 2,000 FAQs
MOST_PHRASINGS = 20_000  # phrasings that are indexed by pieces

_SATURATION = 0.4
_LENGTH = 0.3
_BY_CONCEPT = 0.9  # a shared concept beside a shared word
_IN_ANSWER = 0.5  # a word of the answer beside a word of the question
_UNKNOWN = 0.7  # the weight of a word that no FAQ holds, beside the rarest that one does


@dataclass(frozen=True, slots=True)
class Match:
    """How well an FAQ fits: what the close look measured, each from 0 to 1."""

    id: str
    mass: float  # idf weight of what is shared, saturated
    covered: float  # share of the question that the FAQ speaks of
    in_question: float  # share of the question that the FAQ's own question speaks of
    returned: float  # share of the FAQ's nearest phrasing that the question speaks of
    pieces: float  # cosine of character pieces with the nearest phrasing
    rival: float  # the mass of the best other FAQ beside this one's


class Index:
    """The FAQs of one agent, ready to be searched."""

    def __init__(self, config: AgentConfig) -> None:
        default = of_agent(config.language)
        self.language = of_text(" ".join(faq.q for faq in config.faqs[:50]), default)
        self.faqs = config.faqs
        phrasings = [_phrasings(faq) for faq in config.faqs]
        spoken = [[lexicon.units(readable(one), self.language) for one in said] for said in phrasings]
        answers = [lexicon.units(readable(faq.a), self.language) for faq in config.faqs]
        self._phrasings = [[frozenset(_terms(found)) for found in said] for said in spoken]
        self._fields(spoken, answers)
        self._pieces = _Pieces(phrasings)

    def _fields(self, spoken: list[list[list[Unit]]], answers: list[list[Unit]]) -> None:
        counts = [Counter(term for one in said for term in _terms(one)) for said in spoken]
        lengths = [sum(count.values()) for count in counts]
        average = sum(lengths) / max(len(lengths), 1) or 1.0
        self._postings: dict[str, dict[int, float]] = defaultdict(dict)
        self._asked: dict[str, set[int]] = defaultdict(set)
        for number, (count, answer) in enumerate(zip(counts, answers, strict=True)):
            for term in _terms(answer):
                self._postings[term][number] = _IN_ANSWER * (_BY_CONCEPT if term[0] == "#" else 1.0)
            damp = _SATURATION * (1 - _LENGTH + _LENGTH * lengths[number] / average)
            for term, often in count.items():
                strength = (often / (often + damp)) * (1 + _SATURATION)
                worth = min(1.0, strength) * (_BY_CONCEPT if term[0] == "#" else 1.0)
                self._postings[term][number] = max(worth, self._postings[term].get(number, 0.0))
                self._asked[term].add(number)
        size = len(self.faqs)
        self._idf = {
            term: math.log(1 + (size - len(found) + 0.5) / (len(found) + 0.5)) for term, found in self._postings.items()
        }
        self._rarest = math.log(1 + (size - 0.5) / 1.5)

    def search(self, text: str, language: str, earlier: Sequence[str] = ()) -> list[Match]:
        """The FAQs that could be meant, best mass first; `earlier` are texts that count less. Pure, a few ms."""
        asked = [(unit, 1.0) for unit in self._units(text, language)]
        for before, share in zip(earlier, (0.5, 0.3), strict=False):
            asked += [(unit, share) for unit in self._units(before, language)]
        masses, covered, in_question, total = self._weigh(asked[:MOST_UNITS])
        pieces = self._pieces.near(" ".join([text, *earlier[:1]]))
        near = {number: masses.get(number, 0.0) + 0.5 * pieces.get(number, 0.0) for number in masses.keys() | pieces}
        best = nlargest(CANDIDATES, near, key=lambda number: (near[number], -number))
        terms = {term for unit, _ in asked[:MOST_UNITS] for term in _terms([unit])}
        top = nlargest(2, (masses.get(number, 0.0) for number in best))
        found = []
        for number in best:
            mass = masses.get(number, 0.0)
            other = top[1] if len(top) > 1 and mass == top[0] else top[0]
            found.append(
                Match(
                    id=self.faqs[number].id,
                    mass=mass / (mass + 2.0),
                    covered=covered.get(number, 0.0) / total,
                    in_question=in_question.get(number, 0.0) / total,
                    returned=self._returned(number, terms),
                    pieces=pieces.get(number, 0.0),
                    rival=min(1.0, other / (mass + 1e-9)) if mass else 1.0,
                )
            )
        return found

    def _units(self, text: str, language: str) -> list[Unit]:
        seen = readable(text)
        found = lexicon.units(seen, language)
        if language != self.language:  # names and loanwords: wifi, brunch, the owner's own terms
            found += [unit for unit in lexicon.units(seen, self.language) if any(t in self._idf for t in unit.stems)]
        return list(dict.fromkeys(found))

    def _weigh(
        self, asked: Iterable[tuple[Unit, float]]
    ) -> tuple[dict[int, float], dict[int, float], dict[int, float], float]:
        masses: dict[int, float] = defaultdict(float)
        covered: dict[int, float] = defaultdict(float)
        in_question: dict[int, float] = defaultdict(float)
        total = 1e-9
        for unit, share in asked:
            terms = [term for term in _terms([unit]) if term in self._idf]
            weight = share * max((self._idf[term] for term in terms), default=self._rarest * _UNKNOWN)
            total += weight
            best: dict[int, float] = {}
            for term in terms:
                idf = self._idf[term] * share
                for number, strength in self._postings[term].items():
                    best[number] = max(best.get(number, 0.0), strength * idf)
            for number, worth in best.items():
                masses[number] += worth
                covered[number] += worth
                if any(number in self._asked[term] for term in terms):
                    in_question[number] += worth
        return masses, covered, in_question, total

    def _returned(self, number: int, terms: set[str]) -> float:
        best = 0.0
        for phrasing in self._phrasings[number]:
            whole = sum(self._idf[term] for term in phrasing)
            if whole:
                best = max(best, sum(self._idf[term] for term in phrasing & terms) / whole)
        return best


class _Pieces:
    """Phrasings by their runs of three to five characters: finds what is misspelled or run together."""

    def __init__(self, phrasings: list[list[str]]) -> None:
        each = max(1, MOST_PHRASINGS // max(len(phrasings), 1))
        self._owner = array("I")
        self._places: dict[str, array[int]] = {}
        kept = []
        for number, said in enumerate(phrasings):
            for one in said[:each]:
                pieces = _pieces(one)
                for piece in pieces:
                    self._places.setdefault(piece, array("I")).append(len(self._owner))
                self._owner.append(number)
                kept.append(pieces)
        size = len(self._owner)
        self._idf = {piece: math.log((1 + size) / (1 + len(places))) for piece, places in self._places.items()}
        self._norm = array("f", (math.sqrt(sum(self._idf[p] ** 2 for p in pieces)) or 1.0 for pieces in kept))

    def near(self, text: str) -> dict[int, float]:
        """The cosine of each FAQ's nearest phrasing, of those that share rare pieces."""
        pieces = [piece for piece in _pieces(text) if piece in self._places]
        norm = math.sqrt(sum(self._idf[piece] ** 2 for piece in pieces)) or 1.0
        shared: dict[int, float] = defaultdict(float)
        visited = 0
        for piece in sorted(pieces, key=lambda one: len(self._places[one])):
            places = self._places[piece]
            visited += len(places)
            if visited > MOST_PIECES:
                break
            worth = self._idf[piece] ** 2
            for place in places:
                shared[place] += worth
        found: dict[int, float] = {}
        for place in nlargest(4 * CANDIDATES, shared, key=lambda one: shared[one] / self._norm[one]):
            number = self._owner[place]
            found[number] = max(found.get(number, 0.0), shared[place] / (self._norm[place] * norm))
        return found


def _phrasings(faq: Faq) -> list[str]:
    return [faq.q, *([faq.title] if faq.title else []), *faq.also]


def _terms(found: Iterable[Unit]) -> list[str]:
    terms = (term for unit in found for term in (*unit.stems, *(f"#{concept}" for concept in unit.concepts)))
    return list(dict.fromkeys(terms))


def _pieces(text: str) -> set[str]:
    found = set()
    for word in fold(readable(text)).split()[:60]:
        padded = f" {word[:40]} "
        for size in (3, 4, 5):
            found.update(padded[at : at + size] for at in range(len(padded) - size + 1))
    return found
