"""Finds an amount that is a source's, but of something else there: prices that changed places."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from src.messages import vocabulary
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.flat import words_in
from src.messages.brain.grounding.grounds import Grounds
from src.messages.brain.grounding.reading import Text, read_as_claims
from src.messages.brain.grounding.subjects import is_plain
from src.messages.words import word

_SENTENCES = re.compile(r"[!?;\n]+|\.(?=\s|$)")
_HEADING = re.compile(r"^[^:]*:(?=\s)")  # stands before all prices of its sentence
_NUMBER_TELLS = 2  # how much more surely than a word a number tells what a price is of
_PARTS = re.compile(r"[()]|,(?!\d)| (?:y|e|o|u|ou|and|or|pero|mas|but) ")

# Amounts, and the words and the numbers that they are said of.
Part = tuple[frozenset[object], frozenset[object], frozenset[object]]


def check(grounds: Grounds) -> list[Failure]:
    """A failure for an amount that stands beside what another amount of the same source stands beside."""
    if grounds.language != grounds.spoken:
        return []
    for answer in grounds.answers:
        priced = _priced(answer, grounds.spoken)
        for amounts, words, numbers in _parts(grounds.claims) if len(priced) > 1 else ():
            amount, *others = amounts  # of several in one part it cannot be told
            if not others and _is_anothers(amount, words, numbers, priced):
                why = f"In the cited sources {grounds.names} the amount {amount} is of something else."
                return [Failure("numbers", why)]
    return []


def _is_anothers(
    amount: object, words: frozenset[object], numbers: frozenset[object], priced: list[Part]
) -> bool:
    """Does the draft say the amount of what the source says more of another amount?"""

    def shared(part: Part) -> int:
        return len(words & part[1]) + _NUMBER_TELLS * len(numbers & part[2])

    own = [shared(part) for part in priced if amount in part[0] and (part[1] or part[2])]
    others = [shared(part) for part in priced if amount not in part[0]]
    return bool(own) and bool(others) and max(others) > max(own)


@lru_cache(maxsize=8_192)
def _priced(answer: str, language: str) -> list[Part]:
    return _parts(read_as_claims(answer, language))


def _parts(text: Text) -> list[Part]:
    """Each part of a text that names amounts, with what else it names; a sentence with one amount is one part."""
    return [
        part for start, end in _split(_SENTENCES, text.flat, 0) for part in _priced_parts(text, start, end)
    ]


def _priced_parts(text: Text, start: int, end: int) -> Iterator[Part]:
    heading = _HEADING.match(text.flat[start:end])
    begins = start + (heading.end() if heading else 0)
    if _amounts(text, start, begins):
        begins = start  # what stands before the colon has a price of its own
    above = _words(text.flat[start:begins], text.language)
    single = len(_amounts(text, start, end)) == 1
    before: frozenset[object] = frozenset()
    for a, b in [(begins, end)] if single else _split(_PARTS, text.flat[:end], begins):
        words = _words(text.flat[a:b], text.language) or before  # "$12 an hour or $45 a day"
        before = words
        if amounts := _amounts(text, a, b):
            yield amounts, above | words, _numbers(text, a, b)


def _split(pattern: re.Pattern[str], text: str, begins: int) -> Iterator[tuple[int, int]]:
    """Where the parts begin and end that the pattern stands between."""
    for match in pattern.finditer(text, begins):
        yield begins, match.start()
        begins = match.end()
    yield begins, len(text)


def _amounts(text: Text, start: int, end: int) -> frozenset[object]:
    return frozenset(value for one in text.mentions if start < one.at <= end for value in one.of("money"))


def _numbers(text: Text, start: int, end: int) -> frozenset[object]:
    here = (one for one in text.mentions if start < one.at <= end and one.kind in ("number", "span"))
    return frozenset(reading for one in here for reading in one.readings)


def _words(part: str, language: str) -> frozenset[object]:
    """The stems of the words that may tell one price from another."""
    telling = (one for one in words_in(part) if one in _sizes() or not is_plain(one, language))
    return frozenset(word(one, language).stem for one in telling if len(one) > 1)


@cache
def _sizes() -> frozenset[str]:
    return frozenset(vocabulary.load("plain")["sizes"]["words"].split())
