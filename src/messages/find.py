"""Finds the FAQs that a customer may mean: words, what they stand for, and pieces of words."""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from src.accounts.faq_ids import normal
from src.core.agent_config import AgentConfig, Faq
from src.messages import lexicon
from src.messages.heard import Heard, Known
from src.messages.language import of_agent, of_text
from src.messages.lexicon import Unit
from src.messages.match import Asked, Match
from src.messages.pieces import Pieces
from src.messages.spelling import Speller
from src.messages.terms import PART, Terms
from src.messages.voices import MOST_LEARNED, Voices, wording
from src.messages.words import Word, fold, readable, restemmed, words

CANDIDATES = 24  # FAQs that are looked at closely
PLACES = (
    2_500  # phrasings that one search by pieces may visit, over and over: bounds the time with 2,000 FAQs
)
AT_A_GLANCE = (8, 800)  # the same for a part of a text
MOST_UNITS = 60  # things that a question may speak of
SHORT = 3  # things spoken of, at most, by a text that leans on the ones before
EARLIER = (0.35, 0.15)  # what the customer's last texts before count beside the present one
LEAST = 2  # phrasings of an FAQ, on average, above which there is something to learn from their likeness
RICH = 8  # … from which their likeness tells more than the single words

_TIES = frozenset("y e o pero entonces and but or mas tambien then so no ok dale uh ah".split())  # noqa: SIM905
_STRANGE = 1.0  # the weight of what the vocabulary knows and no FAQ holds, beside the rarest that one does
_FOREIGN = 0.6  # the weight of what neither knows


class Index:
    """The FAQs of one agent, ready to be searched. `rich` is how far their phrasings are many, from 0 to 1."""

    def __init__(self, config: AgentConfig) -> None:
        default = of_agent(config.language)
        self.language = of_text(" ".join(faq.q for faq in config.faqs[:50]), default)
        self.faqs = {faq.id: faq for faq in config.faqs}
        phrasings = [_phrasings(faq) for faq in config.faqs]
        spoken = [[self._held(one) for one in said] for said in phrasings]
        self._terms = Terms(spoken, [self._held(faq.a) for faq in config.faqs])
        own = (
            one.sound for said in phrasings for text in said for one in words(readable(text), self.language)
        )
        self._speller = Speller(lexicon.known_sounds(self.language).union(own))
        pieces = Pieces(phrasings)
        voices = self._learned(phrasings, pieces)
        average = sum(map(len, phrasings)) / max(1, len(phrasings))
        self.rich = min(1.0, math.log(average / LEAST) / math.log(RICH / LEAST)) if voices else 0.0
        self._known = Known(list(self.faqs), self._terms, pieces, voices, self.rich)
        self._last: tuple[Any, Heard] | None = (
            None  # a turn may ask twice: what is found, and what else there is
        )
        self._exact: dict[str, set[str]] = defaultdict(set)
        for faq, said in zip(config.faqs, phrasings, strict=True):
            for text in said:
                self._exact[normal(text)].add(faq.id)

    def _held(self, text: str) -> list[Unit]:
        """What a text of the owner speaks of; of an expression its single words too, for who uses only one of them."""
        found = lexicon.units(readable(text), self.language)
        parts = (stem for unit in found if len(unit.stems) > 1 for stem in unit.stems)
        return found + [Unit((stem,), (), PART) for stem in parts if stem not in lexicon.weak(self.language)]

    def _learned(self, phrasings: Sequence[Sequence[str]], pieces: Pieces) -> Voices | None:
        """What can be learned from many phrasings; None where there are few, or too many to learn from."""
        texts = [text for said in phrasings for text in said]
        if not LEAST * len(phrasings) < len(texts) <= MOST_LEARNED:
            return None
        alike = [pieces.likeness.cosines(pieces.shared(text, PLACES)) for text in texts]
        return Voices(pieces.owners, alike, [self._worded(text) for text in texts])

    def _worded(self, text: str) -> list[str]:
        return wording(self.units(text, self.language), words(readable(text), self.language))

    def exact(self, text: str) -> str | None:
        """The FAQ of which the text is a question word for word; None when there is none, or several."""
        found = self._exact.get(normal(readable(text)), set())
        return next(iter(found)) if len(found) == 1 else None

    def search(self, text: str, language: str, earlier: Sequence[str] = ()) -> list[Match]:
        """The FAQs that could be meant, at most 24; `earlier` texts count less. Pure, a few ms."""
        heard = self._heard(text, language, earlier, PLACES)
        return heard.matches(heard.first(CANDIDATES))

    def glance(self, part: str, language: str) -> list[Match]:
        """The FAQs that a part of a text could mean, at most 8, looked for less thoroughly."""
        count, places = AT_A_GLANCE
        heard = self._heard(part, language, (), places)
        return heard.matches(heard.first(count))

    def longlist(self, text: str, language: str, earlier: Sequence[str], count: int) -> list[str]:
        """The ids of all FAQs that share anything with the text, the most first, at most `count`; none is measured."""
        return [
            self._known.ids[number] for number in self._heard(text, language, earlier, PLACES).first(count)
        ]

    def _heard(self, text: str, language: str, earlier: Sequence[str], places: int) -> Heard:
        asked, last = (text, language, tuple(earlier), places), self._last
        if last is None or last[0] != asked:
            last = self._last = asked, self._listened(text, language, earlier, places)
        return last[1]

    def _listened(self, text: str, language: str, earlier: Sequence[str], places: int) -> Heard:
        spoken = [(unit, 1.0) for unit in self.units(text, language)]
        for before, share in zip(earlier, EARLIER, strict=False):
            spoken += [(unit, share) for unit in self.units(before, language)]
        asked = [self._asked_for(unit, share) for unit, share in spoken[:MOST_UNITS]]
        pieces, voices = self._known.pieces, self._known.voices
        shared = pieces.shared(text, places)
        told = voices.heard(pieces.likeness.cosines(shared), self._worded(text)) if voices else {}
        return Heard(self._known, asked, shared, told)

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
