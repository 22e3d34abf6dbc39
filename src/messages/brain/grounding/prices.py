"""Finds an amount or a duration that is a source's, but of something else there: prices that changed places."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from src.messages import vocabulary
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.flat import words_in
from src.messages.brain.grounding.grounds import Grounds
from src.messages.brain.grounding.mentions import Mention
from src.messages.brain.grounding.reading import Text, read_as_claims
from src.messages.brain.grounding.subjects import is_plain
from src.messages.words import word

_KINDS = {
    "money": ("number", "span"),
    "span": ("number", "money"),
}  # and the numbers that tell one from another
_NAMES = {"money": "amount", "span": "duration"}
_SENTENCES = re.compile(r"[!?\n]+|\.(?=\s|$)")
_HEADING = re.compile(r"^[^:]*:(?=\s)")  # stands before all prices of its sentence
_BREAK = re.compile(
    r"; | (?:y|e|o|u|ou|and|or|pero|mas|but) (?!(?:mas|mais|more|menos|less)\b)"
)  # between two prices, else the first comma
_COMMA = re.compile(r"[,:](?=\s)|[()/]")
_RANGE = re.compile(
    r" ?(?:en lugar de|en vez de|em vez de|instead of|a|al|hasta|ate|to|-|y|e|and|o|u|ou|or) ?"
)
_BRACKET = re.compile(r" ?\([^()]*\)")
_NUMBER_TELLS, _SHARED_TELLS = (
    2.0,
    0.25,
)  # how surely a number tells what a price is of, and what is of several prices


@dataclass(frozen=True)
class Priced:
    """An amount or a duration, or a range of them, and what it is said of: each word or number with how surely it tells."""

    shown: str
    values: frozenset[object]
    of: tuple[tuple[object, float], ...]

    def weight(self, said: frozenset[object]) -> float:
        """How surely what is said is what this is the price of."""
        return sum(tells for feature, tells in self.of if feature in said)


def check(grounds: Grounds) -> list[Failure]:
    """A failure for an amount or a duration of which the draft says what its source says of another."""
    for kind, name in _NAMES.items():
        listed = [one for answer in grounds.answers for one in _priced_in(answer, grounds.spoken, kind)]
        if len({one.values for one in listed}) < 2:
            continue
        for said in priced(grounds.claims, kind):
            if _is_anothers(said, listed, grounds):
                why = (
                    f"In the cited sources {grounds.names} the {name} {said.shown[:40]} is of something else."
                )
                return [Failure("numbers", why)]
    return []


def _is_anothers(said: Priced, listed: list[Priced], grounds: Grounds) -> bool:
    """Does the source say another amount of it, more surely than this one?"""
    features = frozenset(feature for feature, _ in said.of)
    if grounds.language != grounds.spoken:
        features = frozenset(one for one in features if not isinstance(one, str))
    own = [one for one in listed if one.values & said.values]
    others = [one for one in listed if not one.values & said.values]
    if not own or not others:
        return False
    best = max(own, key=lambda one: one.weight(features))
    strange = features - {feature for feature, _ in best.of}
    if strange & _measures(grounds.spoken) - {feature for one in listed for feature, _ in one.of}:
        return not any(feature in features for feature, _ in best.of if not isinstance(feature, str))
    return any(one.weight(features) > best.weight(features) and one.weight(strange) > 0 for one in others)


@lru_cache(maxsize=8_192)
def _priced_in(answer: str, language: str, kind: str) -> tuple[Priced, ...]:
    return tuple(priced(read_as_claims(answer, language), kind))


def priced(text: Text, kind: str) -> Iterator[Priced]:
    """Each amount of a text with the words and numbers between the amount before it and the one behind it.

    In "the cake for 8 is 24, the one for 16, 42" the words before a comma or an "and" are of 24, those behind it of 42.
    """
    begins = 0
    for end in (*(found.start() for found in _SENTENCES.finditer(text.flat)), len(text.flat)):
        here = [one for one in text.mentions if begins < one.at <= end and one.kind == kind]
        if here:
            yield from _of_sentence(text, begins, end, here, kind)
        begins = end


def _of_sentence(text: Text, begins: int, end: int, here: list[Mention], kind: str) -> Iterator[Priced]:
    first = here[0].at - len(here[0].shown)
    heading = _HEADING.match(text.flat[begins:first])
    above = _features(text, begins, begins + heading.end(), kind) if heading else []
    begins += heading.end() if heading else 0
    groups = _groups(text, here)
    starts = [
        begins,
        *(_between(text.flat, one[-1].at, other[0].at) for one, other in pairwise(groups)),
    ]
    last = _COMMA.search(text.flat, groups[-1][-1].at, end)
    stops = [*starts[1:], last.start() if last else end]
    found = [_features(text, *place, kind) for place in zip(starts, stops, strict=True)]
    shared = [*above, *(_features(text, last.start(), end, kind) if last else [])]
    for number, group in enumerate(groups):
        if number:
            found[number] = found[number] or found[number - 1]  # "$12 an hour or $45 a day"
        # In "the small pizza is 8, the large 12" the words of the first count for less: "pizza" is of both.
        behind = found[number + 1] if number + 1 < len(found) else []
        left_out = set(found[number]) - set(behind) if behind else set()
        briefer = min(1.0, len(behind) / len(found[number])) if left_out else 1.0
        of = dict.fromkeys(shared, _SHARED_TELLS)
        for one in found[number]:
            of[one] = _NUMBER_TELLS if not isinstance(one, str) else briefer if one in left_out else 1.0
        values = frozenset[object]().union(*(one.of(kind) for one in group))
        yield Priced(group[0].shown, values, tuple(of.items()))


def _groups(text: Text, here: list[Mention]) -> list[list[Mention]]:
    """The amounts of a sentence, ranges and alternatives as one: "from 24 to 42", "24 instead of 42"."""
    groups = [here[:1]]
    for one, other in pairwise(here):
        if _RANGE.fullmatch(text.flat, one.at, other.at - len(other.shown)):
            groups[-1].append(other)
        else:
            groups.append([other])
    return groups


def _between(flat_text: str, start: int, end: int) -> int:
    """Where what is said of the amount before ends, and what is said of the next one begins."""
    bracket = _BRACKET.match(flat_text, start, end)
    found = bracket or _BREAK.search(flat_text, start, end) or _COMMA.search(flat_text, start, end)
    return found.end() if found else start


def _features(text: Text, start: int, end: int, kind: str) -> list[object]:
    """The stems of the words that may tell one price from another, and the other numbers, in their order."""
    words: list[object] = [
        word(one, text.language).stem
        for one in words_in(text.flat[start:end])
        if len(one) > 1 and (one in _sizes() or not is_plain(one, text.language))
    ]
    numbers = [
        reading
        for one in text.mentions
        if start < one.at <= end and one.kind in _KINDS[kind]
        for reading in sorted(one.readings, key=str)
    ]
    return list(dict.fromkeys([*words, *numbers]))


@cache
def _measures(language: str) -> frozenset[object]:
    return frozenset(
        word(one, language).stem for one in vocabulary.load("plain")["measures"]["words"].split()
    )


@cache
def _sizes() -> frozenset[str]:
    return frozenset(vocabulary.load("plain")["sizes"]["words"].split())
