"""Finds an amount that is a source's, but of something else there: prices that changed places."""

import re
from functools import lru_cache

from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.flat import words_in
from src.messages.brain.grounding.grounds import Grounds
from src.messages.brain.grounding.mentions import Mention
from src.messages.brain.grounding.reading import Text, read_source
from src.messages.brain.grounding.subjects import is_plain
from src.messages.words import word

# A list's heading stands before all of its prices, so what stands before a colon tells nothing of one.
_HEADING = re.compile(r"[^.!?\n:]*:(?=\s)")
_PARTS = re.compile(r"[,;\n()!?]|\.(?=\s|$)| (?:y|e|o|u|ou|and|or|pero|mas|but) ")

Part = tuple[
    frozenset[object], frozenset[object], frozenset[object]
]  # amounts; words, numbers they are said of


def check(grounds: Grounds) -> list[Failure]:
    """A failure for an amount that stands beside what another amount of the same source stands beside."""
    if grounds.language != grounds.spoken:
        return []
    for answer in grounds.answers:
        priced = _priced(answer, grounds.spoken)
        for amounts, words, numbers in _parts(grounds.claims) if len(priced) > 1 else ():
            for amount in amounts:
                if _is_anothers(amount, words, numbers, priced):
                    why = f"In the cited sources {grounds.names} the amount {amount} is of something else."
                    return [Failure("numbers", why)]
    return []


def _is_anothers(
    amount: object, words: frozenset[object], numbers: frozenset[object], priced: list[Part]
) -> bool:
    own = [part for part in priced if amount in part[0]]
    others = [part for part in priced if amount not in part[0]]
    if not own or not others:
        return False
    for said, of in ((numbers, 2), (words, 1)):  # a number tells more surely than a word
        ours = frozenset().union(*(part[of] for part in own))
        theirs = frozenset().union(*(part[of] for part in others))
        if said & ours:
            return False
        if ours and said & theirs:
            return True
    return False


@lru_cache(maxsize=8_192)
def _priced(answer: str, language: str) -> list[Part]:
    return _parts(read_source(answer, language))


def _parts(text: Text) -> list[Part]:
    """Each part of a text that names amounts, with what else it names."""
    flat_text = _HEADING.sub(lambda heading: " " * len(heading[0]), text.flat)
    found: list[Part] = []
    start = 0
    for end in [*(match.start() for match in _PARTS.finditer(flat_text)), len(flat_text)]:
        here = [one for one in text.mentions if start < one.at <= end]
        amounts = frozenset(value for one in here for value in one.of("money"))
        if amounts:
            words = {word(one, text.language).stem for one in words_in(flat_text[start:end])}
            plain = {
                word(one, text.language).stem
                for one in words_in(flat_text[start:end])
                if is_plain(one, text.language)
            }
            found.append((amounts, frozenset(words - plain), _numbers(here)))
        start = end
    return found


def _numbers(here: list[Mention]) -> frozenset[object]:
    return frozenset(reading for one in here if one.kind in ("number", "span") for reading in one.readings)
