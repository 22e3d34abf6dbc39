"""Finds what a text states in numbers: dates, percentages, money, telephones, times of day, durations, all others."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from src.messages.brain.grounding.numerals import FRESH_NUMBER, NUMBER, value_of

Reading = tuple[str, object]
_FRESH = r"(?<!\w)(?<!\d[.,:'])"  # where a number may begin
_TAKEN = "\x1f"  # stands where a mention was found, so that it is not found twice


@dataclass(frozen=True)
class Mention:
    """Something stated in a flat text, which ends at `at`: what it may mean, and its currency where it has one."""

    at: int
    shown: str
    kind: str  # date, percent, money, phone, time, span, number, always
    readings: frozenset[Reading]
    currency: str = ""

    @property
    def minutes(self) -> frozenset[int]:
        """The minutes of the day that it may mean; none for what may also last that long, and for noon."""
        if self.kind != "time" or not self.shown[0].isdigit() or self.of("span"):
            return frozenset()
        return frozenset(value for value in self.of("time") if isinstance(value, int))

    def of(self, kind: str) -> frozenset[object]:
        """What it means when it is of that kind."""
        return frozenset(value for name, value in self.readings if name == kind)


Found = tuple[str, frozenset[Reading], str]
Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], Found | None]]


class Scan:
    """A flat text that is read rule by rule; what one rule takes the next ones do not see."""

    def __init__(self, text: str) -> None:
        self.left = text
        self.found: list[Mention] = []

    def take(self, rules: tuple[Rule, ...]) -> None:
        """Collects what the rules find, in their order."""
        for pattern, read in rules:
            self.left = pattern.sub(partial(self._taken, read), self.left)

    def _taken(self, read: Callable[[re.Match[str]], Found | None], match: re.Match[str]) -> str:
        found = read(match)
        if found is None:
            return match[0]
        kind, readings, currency = found
        part = "it" if "it" in match.re.groupindex else 0  # a rule may look at more than it takes
        start, end = (at - match.start() for at in match.span(part))
        self.found.append(Mention(match.end(part), match[part].strip(), kind, readings, currency))
        return match[0][:start] + _TAKEN * (end - start) + match[0][end:]


def only(kind: str, *values: object) -> Found:
    """What is of one kind, and may be any of these values."""
    return kind, frozenset((kind, value) for value in values), ""


_CURRENCIES = {
    "r$": "R$", "reais": "R$", "real": "R$", "brl": "R$",
    "us$": "US$", "u$s": "US$", "usd": "US$", "dolares": "US$", "dolar": "US$", "dollars": "US$", "dollar": "US$",
    "€": "€", "euros": "€", "euro": "€", "eur": "€",
    "£": "£", "gbp": "£", "libras": "£", "pounds": "£",
    "s/": "S/", "soles": "S/", "pen": "S/",
    "$": "$", "pesos": "$", "peso": "$", "mxn": "$", "cop": "$", "ars": "$", "clp": "$", "uyu": "$",
}  # fmt: skip
_SIGN = r"r\$|us\$|u\$s|s/\.?|[$€£]"
_WORD = (
    r"reais|real|brl|usd|dolares|dolar|dollars?|euros?|eur|pesos?|mxn|cop|ars|clp|uyu|soles|gbp|pounds|[€£$]"
)
_BEFORE = re.compile(rf"(?<!\w)({_SIGN}|usd|eur|mxn|cop|ars|clp|brl) ?({NUMBER})(?: ?({_WORD})(?!\w))?")
_AFTER = re.compile(rf"({FRESH_NUMBER}) ?(?:de )?({_WORD})(?!\w)")
_PERCENT = re.compile(rf"({FRESH_NUMBER}) ?(?:%|por ciento|por cento|per ?cent\b|porciento)")
_HALF = re.compile(
    r"\b(?:(?:la )?mitad de(?:l)? precio|a mitad de precio|metade do preco|half (?:the )?price)\b"
)
_ALWAYS = re.compile(r"(?<!\d)24 ?/ ?7(?!\d)")
_PHONE = re.compile(
    rf"{_FRESH}(?<![$€£])\+?\(?\d{{1,4}}\)?(?:[ .-]{{0,2}}\(?\d{{1,4}}\)?){{1,6}}(?![\w%])(?![:,]\d)"
)
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+")
_SUMS = re.compile(r"\d{1,3}(?:\.\d{3})+[ -]+\d{1,3}(?:\.\d{3})+")
_DOZENS = re.compile(r"(?:(\d(?<!\w.)\d{0,5}) )?\b(media |meia |half (?:a )?)?(?:docenas?|duzias?|dozens?)\b")
_NUMBER = re.compile(rf"({FRESH_NUMBER})(?!\d)")
_LEAST_PHONE = 7  # digits


def _money(sign: str, written: str, other: str | None = None) -> Found:
    sign = sign.rstrip(".")
    currency = _CURRENCIES[other if sign == "$" and other else sign]
    return "money", frozenset({("money", value_of(written))}), currency


def _phone(match: re.Match[str]) -> Found | None:
    shown, digits = match[0].strip(), re.sub(r"\D", "", match[0])
    if len(digits) < _LEAST_PHONE or _SUMS.search(shown):
        return None
    readings: set[Reading] = {("phone", digits)}
    grouped = _GROUPED.fullmatch(shown) is not None
    if grouped or shown.isdigit():
        readings.add(("number", Decimal(digits)))
    return "number" if grouped else "phone", frozenset(readings), ""


def _dozens(match: re.Match[str]) -> Found:
    size = Decimal(6 if match[2] else 12)
    times = Decimal(match[1] or 1)
    return only("number", times * size, *([times] if match[1] else []))


def _number(match: re.Match[str]) -> Found:
    return only("number", value_of(match[1]))


AMOUNTS: tuple[Rule, ...] = (
    (_ALWAYS, lambda _: only("always", True)),
    (_PERCENT, lambda found: only("percent", value_of(found[1]))),
    (_HALF, lambda _: only("percent", Decimal(50))),
    (_BEFORE, lambda found: _money(found[1], found[2], found[3])),
    (_AFTER, lambda found: _money(found[2], found[1])),
    (_PHONE, _phone),
)
NUMBERS: tuple[Rule, ...] = ((_DOZENS, _dozens), (_NUMBER, _number))
