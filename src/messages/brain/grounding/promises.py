"""Finds what a draft promises where no cited source speaks of it: free, discounts, refunds, guarantees, prizes."""

import re
from functools import cache, lru_cache

from src.messages import vocabulary
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.flat import flat_source, negation, words_in
from src.messages.brain.grounding.grounds import Grounds
from src.messages.brain.grounding.subjects import is_plain, speaks_of
from src.messages.language import LANGUAGES

_KINDS = ("free", "discount", "refund", "guarantee", "prize", "credit", "safe", "more")
_SENTENCES = re.compile(r"[!?\n]+|\.(?=\s|$)")
_ITSELF = ("sin ", "sem ", "no ", "nao ")  # a promise that begins with a no


def check(grounds: Grounds) -> list[Failure]:
    """A failure for each kind of promise that the draft makes, and no cited source does of the same thing."""
    failures: list[Failure] = []
    for kind in _KINDS:
        for promise, of in _promises(kind, grounds.claims.flat, grounds.language):
            if not _is_given(kind, of, grounds):
                why = f'The cited sources {grounds.names} promise nothing like "{promise[:40]}".'
                failures.append(Failure("promises", why))
                break
    return failures


def _is_given(kind: str, of: str, grounds: Grounds) -> bool:
    """Does a cited source make such a promise, in a sentence that speaks of something that the draft's sentence does?"""
    words = [one for one in words_in(of) if not is_plain(one, grounds.language)]
    any_subject = grounds.language != grounds.spoken or not words
    for texts in grounds.cited_texts:
        for given in (of for text in texts for _, of in _source_promises(kind, text, grounds.spoken)):
            # A sentence such as "Yes, free from $800" speaks of what the FAQ asks.
            general = all(is_plain(one, grounds.spoken) for one in words_in(given))
            about = texts if general else (given,)
            if any_subject or any(speaks_of(one, grounds.language, about, grounds.spoken) for one in words):
                return True
    return False


def _promises(kind: str, flat_text: str, language: str) -> list[tuple[str, str]]:
    """The promises of that kind that a text makes and does not deny, each with the rest of its sentence."""
    if not _pattern(kind).search(flat_text):
        return []
    before, behind = _denials(language)
    found: list[tuple[str, str]] = []
    for sentence in _SENTENCES.split(_idle().sub(" ", flat_text)):
        for match in _pattern(kind).finditer(sentence):
            denied = before.search(sentence[: match.start()]) or behind.search(sentence[match.end() :])
            if not denied or match[0].startswith(_ITSELF):
                found.append((match[0], _pattern(kind).sub(" ", sentence)))
    return found


@lru_cache(maxsize=8_192)
def _source_promises(kind: str, text: str, language: str) -> list[tuple[str, str]]:
    return _promises(kind, flat_source(text), language)


@cache
def _denials(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A denial in the same clause: before the words, or right behind them."""
    no = negation(language)
    return re.compile(rf"{no}[^.,;:!?\n]{{0,60}}$"), re.compile(
        rf"^[^.,;:!?\n]{{0,25}}(?<! si )(?<! se )(?<! if ){no}"
    )


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
