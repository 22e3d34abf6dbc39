"""Reads dates, months and weekdays, and which times belong to which days."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from src.messages import vocabulary
from src.messages.brain.grounding.mentions import Found, Reading, Rule

Named = tuple[int, frozenset[int], str]  # where it begins, which weekdays, its words

ALL_DAYS = frozenset(range(7))
_GROUPS = {"all": ALL_DAYS, "week": frozenset(range(5)), "weekend": frozenset((5, 6))}
_LONG, _MAX_DAY = 3, 31
_VERBS = ("may", "march")  # months only beside a number


@cache
def _months() -> dict[str, int]:
    return dict(vocabulary.load("calendar")["months"])


def _named_months(leave_out: tuple[str, ...] = ()) -> str:
    return "|".join(name for name in _months() if name not in leave_out)


_DAYS = r"((?:\d{1,2}(?:, | y | e | o | a | ao | al | and | to | ?- ?)(?:el |o |del )?){0,6}\d{1,2})"
_ISO = re.compile(r"(20(?<!\d..)\d{2})-(\d{2})-(\d{2})(?!\d)(?:t(?=\d{2}:))?")
_DAY_FIRST = re.compile(
    rf"(?<![\w.,:$/]){_DAYS} (?:de |del mes de )?({_named_months(_VERBS)})\b(?:,? (?:de |del |of )?(20\d{{2}}))?"
)
_DAY_OF = re.compile(
    rf"(?<![\w.,:$/])(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({_named_months()})\b(?:,? (20\d{{2}}))?"
)
_MONTH_FIRST = re.compile(
    rf"\b({_named_months()}) (?:the )?((?:\d{{1,2}}(?:st|nd|rd|th)?(?:, | and | y | & | to | ?- ?)){{0,5}}\d{{1,2}})"
    r"(?:st|nd|rd|th)?\b(?![:%]| ?(?:am|pm|hs?|horas)\b)(?:,? (20\d{2}))?"
)
_NUMERIC = re.compile(r"(\d(?<![\d/.,$].)\d?)/(\d{1,2})(?:/(\d{4}|\d{2}))?(?![\d/])")
_DASHED = re.compile(r"(\d(?<![\d-].)\d?)-(\d{1,2})-(20\d{2})(?![\d-])")


def _dates(*pairs: tuple[int, int], year: str | None = None) -> Found | None:
    """Dates as (month, day); a year must hold beside them."""
    readings: set[Reading] = {
        ("date", (month, day)) for month, day in pairs if 1 <= month <= 12 and 1 <= day <= _MAX_DAY
    }
    if not readings:
        return None
    return "date", frozenset(readings | ({("year", int(year))} if year else set())), ""


def _listed(days: str, month: str, year: str | None) -> Found | None:
    return _dates(*((_months()[month], int(day)) for day in re.findall(r"\d+", days)), year=year)


DATES: tuple[Rule, ...] = (
    (_ISO, lambda m: _dates((int(m[2]), int(m[3])), year=m[1])),
    (_DAY_FIRST, lambda m: _listed(m[1], m[2], m[3])),
    (_DAY_OF, lambda m: _listed(m[1], m[2], m[3])),
    (_MONTH_FIRST, lambda m: _listed(m[2], m[1], m[3])),
    (_NUMERIC, lambda m: _dates((int(m[2]), int(m[1])), (int(m[1]), int(m[2])))),
    (_DASHED, lambda m: _dates((int(m[2]), int(m[1])), (int(m[1]), int(m[2])), year=m[3])),
)


def months_in(flat_text: str) -> set[str]:
    """The months that are named without a day, and with one."""
    return {found for found in _month_names().findall(flat_text) if found not in _VERBS}


@cache
def _month_names() -> re.Pattern[str]:
    return re.compile(rf"\b({_named_months()})\b")


def month(name: str) -> int:
    """The number of a month by its folded name."""
    return _months()[name]


def days_in(flat_text: str, language: str) -> list[Named]:
    """Everything that names weekdays, ranges of them and groups, in order."""
    found = [
        (match.start(), frozenset(days), match[0])
        for match in _day_names(language).finditer(flat_text)
        if (days := _days(match, language)) and not _WISHED.search(flat_text, 0, match.start())
    ]
    found += [
        (iso.start(), frozenset({date(int(iso[1]), int(iso[2]), int(iso[3])).weekday()}), iso[0])
        for iso in _ISO.finditer(flat_text)
        if _exists(iso)
    ]
    return sorted(found)


_WISHED = re.compile(
    r"\b(?:buen|lindo|bonito|gran|excelente|feliz|bom|otimo|boa|otima|lindissimo|great|nice|good|lovely|wonderful|happy) $"
)


def _exists(iso: re.Match[str]) -> bool:
    try:
        date(int(iso[1]), int(iso[2]), int(iso[3]))
    except ValueError:
        return False
    return True


def _days(match: re.Match[str], language: str) -> frozenset[int]:
    names = _weekdays(language)
    for group, days in _GROUPS.items():
        if match[group]:
            return days
    first, last = names[match["first"]], names.get(match["last"] or "")
    if last is None:
        return frozenset({first})
    return frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))


@cache
def _weekdays(language: str) -> dict[str, int]:
    listed = vocabulary.load("calendar")
    return {**listed["weekdays"], **listed.get(f"weekdays_{language}", {})}


@cache
def _day_names(language: str) -> re.Pattern[str]:
    names = "|".join(sorted(_weekdays(language), key=len, reverse=True))
    groups = "|".join(
        rf"(?P<{name}>\b(?:{words})\b(?! (?:de lunes|festivos|feriados|laborables|habiles|uteis)))"
        for name, words in vocabulary.load("calendar")["groups"].items()
    )
    # "Segunda vez" is no Monday.
    ordinal = (
        r"(?! (?:vez|via|opcao|sessao|unidade|hora|feira do|dose|parcela|aula|pessoa)\b)"
        if language == "pt"
        else ""
    )
    return re.compile(
        rf"{groups}|\b(?P<first>{names})\b\.?{ordinal}(?:(?: ?- ?| (?:a|ate|hasta|al|to|through|till) )(?:el |la |a )?(?P<last>{names})\b)?"
    )


def holidays_in(flat_text: str) -> bool:
    """Does the text speak of public holidays?"""
    return bool(holiday_names(flat_text))


def holiday_names(flat_text: str) -> frozenset[str]:
    """The holidays that are named, each by one name for all languages; `holiday` for holidays in general."""
    return frozenset(name for name, words in _holidays().items() if words.search(flat_text))


@cache
def _holidays() -> dict[str, re.Pattern[str]]:
    listed = vocabulary.load("calendar")["holidays"]
    return {name: re.compile(rf"\b(?:{words})\b") for name, words in listed.items()}


def clusters(days: list[Named], text: str) -> Iterator[tuple[int, frozenset[int]]]:
    """Days that are named together, "sábados y domingos", as one: (where they end, which weekdays)."""
    at, together = -1, frozenset[int]()
    for start, named, words in days:
        if together and not re.fullmatch(
            r"[ ,]*(?:y|e|o|u|ou|and|or|&)?(?: (?:los|el|as|os|aos|a))? ?", text[at:start]
        ):
            yield at, together
            together = frozenset()
        together |= named
        at = start + len(words)
    if together:
        yield at, together
