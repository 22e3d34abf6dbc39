"""Holds the words of a draft against its sources: each sentence speaks of what they speak of, or of nothing at all."""

import re

from src.core.visible import clean
from src.messages.brain.grounding.addresses import without_addresses
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.flat import flat, words_in
from src.messages.brain.grounding.grounds import Grounds
from src.messages.brain.grounding.subjects import is_plain, obscenities, speaks_of
from src.messages.decision import DecisionKind

_FEW, _MANY = 3, 5  # words that no source has, in another language: in a sentence of nothing else, in any
_HELD_MOST = 2  # numbers that speak for a sentence
_SHORT = 4  # words of a sentence that is hardly one
_NAME_COUNTS = 3  # a name that is nobody's of the business counts as so many words
_CAPITALS = re.compile(r"(?<![\w'])[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ'&]{2,}(?![\w])")
_CODES = re.compile(r"(?<![\w-])[\w-]{0,30}?[^\W\d_][-_]?\d[\w-]{0,30}")
_MEASURE = re.compile(r"\d+[^\W\d_]*(?:-\d+[^\W\d_]*)*|\d{1,2}h\d{2}|(?:r|us|u|s)\d+")
_FELT, _WISHED = 8, 4  # words of a sentence that congratulates or is sorry, and of a wish
_WISH = re.compile(
    r"\W*(?:buen|buena|feliz|que te mejores|que se mejore|bom|boa|happy|enjoy|good luck|get well)\b"
)
_FEELING = re.compile(
    r"\W*(?:muchas |muitos )?(?:felicitaciones|felicidades|enhorabuena|parabens|congratulations|congrats|lamento|siento|lamentamos|sentimos"
    r"|sinto|que (?:alegria|lindo|bueno|bom|legal)|sorry|i'm sorry|we're sorry)\b"
)
_PARTS = re.compile(r", | (?:y|e|o|u|ni|ou|nem|and|or|mas|pero|but) ")
_NOT_KNOWN = re.compile(
    r"\bno (?:tengo|tenemos|cuento|contamos|dispongo|disponemos|encuentro|hay|se encuentra|figura|aparece|consta|sabria|se indica"
    r"|se menciona|se especifica|te puedo|le puedo|puedo|podria|se si|lo se|me consta)\b|\bnao (?:tenho|temos|encontrei|sei|consta"
    r"|posso|ha|aparece|esta informado|saberia)\b|\b(?:don't|do not|doesn't|does not|can't|cannot) (?:have|know|see|confirm|say|mention|specify|list)"
    r"|\b(?:isn't|is not|not) (?:listed|mentioned|specified|sure|stated)\b|\bno (?:information|details)\b"
)


def check(grounds: Grounds) -> list[Failure]:
    """A failure for a sentence that speaks of something else, for shouted words and codes, and for obscenities."""
    return [*_codes(grounds), *_obscene(grounds), *_foreign(grounds)]


def _codes(grounds: Grounds) -> list[Failure]:
    """Words in capitals, and words with digits in them, that no source has: passwords, coupons, ids."""
    shouted = [flat(one) for one in _CAPITALS.findall(clean(grounds.draft.text))]
    coded = [one for one in _CODES.findall(without_addresses(grounds.flat)) if not _MEASURE.fullmatch(one)]
    given = f"{grounds.flat_sources} {without_addresses(grounds.flat_sources)}"
    known = {*re.findall(r"[\w-]+", given), *re.findall(r"[\w'&]+", given), *grounds.people}
    strange = [one for one in (*shouted, *coded) if one not in known and not is_plain(one, grounds.language)]
    return [
        Failure("words", f'"{one[:40]}" is not in the cited sources {grounds.names}.') for one in strange[:3]
    ]


def _obscene(grounds: Grounds) -> list[Failure]:
    said = obscenities().intersection(words_in(grounds.claims.flat))
    if said.difference(words_in(grounds.flat_sources)):
        return [Failure("words", "A business does not speak like that.")]
    return []


def _foreign(grounds: Grounds) -> list[Failure]:
    """A sentence of words that neither its sources nor any answer's courtesy has."""
    for start, end in grounds.claims.places:
        said = words_in(grounds.claims.flat[start:end])
        told = [one for one in dict.fromkeys(said) if _tells(one, grounds)]
        strange = [one for one in told if not _is_spoken_of(one, grounds)]
        if not strange or _NOT_KNOWN.search(grounds.claims.flat, start, end):
            continue
        if any(grounds.claims.flat[start:end].strip() in text.flat for text in grounds.as_claims):
            continue  # a source's own words
        if _is_kind(grounds.claims.flat[start:end], strange, grounds):
            continue
        spoken_of = len(told) - len(strange) + _held(start, end, grounds)
        if _is_foreign(strange, spoken_of, len(said), grounds) or _has_foreign_part(
            start, end, strange, grounds
        ):
            shown = " ".join(strange[:4])[:60]
            return [Failure("words", f'The cited sources {grounds.names} do not speak of this: "{shown}".')]
    return []


def _is_kind(sentence: str, strange: list[str], grounds: Grounds) -> bool:
    """A wish, or a short sentence that congratulates or is sorry: it may name what the customer told."""
    length = len(words_in(sentence))
    if _WISH.match(sentence) and length <= _WISHED:
        return True
    told = grounds.question.texts
    felt = length <= _FELT and _FEELING.match(sentence) is not None
    return felt and all(speaks_of(one, grounds.language, told, grounds.language) for one in strange)


def _held(start: int, end: int, grounds: Grounds) -> int:
    """How much a sentence's numbers, which are held by themselves, say of what it speaks of."""
    held = sum(start < mention.at <= end for mention in grounds.claims.mentions)
    return held if grounds.language != grounds.spoken else min(held, _HELD_MOST)


def _is_foreign(strange: list[str], spoken_of: int, length: int, grounds: Grounds) -> bool:
    """Are there too many words that no source has? In another language than the owner's, a few are only translated."""
    if grounds.draft.kind == DecisionKind.SMALLTALK:
        return True
    if grounds.told:
        own = len(set(strange) - grounds.customers_words)
        return (spoken_of == 0 and own >= _FEW) or (own >= _MANY and own > 2 * spoken_of)
    echoed = sum(one in grounds.customers_words for one in strange)
    names = len(grounds.names_inside.intersection(strange))
    if grounds.language != grounds.spoken:
        alone = spoken_of == 0 and (len(strange) >= _FEW or echoed > 0)
        return alone or (len(strange) >= _MANY and len(strange) > 2 * spoken_of)
    weight = len(strange) + echoed + (_NAME_COUNTS - 1) * names
    return (
        spoken_of == 0
        or weight > max(spoken_of, 1)
        or (weight >= _FEW and weight >= spoken_of)
        or (length <= _SHORT and len(strange) >= spoken_of)
    )


def _has_foreign_part(start: int, end: int, strange: list[str], grounds: Grounds) -> bool:
    """Is a part of the sentence, between commas or behind an "and", of strange words alone, and of two at least?"""
    if grounds.told or grounds.language != grounds.spoken:
        return False
    for part in _PARTS.split(grounds.claims.flat[start:end]):
        told = [one for one in dict.fromkeys(words_in(part)) if _tells(one, grounds)]
        if len(told) > 1 and set(told) <= set(strange):
            return True
    return False


def _tells(said: str, grounds: Grounds) -> bool:
    """Is it a word that claims something, and no name of the business or the customer?"""
    return len(said) > 1 and said not in grounds.people and not is_plain(said, grounds.language)


def _is_spoken_of(said: str, grounds: Grounds) -> bool:
    """Do the sources speak of it? In small talk: did the customer, of something of the business's?"""
    if speaks_of(said, grounds.language, grounds.subjects, grounds.spoken):
        return True
    if grounds.draft.kind != DecisionKind.SMALLTALK:
        return False
    start = said[: max(4, len(said) - 2)]
    return said in grounds.customers_words and any(
        start in faq.q.lower() or start in faq.a.lower() for faq in grounds.config.faqs
    )
