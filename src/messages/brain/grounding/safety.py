"""Holds what may harm a customer, allergies, pregnancy, medicines, to the owner's own words."""

import re
from functools import cache, lru_cache

from src.messages import vocabulary
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.flat import flat_source, negation, words_in
from src.messages.brain.grounding.grounds import Grounds
from src.messages.brain.grounding.subjects import is_plain
from src.messages.language import LANGUAGES
from src.messages.words import word

Part = tuple[str, ...]  # the stems of a part of a sentence, without light words

_PARTS = re.compile(
    r"[.,;:()!?\n]| (?:asi que|por eso|porque|ya que|pero|pois|porem|mas|entao|por isso|because|but|so|though) "
)


def check(grounds: Grounds) -> list[Failure]:
    """A failure for what rests on a source on what may harm, and is no part of a source's sentence as it stands.

    Also where the customer asks about harm, and a warning of the cited answers is left out.
    """
    careful = [
        text
        for texts in grounds.cited_texts
        if any(_touches(flat_source(one)) for one in texts)
        for text in texts
    ]
    if not grounds.is_answer or not (careful or _touches(grounds.claims.flat)):
        return []
    own = [part for text in grounds.answers for part in _source_parts(text, grounds.spoken)]
    given = [part for part in _PARTS.split(grounds.claims.flat) if not _is_free(part, careful, grounds)]
    said = [_stems(part, grounds.spoken) for part in given]
    for part, stems in zip(given, said, strict=True):
        if not any(_repeats(stems, one, grounds.spoken) for one in own):
            why = f'What may harm is told in the very words of {grounds.names}; "{part.strip()[:60]}" is not.'
            return [Failure("safety", why)]
    if _touches(grounds.heard) and not all(
        any(_repeats(one, warning, grounds.spoken) for one in said) for warning in _warnings(grounds)
    ):
        return [Failure("safety", f"A warning of the cited sources {grounds.names} is left out.")]
    return []


def _is_free(part: str, careful: list[str], grounds: Grounds) -> bool:
    """Is it a courtesy, or of another cited source, so that it says nothing of what may harm?"""
    words = [one for one in words_in(part) if one not in _light(grounds.language)]
    if _touches(part):
        return False
    if all(is_plain(one, grounds.language) for one in words) and _allows().isdisjoint(words):
        return True
    others = {one for text in grounds.texts if text not in careful for one in words_in(flat_source(text))}
    return bool(others) and all(one in others or is_plain(one, grounds.language) for one in words)


def _repeats(said: Part, own: Part, language: str) -> bool:
    """Are the words the other's, in their order, with every denial?"""
    left = iter(own)
    denials = _denials(language)
    return all(one in left for one in said) and (
        [one for one in said if one in denials] == [one for one in own if one in denials]
    )


def _warnings(grounds: Grounds) -> list[Part]:
    """The parts of the cited answers that deny something of what may harm, cut down to what an answer needs of them."""
    texts = [flat_source(text) for text in grounds.answers]
    parts = (part for text in texts for part in _PARTS.split(text) if _touches(part))
    return [
        _stems(part, grounds.spoken)
        for part in parts
        if re.search(negation(grounds.spoken), re.sub(r"\b(?:sin|sem|without) ", "", part))
    ]


@lru_cache(maxsize=8_192)
def _source_parts(text: str, language: str) -> tuple[Part, ...]:
    return tuple(_stems(part, language) for part in _PARTS.split(flat_source(text)))


def _stems(part: str, language: str) -> Part:
    light = _light(language)
    return tuple(word(one, language).stem for one in words_in(part) if one not in light)


def _touches(flat_text: str) -> bool:
    """Does it speak of what may harm?"""
    return _subjects().search(flat_text) is not None


@cache
def _subjects() -> re.Pattern[str]:
    listed = vocabulary.load("safety")["subjects"]
    expressions = sorted(
        {one.strip() for language in LANGUAGES for one in listed[language].split(",")}, key=len
    )
    return re.compile(
        rf"\b(?:{'|'.join(one.replace('*', chr(92) + 'w*') for one in reversed(expressions))})\b"
    )


@cache
def _light(language: str) -> frozenset[str]:
    return frozenset(vocabulary.load("safety")["light"][language].split())


@cache
def _allows() -> frozenset[str]:
    return frozenset(vocabulary.load("safety")["allows"]["words"].split())


@cache
def _denials(language: str) -> frozenset[str]:
    words = vocabulary.load("safety")["denials"]["words"].split()
    return frozenset(word(one, language).stem for one in words)
