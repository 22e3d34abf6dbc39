"""What the FAQs share with one text: which of them are worth a close look, and what that measures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest

from src.messages.likeness import Shared
from src.messages.match import Asked, Match
from src.messages.pieces import Pieces
from src.messages.terms import Terms
from src.messages.voices import Voices

_VERY_MANY = 400  # FAQs that hold a term, from which it is not searched by
_BY_PIECES = 0.5  # a cosine of 1 beside a shared word, when candidates are chosen
_BY_VOICES = 0.5  # … and a voice of 1
_NEAREST = 3  # phrasings of an FAQ whose mean likeness counts


@dataclass(frozen=True)
class Known:
    """What an index knows of its FAQs. `rich` is how far their phrasings are many."""

    ids: Sequence[str]
    terms: Terms
    pieces: Pieces
    voices: Voices | None
    rich: float


class Heard:
    """What each FAQ shares with a text; FAQs are known by number."""

    def __init__(
        self, known: Known, asked: Sequence[Asked], shared: Shared, voices: Mapping[int, float]
    ) -> None:
        self._known, self._asked, self._shared, self._voices = known, asked, shared, voices
        self._masses = _masses(known.terms, asked)
        self._near = known.pieces.near(shared)
        self._terms = {term for one in asked for term in one.worths}
        self._total = sum(one.weight for one in asked) or 1e-9
        self._strange = sum(one.weight for one in asked if not one.worths and one.known)
        self._foreign = sum(one.weight for one in asked if not one.worths and not one.known)

    def first(self, count: int) -> list[int]:
        """The FAQs that are most worth a close look, best first."""
        hoped = dict(self._masses)
        for number, cosines in self._near.items():
            hoped[number] = hoped.get(number, 0.0) + _BY_PIECES * cosines[0]
        for number, voice in self._voices.items():
            hoped[number] = hoped.get(number, 0.0) + _BY_VOICES * max(0.0, voice + 1)
        best = sorted(((hope, -number) for number, hope in hoped.items()), reverse=True)
        return [-number for _, number in best[:count]]

    def matches(self, numbers: Sequence[int]) -> list[Match]:
        """What a close look at each of these measures, each beside the others."""
        masses = nlargest(2, ((self._masses.get(number, 0.0), number) for number in numbers))
        voices = nlargest(2, ((self._voices.get(number, 0.0), number) for number in numbers))
        return [self._match(number, _other(masses, number), _other(voices, number)) for number in numbers]

    def _match(self, number: int, rival: float, loudest: float) -> Match:
        mass, touched, in_question = self._gained(number)
        nearest = self._near.get(number, [0.0])[:_NEAREST]
        voice = self._voices.get(number, 0.0)
        total = self._total
        return Match(
            id=self._known.ids[number],
            mass=mass / (mass + 2.0),
            covered=mass / total,
            in_question=in_question / total,
            returned=self._known.terms.returned(number, self._terms),
            pieces=nearest[0],
            often=sum(nearest) / _NEAREST,
            kin=self._known.pieces.kin(self._shared, number),
            voice=_between(voice) if self._voices else 0.0,
            outvoiced=_between(loudest - voice) if self._voices else 0.0,
            rival=rival / (rival + mass) if rival + mass else 0.5,
            missed=max(0.0, (total - touched - self._strange - self._foreign) / total),
            strange=self._strange / total,
            foreign=self._foreign / total,
            rich=self._known.rich,
        )

    def _gained(self, number: int) -> tuple[float, float, float]:
        """What an FAQ gains by all that is asked, how much of it it speaks of, and what its own question gains."""
        postings, asks = self._known.terms.postings, self._known.terms.asked
        mass = touched = in_question = 0.0
        for one in self._asked:
            gain, asked = 0.0, False
            for term, worth in one.worths.items():
                held = postings[term].get(number)
                if held is not None:
                    gain = max(gain, held * worth)
                    asked = asked or number in asks[term]
            mass += gain
            touched += one.weight if gain else 0.0
            in_question += gain if asked else 0.0
        return mass, touched, in_question


def _masses(terms: Terms, asked: Iterable[Asked]) -> dict[int, float]:
    """What each FAQ shares with the question; what very many hold only counts for those that hold more."""
    masses: dict[int, float] = {}
    for one in sorted((one for one in asked if one.worths), key=lambda one: -one.weight):  # the rare first
        best: dict[int, float] = {}
        for term, worth in one.worths.items():
            postings = terms.postings[term]
            if masses and len(postings) > _VERY_MANY:
                postings = {number: postings[number] for number in masses if number in postings}
            for number, held in postings.items():
                value = held * worth
                if number not in best or value > best[number]:
                    best[number] = value
        for number, value in best.items():
            masses[number] = masses[number] + value if number in masses else value
    return masses


def _other(best: Sequence[tuple[float, int]], number: int) -> float:
    """The best value of any other."""
    return next((value for value, other in best if other != number), 0.0)


def _between(heard: float) -> float:
    """What is heard, usually between -1.5 and 1, as a number from 0 to 1."""
    return max(0.0, min(1.0, (heard + 2) / 4))
