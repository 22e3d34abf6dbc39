"""Finds the FAQs that a customer may mean: words, what they stand for, and pieces of words."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nlargest

from src.core.agent_config import AgentConfig, Faq
from src.messages import lexicon
from src.messages.language import of_agent, of_text
from src.messages.lexicon import Unit
from src.messages.pieces import Pieces
from src.messages.spelling import Speller
from src.messages.words import Word, fold, readable, restemmed, words

CANDIDATES = 24  # FAQs that are looked at closely
MOST_UNITS = 60  # things that a question may speak of
SHORT = 3  # things spoken of, at most, by a text that leans on the ones before
EARLIER = (0.5, 0.3)  # what the customer's last texts before count beside the present one
RICH = 8  # phrasings of an FAQ, on average, from which their likeness tells more than the single words

_TIES = frozenset("y e o pero entonces and but or mas tambien then so no ok dale uh ah".split())
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
    often: float  # mean cosine of the three nearest phrasings
    rival: float  # the mass of the best other FAQ beside this one's
    strange: float  # share of the question that the vocabulary knows and no FAQ speaks of
    foreign: float  # share of the question that neither the vocabulary nor any FAQ knows
    rich: float  # how much this agent's FAQs are known by many phrasings


@dataclass
class _Weighed:
    """What the question's units add up to, by number of the FAQ."""

    masses: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    asked: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    strange: float = 0.0
    foreign: float = 0.0
    total: float = 1e-9


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
        self._pieces = Pieces(phrasings)
        own = (one.sound for said in phrasings for text in said for one in words(readable(text), self.language))
        self._speller = Speller(lexicon.known_sounds(self.language).union(own))
        average = sum(map(len, phrasings)) / max(1, len(phrasings))
        self._rich = min(1.0, math.log(max(1.0, average)) / math.log(RICH))

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
                strength = min(1.0, often / (often + damp) * (1 + _SATURATION))
                worth = strength * (_BY_CONCEPT if term[0] == "#" else 1.0)
                self._postings[term][number] = max(worth, self._postings[term].get(number, 0.0))
                self._asked[term].add(number)
        size = len(self.faqs)
        self._idf = {
            term: math.log(1 + (size - len(found) + 0.5) / (len(found) + 0.5)) for term, found in self._postings.items()
        }
        self._rarest = math.log(1 + (size - 0.5) / 1.5)

    def search(self, text: str, language: str, earlier: Sequence[str] = ()) -> list[Match]:
        """The FAQs that could be meant, at most `CANDIDATES`; `earlier` texts count less. Pure, a few ms."""
        asked = [(unit, 1.0) for unit in self.units(text, language)]
        for before, share in zip(earlier, EARLIER, strict=False):
            asked += [(unit, share) for unit in self.units(before, language)]
        asked = asked[:MOST_UNITS]
        weighed = self._weigh(asked)
        near = self._pieces.near(text)
        hoped = {
            number: weighed.masses.get(number, 0.0) + 0.5 * near[number][0] if number in near else weighed.masses[number]
            for number in weighed.masses.keys() | near.keys()
        }
        best = nlargest(CANDIDATES, hoped, key=lambda number: (hoped[number], -number))
        terms = {term for unit, _ in asked for term in _terms([unit])}
        return [self._match(number, weighed, near.get(number, [0.0]), terms) for number in best]

    def _match(self, number: int, weighed: _Weighed, cosines: list[float], terms: set[str]) -> Match:
        mass = weighed.masses.get(number, 0.0)
        other = max((m for n, m in weighed.masses.items() if n != number), default=0.0)
        nearest = cosines[:3]
        return Match(
            id=self.faqs[number].id,
            mass=mass / (mass + 2.0),
            covered=mass / weighed.total,
            in_question=weighed.asked.get(number, 0.0) / weighed.total,
            returned=self._returned(number, terms),
            pieces=nearest[0],
            often=sum(nearest) / 3,
            rival=other / (other + mass) if other + mass else 0.5,
            strange=weighed.strange / weighed.total,
            foreign=weighed.foreign / weighed.total,
            rich=self._rich,
        )

    def units(self, text: str, language: str) -> list[Unit]:
        """What a question speaks of, each once; in another language than the FAQs' also by the words they share."""
        seen = readable(text)
        mend = self._mend if language == self.language else _as_it_is
        found = lexicon.units(seen, language, mend)
        if language != self.language:  # names and loanwords: wifi, brunch, the owner's own terms
            found += [unit for unit in lexicon.units(seen, self.language) if any(t in self._idf for t in unit.stems)]
        return list(dict.fromkeys(found))

    def _mend(self, one: Word) -> Word:
        if one.stem in self._idf or lexicon.concepts_of(one, self.language):
            return one
        sound = self._speller.mend(one.sound)
        return one if sound == one.sound else restemmed(one, sound, self.language)

    def _weigh(self, asked: Iterable[tuple[Unit, float]]) -> _Weighed:
        found = _Weighed()
        for unit, share in asked:
            terms = [term for term in _terms([unit]) if term in self._idf]
            share *= unit.weight
            weight = share * max((self._idf[term] for term in terms), default=self._rarest * _UNKNOWN)
            found.total += weight
            if not terms:
                found.strange += weight if unit.concepts else 0.0
                found.foreign += 0.0 if unit.concepts else weight
            best: dict[int, float] = {}
            for term in terms:
                idf = self._idf[term] * share
                for number, strength in self._postings[term].items():
                    best[number] = max(best.get(number, 0.0), strength * idf)
            for number, worth in best.items():
                found.masses[number] += worth
                if any(number in self._asked[term] for term in terms):
                    found.asked[number] += worth
        return found

    def _returned(self, number: int, terms: set[str]) -> float:
        best = 0.0
        for phrasing in self._phrasings[number]:
            whole = sum(self._idf[term] for term in phrasing)
            if whole:
                best = max(best, sum(self._idf[term] for term in phrasing & terms) / whole)
        return best


def leans_on_earlier(text: str, language: str) -> bool:
    """Does the text say too little by itself: few words, or one that ties it to what was said before?"""
    seen = readable(text)
    said = lexicon.units(seen, language)
    first = fold(seen).lstrip(" ¿¡").split(maxsplit=1)[:1]
    return len(said) <= SHORT or (len(said) <= 2 * SHORT and first[0].strip(",.") in _TIES)


def _as_it_is(one: Word) -> Word:
    return one


def _phrasings(faq: Faq) -> list[str]:
    return [faq.q, *([faq.title] if faq.title else []), *faq.also]


def _terms(found: Iterable[Unit]) -> list[str]:
    terms = (term for unit in found for term in (*unit.stems, *(f"#{concept}" for concept in unit.concepts)))
    return list(dict.fromkeys(terms))
