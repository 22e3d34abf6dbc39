"""Finds what a draft promises where no cited source speaks of it: free, discounts, refunds, guarantees, prizes."""

import re
from functools import cache, lru_cache

from src.messages import vocabulary
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.flat import flat_source, negation
from src.messages.brain.grounding.grounds import Grounds
from src.messages.language import LANGUAGES

_KINDS = ("free", "discount", "refund", "guarantee", "prize", "credit", "safe")
_ITSELF = ("sin ", "sem ", "no ", "nao ")  # a promise that begins with a no


def check(grounds: Grounds) -> list[Failure]:
    """A failure for each kind of promise that the draft makes and no cited source does."""
    failures: list[Failure] = []
    for kind in _KINDS:
        made = _made(kind, grounds.claims.flat, grounds.language)
        if made and not any(_kept_made(kind, text, grounds.spoken) for text in grounds.texts):
            why = f'The cited sources {grounds.names} promise nothing like "{made[:40]}".'
            failures.append(Failure("promises", why))
    return failures


def _made(kind: str, flat_text: str, language: str) -> str | None:
    """The first promise of that kind that the text makes, and does not deny."""
    text = _idle().sub(" ", flat_text)
    before, behind = _denials(language)
    for match in _pattern(kind).finditer(text):
        denied = before.search(text[: match.start()]) or behind.search(text[match.end() :])
        if not denied or match[0].startswith(_ITSELF):
            return match[0]
    return None


@lru_cache(maxsize=8_192)
def _kept_made(kind: str, text: str, language: str) -> str | None:
    return _made(kind, flat_source(text), language)


@cache
def _denials(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A denial in the same clause: before the words, or right behind them."""
    no = negation(language)
    return re.compile(rf"{no}[^.,;:!?\n]{{0,60}}$"), re.compile(rf"^[^.,;:!?\n]{{0,25}}{no}")


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    return _any_of(vocabulary.load("promises")[kind])


@cache
def _idle() -> re.Pattern[str]:
    return _any_of(vocabulary.load("promises")["idle"])


def _any_of(listed: dict[str, str]) -> re.Pattern[str]:
    expressions = {one.strip() for language in LANGUAGES for one in listed[language].split(",")}
    longest_first = sorted(expressions, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(one.replace('*', chr(92) + 'w*') for one in longest_first)})\b")
