"""Reads times of day and durations: 7 p. m., 19:00, 19h and `las siete de la tarde` are one time."""

import re
from decimal import Decimal

from src.messages.brain.grounding.mentions import Found, Reading, Rule, only
from src.messages.brain.grounding.numerals import FRESH_NUMBER, NUMBER, value_of

# What may follow a number that is a time; before any other word it counts something: "las 3 dosis".
_NO_THING = (
    r"(?! (?!(?:y|e|a|o|u|ou|or|hasta|ate|de|da|do|del|en|em|no|na|para|por|los|las|os|as|todos|todas|pero|mas|cuando|porque"
    r"|pois|con|com|sin|sem|solo|so|h|hs|hrs|horas|am|pm|to|till|until|on|in|and|every|si|se|ya|ja|que|como|at|aprox)\b)[a-z])"
)
_PART = r"(?: ?(?:hs?|hrs?|horas)?\b ?(?:de la|da|in the|por la|at|de) (manana|madrugada|manha|morning|tarde|noche|noite|afternoon|evening|night)\b)?"
_FRESH = r"\d(?<![\d$/].)(?<!\d[.,:].)"  # a number's first digit
_HOUR = rf"({_FRESH}\d?)"
_MORNING = ("am", "manana", "madrugada", "manha", "morning")
_JOIN = r" ?(?:a|as|e|y|to|-|ate|hasta|until|till|and|o|ou|or)(?: las?| as)? ?"
_NOON, _DAY = 12 * 60, 24 * 60

_LEADS = re.compile(
    rf"{_HOUR}(?:[:h](\d{{2}}))? ?(?:hs?|hrs?)?{_JOIN}"
    r"(?=(\d{1,2})(?:[:h]\d{2})? ?(am|pm|hs?|hrs?|horas)\b|\d{1,2}[:h]\d{2})"
)
_MINUTES = re.compile(
    rf"{_HOUR}(?::| ?h ?)(\d{{2}})(?!\d)(?::\d{{2}})?(?: ?(?:hs?|hrs?|horas)\b)?(?: ?(am|pm)\b)?{_PART}"
)
_DOTTED = re.compile(rf"{_HOUR}\.(\d{{2}})(?= ?(?:am|pm|hs?|hrs?|horas)\b)(?: ?(am|pm)\b)?{_PART}")
_MERIDIEM = re.compile(rf"{_HOUR} ?(am|pm)\b")
_AND = re.compile(
    rf"\b(?:las?|as|das|at|ao) (\d{{1,2}}) (?:y|e|menos) (media|meia|cuarto|[1-5]\d|5)\b(?! (?:horas|dias)){_PART}"
)
_PAST = re.compile(r"\b(half past|quarter past|quarter to) (\d{1,2})\b")
_OF_DAY = re.compile(rf"{_HOUR}{_PART[:-1]}")
_SHORT = re.compile(rf"({_FRESH}\d{{0,2}}) ?(?:hs?|hrs?)\b")
_HOURS = re.compile(rf"\b(?:las|as|das) (\d{{1,2}}) horas\b|((?:1|2){_FRESH[2:]}\d) horas\b")
_AT = re.compile(
    rf"\b(?:las?|as|das|at|until|till|by|from|before|after) (\d{{1,2}})\b(?![.,:/%]\d|%|-){_NO_THING}"
)
_OPENS = (
    r"\b(?:abr\w+|abiert\w+|atend\w+|horario\w*|open\w*|funcion\w+|cerr\w+|cierr\w+|fech\w+)[^.\n\d\x1f]{0,40}?"
    r"\b(?:de|das?|from|entre|hasta|ate|as) "
)
_PLAIN = rf"(?P<it>\d{{1,2}})\b(?![.,:/%]\d|%|-){_NO_THING}"
_CLOSING = re.compile(rf"{_OPENS}\d{{1,2}} (?:a|as|to|y|e|until) {_PLAIN}")
_OPENING = re.compile(rf"{_OPENS}{_PLAIN}")
_WORDS = re.compile(r"\b(mediodia|medio dia|meio[ -]dia|noon|midday|medianoche|meia[ -]noite|midnight)\b")

_HOURS_OF = r"(?:horas?|hours?|hrs?|hs?)\b"
_UNITS = r"(?:minutos?|minutes?|mins?|dias?|days?|semanas?|weeks?|meses|mes|months?|anos?|years?|yrs?)\b"
_SIZES = {
    "mi": ("minutes", 1), "h": ("minutes", 60), "d": ("minutes", _DAY), "s": ("minutes", 7 * _DAY),
    "w": ("minutes", 7 * _DAY), "me": ("months", 1), "mo": ("months", 1), "a": ("months", 12), "y": ("months", 12),
}  # fmt: skip


def _spans(unit: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A range's first number and a number with its unit, and a half behind it."""
    number = rf"({FRESH_NUMBER})"
    return (
        re.compile(rf"{number}{_JOIN}(?={NUMBER}[ -]?({unit}))"),
        re.compile(rf"{number}[ -]?({unit})(?: (?:y|e|and) (media|medio|meia|meio|a half|1 half)\b)?"),
    )


_LONG_LEADS, _LONG = _spans(_UNITS)
_HOUR_LEADS, _HOURS_LONG = _spans(_HOURS_OF)
_HALF = re.compile(r"\b(?:media|meia|half an|half)[ -](?:hora|hour)\b")
_AND_HALF = re.compile(r"\b(?:una|uma|an?|1) (?:hora|hour) (?:y|e|and) (?:media|meia|a half|1 half)\b")
_QUARTER = re.compile(r"\b(?:cuarto de hora|quarter of an hour)\b")
_BY_CLOCK = re.compile(r"(?<!\d)(?:1[3-9]|2[0-3])(?:[:h]\d{2}| ?(?:hs?|hrs)\b)")


def by_clock(flat_text: str) -> bool:
    """Does the text count the hours to 24? Then 7:00 is in the morning, else it may be in the evening."""
    return _BY_CLOCK.search(flat_text) is not None


def _moments(hour: int, minute: int, part: str | None, exact: bool) -> list[int]:
    if hour > 24 or minute > 59:
        return []
    if part:
        return [hour % 12 * 60 + minute + (0 if part in _MORNING else _NOON)]
    if exact or hour > 12 or hour == 0:
        return [hour * 60 + minute]
    return [hour * 60 + minute, (hour * 60 + minute + _NOON) % _DAY]


def _time(hour: str, minute: str | None, part: str | None, exact: bool, *also: Reading) -> Found | None:
    """A time, or None when it is none; `also` is what else it may be: "2 h" is long, or early."""
    moments = _moments(int(hour), int(minute or 0), part, exact)
    if not moments and not also:
        return None
    return "time", frozenset([*(("time", one) for one in moments), *also]), ""


def _and(match: re.Match[str], exact: bool) -> Found | None:
    hour, minute = int(match[1]), {"media": 30, "meia": 30, "cuarto": 15}.get(match[2]) or int(match[2])
    if " menos " in match[0]:
        hour, minute = (hour - 1) % 24, 60 - minute
    return _time(str(hour), str(minute), match[3], exact)


def _past(match: re.Match[str]) -> Found | None:
    hour, minute = {"half past": (0, 30), "quarter past": (0, 15), "quarter to": (-1, 45)}[match[1]]
    return _time(str((int(match[2]) + hour) % 24), str(minute), None, exact=False)


def _leads(match: re.Match[str], exact: bool) -> Found | None:
    """The first time of a range: `9` in "9 to 5pm" and in "9 a 13 hs"; in "24-48 horas" and "2 a 3 h" a duration too."""
    may_last = match[4] not in ("am", "pm", None) and not 12 < int(match[3]) <= 24
    return _time(
        match[1], match[2], None, exact, *(_span(match[1], "h") if may_last and not match[2] else ())
    )


def _short(match: re.Match[str]) -> Found | None:
    """`20h` is a time, `48h` a duration, `2h` and `24h` either."""
    is_time = 12 < int(match[1]) < 24
    return _time(match[1], None, None, True, *(() if is_time else _span(match[1], "h")))


def _span(number: str, unit: str, half: bool = False) -> tuple[Reading, Reading]:
    """A duration in minutes or, from a month on, in months; and the number that stands before its unit."""
    name, size = _SIZES.get(unit[:2]) or _SIZES[unit[0]]
    count = value_of(number)
    return ("span", (name, (count + (Decimal("0.5") if half else 0)) * size)), ("count", count)


def _lasting(number: str, unit: str, half: bool = False) -> Found:
    return "span", frozenset(_span(number, unit, half)), ""


def times(exact: bool) -> tuple[Rule, ...]:
    """The rules for times of day; `exact` where hours are counted to 24."""
    return (
        (_LEADS, lambda m: _leads(m, exact)),
        (_MINUTES, lambda m: _time(m[1], m[2], m[3] or m[4], exact)),
        (_DOTTED, lambda m: _time(m[1], m[2], m[3] or m[4], exact)),
        (_MERIDIEM, lambda m: _time(m[1], None, m[2], exact)),
        (_AND, lambda m: _and(m, exact)),
        (_PAST, _past),
        (_OF_DAY, lambda m: _time(m[1], None, m[2], exact)),
        (_HOURS, lambda m: _time(m[1] or m[2], None, None, True, *_span(m[1] or m[2], "h"))),
        (_SHORT, _short),
        (_AT, lambda m: _time(m[1], None, None, exact)),
        (_CLOSING, lambda m: _time(m["it"], None, None, exact)),
        (_OPENING, lambda m: _time(m["it"], None, None, exact)),
        (_WORDS, lambda m: only("time", *((0, _DAY) if m[1][-4:] in ("oche", "oite", "ight") else (_NOON,)))),
    )


# Before times are read, and behind: "de 3 a 4 meses" holds no time, "de 7 a 20 hs" does.
LONG_SPANS: tuple[Rule, ...] = (
    (_LONG_LEADS, lambda m: _lasting(m[1], m[2])),
    (_LONG, lambda m: _lasting(m[1], m[2], bool(m[3]))),
)
SPANS: tuple[Rule, ...] = (
    (_AND_HALF, lambda _: _lasting("1", "h", half=True)),
    (_HALF, lambda _: _lasting("30", "mi")),
    (_QUARTER, lambda _: _lasting("15", "mi")),
    (_HOUR_LEADS, lambda m: _lasting(m[1], m[2])),
    (_HOURS_LONG, lambda m: _lasting(m[1], m[2], bool(m[3]))),
)
