"""Finds the FAQs that a customer may mean: words, what they stand for, and pieces of words."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from heapq import nlargest

from src.accounts.faq_ids import normal
from src.core.agent_config import AgentConfig, Faq
from src.messages import lexicon
from src.messages.language import of_agent, of_text
from src.messages.lexicon import Unit
from src.messages.match import Asked, Match
from src.messages.pieces import Near, Pieces
from src.messages.spelling import Speller
from src.messages.terms import PART, Terms
from src.messages.words import Word, fold, readable, restemmed, words

CANDIDATES = 24  # FAQs that are looked at closely
MOST_UNITS = 60  # things that a question may speak of
SHORT = 3  # things spoken of, at most, by a text that leans on the ones before
EARLIER = (0.35, 0.15)  # what the customer's last texts before count beside the present one
RICH = 8  # phrasings of an FAQ, on average, from which their likeness tells more than the single words

_TIES = frozenset("y e o pero entonces and but or mas tambien then so no ok dale uh ah".split())  # noqa: SIM905
_VERY_MANY = 120  # FAQs that hold a term, from which it is not searched by
_BY_PIECES = 0.5  # a cosine of 1 beside a shared word, when candidates are chosen
_STRANGE = 1.0  # the weight of what the vocabulary knows and no FAQ holds, beside the rarest that one does
_FOREIGN = 0.6  # the weight of what neither knows


class Index:
    """The FAQs of one agent, ready to be searched."""

    def __init__(self, config: AgentConfig) -> None:
        default = of_agent(config.language)
        self.language = of_text(" ".join(faq.q for faq in config.faqs[:50]), default)
        self.faqs = config.faqs
        phrasings = [_phrasings(faq) for faq in config.faqs]
        spoken = [[self._held(one) for one in said] for said in phrasings]
        answers = [self._held(faq.a) for faq in config.faqs]
        self._terms = Terms(spoken, answers)
        self._pieces = Pieces(phrasings)
        own = (
            one.sound for said in phrasings for text in said for one in words(readable(text), self.language)
        )
        self._speller = Speller(lexicon.known_sounds(self.language).union(own))
        average = sum(map(len, phrasings)) / max(1, len(phrasings))
        self._rich = min(1.0, math.log(max(1.0, average)) / math.log(RICH))
        self._exact: dict[str, set[str]] = defaultdict(set)
        for faq, said in zip(config.faqs, phrasings, strict=True):
            for text in said:
                self._exact[normal(text)].add(faq.id)

    def _held(self, text: str) -> list[Unit]:
        """What a text of the owner speaks of; of an expression its single words too, for who uses only one of them."""
        found = lexicon.units(readable(text), self.language)
        parts = (stem for unit in found if len(unit.stems) > 1 for stem in unit.stems)
        return found + [Unit((stem,), (), PART) for stem in parts if stem not in lexicon.weak(self.language)]

    def exact(self, text: str) -> str | None:
        """The FAQ of which the text is a question word for word; None when there is none, or several."""
        found = self._exact.get(normal(readable(text)), set())
        return next(iter(found)) if len(found) == 1 else None

    def search(
        self, text: str, language: str, earlier: Sequence[str] = (), candidates: int = CANDIDATES
    ) -> list[Match]:
        """The FAQs that could be meant, at most `candidates`; `earlier` texts count less. Pure, a few ms."""
        spoken = [(unit, 1.0) for unit in self.units(text, language)]
        for before, share in zip(earlier, EARLIER, strict=False):
            spoken += [(unit, share) for unit in self.units(before, language)]
        asked = [self._asked_for(unit, share) for unit, share in spoken[:MOST_UNITS]]
        masses = self._masses(asked)
        near = self._pieces.near(text)
        hoped = {number: masses.get(number, 0.0) for number in masses.keys() | near.cosines.keys()}
        for number, cosines in near.cosines.items():
            hoped[number] += _BY_PIECES * cosines[0]
        best = nlargest(candidates, hoped, key=lambda number: (hoped[number], -number))
        heaviest = nlargest(2, ((masses.get(number, 0.0), number) for number in best))
        found = []
        for number in best:
            rival = next((mass for mass, other in heaviest if other != number), 0.0)
            found.append(self._match(number, asked, rival, near))
        return found

    def _match(self, number: int, asked: list[Asked], rival: float, near: Near) -> Match:
        worths = [(one, one.worth(self._terms.postings, number)) for one in asked]
        total = sum(one.weight for one in asked) or 1e-9
        mass = sum(worth for _, worth in worths)
        touched = sum(one.weight for one, worth in worths if worth)
        strange = sum(one.weight for one in asked if not one.worths and one.known)
        foreign = sum(one.weight for one in asked if not one.worths and not one.known)
        in_question = sum(
            worth for one, worth in worths if any(number in self._terms.asked[term] for term in one.worths)
        )
        nearest = near.cosines.get(number, [0.0])[:3]
        return Match(
            id=self.faqs[number].id,
            mass=mass / (mass + 2.0),
            covered=mass / total,
            in_question=in_question / total,
            returned=self._terms.returned(number, {term for one in asked for term in one.worths}),
            pieces=nearest[0],
            often=sum(nearest) / 3,
            kin=near.kin.get(number, 0.0),
            rival=rival / (rival + mass) if rival + mass else 0.5,
            missed=max(0.0, (total - touched - strange - foreign) / total),
            strange=strange / total,
            foreign=foreign / total,
            rich=self._rich,
        )

    def units(self, text: str, language: str) -> list[Unit]:
        """What a question speaks of, each once; in another language than the FAQs' also by the words they share."""
        seen = readable(text)
        mend = self._mend if language == self.language else _as_it_is
        found = lexicon.units(seen, language, mend)
        if language != self.language:  # names and loanwords: wifi, brunch, the owner's own terms
            found += [
                unit for unit in lexicon.units(seen, self.language) if "+".join(unit.stems) in self._terms
            ]
        return list(dict.fromkeys(found))

    def _mend(self, one: Word) -> Word:
        if one.stem in self._terms or lexicon.concepts_of(one, self.language):
            return one
        sound = self._speller.mend(one.sound)
        return one if sound == one.sound else restemmed(one, sound, self.language)

    def _asked_for(self, unit: Unit, share: float) -> Asked:
        worths = {term: worth * share * unit.weight for term, worth in self._terms.worths(unit).items()}
        unheard = share * unit.weight * self._terms.rarest * (_STRANGE if unit.concepts else _FOREIGN)
        return Asked(worths, max(worths.values(), default=unheard), bool(unit.concepts))

    def _masses(self, asked: Iterable[Asked]) -> dict[int, float]:
        """What each FAQ shares with the question; what very many hold only counts for those that hold more."""
        masses: dict[int, float] = {}
        rare_first = sorted((one for one in asked if one.worths), key=lambda one: -one.weight)
        for one in rare_first:
            best: dict[int, float] = {}
            for term, worth in one.worths.items():
                postings = self._terms.postings[term]
                numbers = (
                    masses.keys() & postings.keys() if masses and len(postings) > _VERY_MANY else postings
                )
                for number in numbers:
                    value = postings[number] * worth
                    if value > best.get(number, 0.0):
                        best[number] = value
            for number, value in best.items():
                masses[number] = masses.get(number, 0.0) + value
        return masses


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
