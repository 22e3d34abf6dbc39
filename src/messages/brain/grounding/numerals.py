"""Reads numbers: written out as words, with the separators of each country, with `mil` or `k` behind."""

import re
from decimal import Decimal, InvalidOperation
from functools import cache

from src.messages import vocabulary

# A pattern that begins with a digit is searched fast; what must not stand before it is asked behind the digit.
FRESH_NUMBER = r"\d(?<!\w.)(?<!\d[.,:'].)\d{0,14}(?:[.,']\d{1,15}){0,5}"
NUMBER = r"\d{1,15}(?:[.,']\d{1,15}){0,5}"  # bounded: a text of digits alone must not take long

_GROUPED = re.compile(r"[1-9]\d{0,2}(?:[.,']\d{3})+")
_DECIMAL = re.compile(r"(\d+|[1-9]\d{0,2}(?:[.,']\d{3})+)[.,](\d{1,2}|\d{4,}|(?<=^0.)\d+)")
_TIMES = re.compile(
    rf"(?<![\w.,])({NUMBER})\s?(mil|k|mi|millon|millones|milhao|milhoes|thousand|million|millions)\b(?! (?:gracias|disculpas))"
)
_BY = {"mil": 1_000, "k": 1_000, "thousand": 1_000}
_JOINT = {"es": "y", "pt": "e", "en": "and"}
_MILLION, _THOUSAND, _HUNDRED, _SCORE = 1_000_000, 1_000, 100, 20


def value_of(written: str) -> Decimal:
    """The number that digits with separators stand for: 1.500 and 1,500 are 1500, 3,95 is 3.95, 1,500.00 is 1500."""
    if _GROUPED.fullmatch(written):
        return Decimal(re.sub(r"\D", "", written))
    parts = _DECIMAL.fullmatch(written)
    try:
        if parts:
            return Decimal(f"{re.sub(r'[^0-9]', '', parts[1])}.{parts[2]}").normalize()
        return Decimal(re.sub(r"\D", "", written) or "0")
    except InvalidOperation:  # digits of a script that Decimal does not know
        return Decimal(-1)


def written(value: Decimal) -> str:
    """The number in plain digits."""
    return f"{value.normalize():f}"


def in_digits(flat_text: str, language: str, *, source: bool) -> str:
    """The text with its number words as digits. In a source also `una` is 1 and `tercera` 3; in an answer neither claims."""
    if not source:
        flat_text = _idle(language).sub(" ", flat_text)
    text = _TIMES.sub(lambda found: written(value_of(found[1]) * _BY.get(found[2], _MILLION)), flat_text)
    text = _runs(language).sub(lambda run: _spelled(run[0], language), text)
    if source:
        text = _lone(language).sub(lambda word: _ones(language)[word[0]], text)
    return text


def _spelled(run: str, language: str) -> str:
    """A run of number words and joints as digits: `treinta y cinco` is 35, `siete y treinta` stays 7 y 30."""
    values, joint = _values(language), _JOINT[language]
    found: list[str] = []
    number = _Number()
    joined = False
    for word in re.split(r"[\s-]+", run):
        if word == joint:
            joined = True
        elif not number.takes(values[word], joined or language == "en"):
            found += [str(number.total), *([joint] if joined else [])]
            number = _Number()
            number.takes(values[word], True)
            joined = False
        else:
            joined = False
    return " ".join([*found, str(number.total)])


class _Number:
    """A number that grows word by word."""

    def __init__(self) -> None:
        self._done, self._part, self._last = 0, 0, 0

    @property
    def total(self) -> int:
        return self._done + self._part

    def takes(self, value: int, joined: bool) -> bool:
        """Adds a word's value, where it can belong to the number; `joined` is what lets 30 and 5 be 35."""
        started = self._last != 0 or self.total != 0
        if value in (_THOUSAND, _MILLION):
            if started and (self._part == 0 or value >= self._last >= _THOUSAND):
                return False
            self._done, self._part = self._done + max(self._part, 1) * value, 0
        elif value == _HUNDRED and 0 < self._part < 10:
            self._part *= _HUNDRED
        elif not started or (self._part == 0 and value > 0 and self._last >= _THOUSAND):
            self._part = value
        elif self._adds(value, joined):
            self._part += value
        else:
            return False
        self._last = value or 1
        return True

    def _adds(self, value: int, joined: bool) -> bool:
        if value <= 0 or value >= _HUNDRED:
            return False
        if self._part % _HUNDRED == 0:
            return True
        return joined and self._part % 10 == 0 and self._part % _HUNDRED >= _SCORE and value < 10


@cache
def _values(language: str) -> dict[str, int]:
    ones = {"es": ("un", "uno", "una"), "pt": ("um", "uma"), "en": ("one",)}[language]
    return {**vocabulary.load("numbers")["words"][language], **dict.fromkeys(ones, 1)}


@cache
def _runs(language: str) -> re.Pattern[str]:
    """Number words in a row; `one` and its like only behind another."""
    listed = vocabulary.load("numbers")["words"][language]
    first, other, joint = "|".join(listed), "|".join(_values(language)), _JOINT[language]
    first += {"es": "|un(?= millon)", "pt": "|um(?= milhao)", "en": "|one(?= (?:hundred|thousand|million))"}[
        language
    ]
    return re.compile(
        rf"(?<!\bpor )\b(?:{first})\b(?:[ -](?:{joint} )?(?:{other})\b)*(?! (?:gracias|disculpas)\b)"
    )


@cache
def _lone(language: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(_ones(language))})\b")


@cache
def _ones(language: str) -> dict[str, str]:
    listed = vocabulary.load("numbers")
    ordinals = dict(pair.split("=", 1) for pair in listed["ordinals"][language].split())
    return dict.fromkeys(listed["ones"][language].split(), "1") | ordinals


@cache
def _idle(language: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{vocabulary.load('numbers')['idle'][language]})\b")
