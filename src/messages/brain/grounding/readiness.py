"""Finds what a draft promises to be ready or on its way, and short sentences that say that a wish was done."""

import re
from functools import cache

from src.messages import vocabulary
from src.messages.brain.grounding.deeds import participles, tells_failure
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.flat import words_in
from src.messages.brain.grounding.grounds import Grounds
from src.messages.language import LANGUAGES

_SENTENCES = re.compile(r"[.!?;:\n]+")
_SHORT = 4  # words of a sentence such as "Cake ordered."


def check(grounds: Grounds) -> list[Failure]:
    """At most one failure: a promise that no source makes in such words, or a deed in a sentence of few words.

    What a cited tool told without a word of failure may be put into words.
    """
    told = [grounds.draft.told[one] for one in grounds.draft.source_ids if one in grounds.draft.told]
    if told and not any(tells_failure(text) for text in told):
        return []
    if any(_promises(text) for text in grounds.flat_sources.split("\n")):
        return []
    for sentence in _SENTENCES.split(grounds.claims.flat):
        said = sentence.strip()
        if (_is_finished(said) or _promises(said)) and said not in grounds.flat_sources:
            return [Failure("deeds", f'Nothing says that this was done or is on its way: "{said[:60]}".')]
    return []


def _is_finished(sentence: str) -> bool:
    """Is it no more than "Done", or a thing and what was done with it?"""
    words = words_in(sentence)
    if not 0 < len(words) <= _SHORT or _may_be().search(sentence):
        return False
    return _finished().fullmatch(" ".join(words)) is not None or any(
        part.split()[-1:] and part.split()[-1] in participles() and len(part.split()) > 1
        for part in sentence.split(",")
    )


def _promises(sentence: str) -> bool:
    found = _ready().search(sentence)
    return found is not None and not _may_be().search(sentence[: found.start()])


@cache
def _ready() -> re.Pattern[str]:
    listed = vocabulary.load("deeds")["ready"]
    return re.compile(rf"\b(?:{'|'.join(listed[language] for language in LANGUAGES)})\b")


@cache
def _finished() -> re.Pattern[str]:
    return re.compile(vocabulary.load("deeds")["finished"]["words"])


@cache
def _may_be() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{vocabulary.load('deeds')['may_be']['words']})\b")
