"""Reads a text as the checks need it: its words and numbers, its days, and the hours that belong to them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from src.messages.brain.grounding.addresses import without_addresses
from src.messages.brain.grounding.calendar import DATES, Named, clusters, days_in
from src.messages.brain.grounding.clock import LONG_SPANS, SPANS, by_clock, times
from src.messages.brain.grounding.flat import claims, flat, sentences
from src.messages.brain.grounding.mentions import AMOUNTS, NUMBERS, Mention, Scan
from src.messages.brain.grounding.numerals import in_digits

Hours = tuple[
    frozenset[int] | None, frozenset[int]
]  # weekdays (None: not said), minutes of the day that it may be


@dataclass(frozen=True)
class Text:
    """A text that was read. `flat` has digits for number words; `language` is how its words were read."""

    flat: str
    language: str
    mentions: tuple[Mention, ...]

    @cached_property
    def places(self) -> list[tuple[int, int]]:
        """Where its sentences begin and end."""
        return sentences(self.flat)

    @cached_property
    def _named(self) -> list[Named]:
        return days_in(self.flat, self.language)

    @cached_property
    def days(self) -> frozenset[int]:
        """Every weekday that is named or in a range that is."""
        return frozenset().union(*(days for _, days, _ in self._named))

    @cached_property
    def hours(self) -> list[Hours]:
        """Each time of day with the days it is said of."""
        return [pair for start, end in self.places for pair in self._hours(start, end)]

    def _hours(self, start: int, end: int) -> Iterator[Hours]:
        """Times belong to the days before them; where a sentence begins with a time, to the days behind."""
        stated = [one for one in self.mentions if start < one.at <= end and one.minutes]
        days = list(clusters([one for one in self._named if start <= one[0] < end], self.flat))
        if not days or not stated:
            yield from ((None, one.minutes) for one in stated)
            return
        time_first = stated[0].at < days[0][0]
        for one in stated:
            before = [named for at, named in days if at <= one.at]
            behind = [named for at, named in days if at > one.at]
            yield (behind or before)[0] if time_first else before[-1], one.minutes


@lru_cache(maxsize=8_192)
def read_source(text: str, language: str) -> Text:
    """An owner's text, read in every way that it may be meant. Kept: it is read again and again."""
    return _read(in_digits(without_addresses(flat(text)), language, source=True), language)


def read_claims(text: str, language: str) -> Text:
    """A draft's text: what it claims."""
    return _read(in_digits(without_addresses(claims(text)), language, source=False), language)


# An owner's text as an answer that repeats it is read.
read_as_claims = lru_cache(maxsize=8_192)(read_claims)


def _read(text: str, language: str) -> Text:
    scan = Scan(text)
    for rules in (DATES, AMOUNTS, LONG_SPANS, times(by_clock(text)), SPANS, NUMBERS):
        scan.take(rules)
    return Text(text, language, tuple(sorted(scan.found, key=lambda one: one.at)))
