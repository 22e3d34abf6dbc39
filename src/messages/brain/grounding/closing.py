"""Finds a closed day that opens, or an open one that closes: weekdays, months and holidays."""

import re
from collections.abc import Iterable
from functools import cache

from src.messages import vocabulary
from src.messages.brain.grounding.calendar import days_in, holiday_names, month, months_in
from src.messages.brain.grounding.flat import IDLE_DENIALS, negation
from src.messages.brain.grounding.grounds import Grounds
from src.messages.brain.grounding.reading import read_source

_SENTENCES = re.compile(r"[.;!?\n]")
_CLAUSES = re.compile(r", |: | (?:pero|mas|but) ")
_AND = re.compile(r" (?:y|e|and) |(?<=\d[ap]m) ")
_HOUR = re.compile(
    r"\d[:h]\d\d|\d ?(?:am|pm|hs?|hrs?|horas)\b|\b(?:las?|as|at|until|till) \d|\d{1,2} (?:a|to|as) \d{1,2}\b(?! de)"
)
_WILD = re.compile(
    r"\b(?:solo|so|somente|apenas|unicamente|only|salvo|excepto|exceto|except|menos|tambien|tarde|tardes|noche|noches|noite|mediodia|meio-dia|manana|mananas|manha|afternoon|evening|lunch|almuerzo|almoco|comer)\b"
)

Day = int | str  # a weekday from 0, or the name of a month or a holiday
States = tuple[frozenset[Day], frozenset[Day]]  # the open days, the closed ones


def turned_day(grounds: Grounds) -> str | None:
    """Why the draft is wrong about a day that the sources have open, or closed; None when it is not."""
    opened, closed = _states([grounds.claims.flat], grounds.language)
    if not opened and not closed:
        return None
    texts = [read_source(answer, grounds.spoken).flat for answer in grounds.answers]
    open_there, closed_there = _states(texts, grounds.spoken)
    if opened & (closed_there - open_there):
        return f"By the sources {grounds.names} it is closed on a day on which the answer opens."
    if closed & (open_there - closed_there):
        return f"By the sources {grounds.names} it is open on a day on which the answer closes."
    return None


def _states(texts: Iterable[str], language: str) -> States:
    opened, closed = frozenset[Day](), frozenset[Day]()
    for sentence in (one for text in texts for one in _SENTENCES.split(IDLE_DENIALS.sub(" ", text))):
        waiting = frozenset[Day]()  # "Mondays, holidays and in August we close"
        for clause in _clauses(sentence):
            days, is_open = waiting | _days(clause, language), _is_open(clause, language)
            waiting = (
                days
                if is_open is None and not says_state(clause) and not _WILD.search(clause)
                else frozenset()
            )
            opened |= days if is_open else frozenset()
            closed |= days if is_open is False else frozenset()
    return opened, closed


def _clauses(sentence: str) -> list[str]:
    """The clauses; an "and" ends one only where it opens before it and closes behind it, or the reverse."""
    found: list[str] = []
    for clause in _CLAUSES.split(sentence):
        both = _word("closing").search(clause) and _word("opening").search(clause)
        found += _AND.split(clause) if both else [clause]
    return found


def says_state(clause: str) -> bool:
    """Does it say that something is open, or closed?"""
    return any(_word(state).search(clause) for state in ("closing", "opening"))


def _is_open(clause: str, language: str) -> bool | None:
    """Does the clause say open, or closed? None where it says neither of a whole day: "we close at 8"."""
    closes, opens = _word("closing").search(clause), _word("opening").search(clause)
    hour = _HOUR.search(clause) is not None
    said = closes or opens
    if _WILD.search(clause) or (closes and opens):
        return None
    if not said:
        return True if hour else None
    denied = re.search(rf"{negation(language)} (?:\w+ ){{0,2}}$", clause[: said.start()]) is not None
    if closes:
        return None if hour else denied
    return not denied


def _days(clause: str, language: str) -> frozenset[Day]:
    named = frozenset[Day]().union(*(days for _, days, _ in days_in(clause, language)))
    months = frozenset[Day](
        f"month {month(name)}" for name in months_in(re.sub(r"\d+ (?:de )?\w+", " ", clause))
    )
    return named | months | holiday_names(clause)


@cache
def _word(state: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{vocabulary.load('calendar')['open'][state]})\b")
