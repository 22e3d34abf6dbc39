"""Tells what texts speak of: by the words themselves, by their families in two languages, by what they mean."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from src.messages import vocabulary
from src.messages.brain.grounding.flat import flat_source, words_in
from src.messages.lexicon import concepts_of
from src.messages.words import read_word, word

_PREFIX = 5  # letters that words of one family share, also in two languages: anual, annual
_PRONOUNS = re.compile(r"(?<=\w{4})(?:se)?(?:nos|os|te|me|les?|l[oa]s?)$")
_OPENS = re.compile(r"(?:abr|abier|atend|atien|cerr|cierr|open|clos|fech|funcion)")
_OPENING = "<opens>"  # how all words of opening and closing begin
_COURTESIES = ("greeting", "thanks", "goodbye", "ok")


def speaks_of(said: str, language: str, texts: Iterable[str], spoken: str) -> bool:
    """Do the owner's texts, in the language `spoken`, have the word, in another form, or in other words for the same?"""
    stems, starts, concepts = _subjects(tuple(texts), spoken)
    for one in _forms(said):
        own = word(one, language)
        if own.stem in stems or word(one, spoken).stem in stems:
            return True
        if (len(one) >= _PREFIX and one[:_PREFIX] in starts) or (_OPENING in starts and _OPENS.match(one)):
            return True
        if language != spoken and not concepts.isdisjoint(concepts_of(own, language)):
            return True
    return False


@lru_cache(maxsize=20_000)
def is_plain(said: str, language: str) -> bool:
    """Is it a word that claims nothing by itself?"""
    plain, stems = vocabulary.words("plain", language) | small_talk(language), _plain_stems(language)
    return any(one in plain or word(one, language).stem in stems for one in _forms(said))


@cache
def small_talk(language: str) -> frozenset[str]:
    """The words of greetings, thanks and goodbyes."""
    intents = vocabulary.load("intents")
    listed = " ".join(intents[kind][language].replace(",", " ") for kind in _COURTESIES)
    return frozenset(f"{listed} {vocabulary.load('plain')['small_talk'][language]}".split())


@cache
def obscenities() -> frozenset[str]:
    """Words that no business says."""
    return frozenset(vocabulary.load("plain")["never"]["words"].split())


def _forms(said: str) -> tuple[str, ...]:
    """The word, and the verb in it without its pronouns: escribinos, leerte."""
    bare = _PRONOUNS.sub("", said)
    return (said,) if bare == said else (said, bare)


@lru_cache(maxsize=1_024)
def _subjects(texts: tuple[str, ...], language: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Of all words of some texts: the stems, how the long ones begin, and the concepts they stand for."""
    said = {one for text in texts for one in words_in(flat_source(text))}
    read = [word(one, language) for one in said]
    return (
        frozenset(one.stem for one in read),
        frozenset(_OPENING if _OPENS.match(one) else one[:_PREFIX] for one in said if len(one) >= _PREFIX),
        frozenset(concept for one in read for concept in concepts_of(one, language)),
    )


@cache
def _plain_stems(language: str) -> frozenset[str]:
    return frozenset(
        read_word(one, language).stem for one in vocabulary.words("plain", language) if len(one) > 3
    )
