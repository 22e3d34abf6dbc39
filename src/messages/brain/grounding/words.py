"""Holds the words of a draft against its sources: each sentence speaks of what they speak of, or of nothing at all."""

import re
from functools import cache, lru_cache

from src.messages import vocabulary
from src.messages.brain.grounding.addresses import without_addresses
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.flat import flat, flat_source, words_in
from src.messages.brain.grounding.grounds import Grounds
from src.messages.decision import DecisionKind
from src.messages.lexicon import concepts_of
from src.messages.words import word

_PREFIX = 5  # letters that words of one family share, also in two languages: anual, annual
_FEW, _MANY = 3, 4  # words that no source has, in the owner's language and in another
_CAPITALS = re.compile(r"(?<![\w'])[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ'&]{2,}(?![\w])")
_CODES = re.compile(r"(?<!\w)[\w-]*[^\W\d_][-_]?\d[\w-]*")
_PRONOUNS = re.compile(r"(?<=\w{4})(?:se)?(?:nos|os|te|me|les?|l[oa]s?)$")
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
    text = re.sub(r"[\u200b-\u200f]", "", grounds.draft.text)
    plain = without_addresses(grounds.flat)
    shouted = [one for one in _CAPITALS.findall(text) if not _is_plain(flat(one), grounds.language)]
    coded = [one for one in _CODES.findall(plain) if not re.fullmatch(r"\d+\w*|(?:r|us|u|s)\d+", one)]
    known = set(re.findall(r"[\w-]+", f"{grounds.flat_sources} {flat(grounds.config.name or '')}"))
    strange = [one for one in (*shouted, *coded) if flat(one).strip() not in known]
    return [
        Failure("words", f'"{one[:40]}" is not in the cited sources {grounds.names}.') for one in strange[:3]
    ]


def _obscene(grounds: Grounds) -> list[Failure]:
    said = set(words_in(grounds.claims.flat)) & _never()
    return (
        [Failure("words", "A business does not speak like that.")]
        if said - set(words_in(grounds.flat_sources))
        else []
    )


@cache
def _never() -> frozenset[str]:
    return frozenset(vocabulary.load("plain")["never"]["words"].split())


def _foreign(grounds: Grounds) -> list[Failure]:
    """A sentence of words that neither its sources nor any answer's courtesy has."""
    for start, end in grounds.claims.places:
        sentence = grounds.claims.flat[start:end]
        if _NOT_KNOWN.search(sentence):
            continue
        told = [one for one in dict.fromkeys(words_in(sentence)) if _tells(one, grounds)]
        strange = [one for one in told if not _is_spoken_of(one, grounds)]
        if strange and _is_foreign(strange, len(told) - len(strange) + _held(start, end, grounds), grounds):
            shown = " ".join(strange[:4])[:60]
            return [Failure("words", f'The cited sources {grounds.names} do not speak of this: "{shown}".')]
    return []


def _held(start: int, end: int, grounds: Grounds) -> int:
    """How much a sentence's numbers, which are held by themselves, say of what it speaks of: in a translation."""
    if grounds.language == grounds.spoken:
        return 0
    return sum(start < mention.at <= end for mention in grounds.claims.mentions)


def _is_foreign(strange: list[str], spoken_of: int, grounds: Grounds) -> bool:
    """Are there too many words that no source has? In another language than the owner's, a few are only translated."""
    if grounds.draft.kind == DecisionKind.SMALLTALK:
        return True
    echoed = sum(one in grounds.customers_words for one in strange)
    if grounds.language != grounds.spoken:
        alone = spoken_of == 0 and (len(strange) >= _FEW or echoed > 0)
        return alone or (len(strange) >= _MANY and len(strange) > 2 * spoken_of)
    weight = len(strange) + echoed
    return spoken_of == 0 or (weight >= _FEW and weight > spoken_of)


def _tells(said: str, grounds: Grounds) -> bool:
    """Is it a word that claims something, and no name of the business or the customer?"""
    return len(said) > 1 and said not in grounds.people and not _is_plain(said, grounds.language)


def _is_spoken_of(said: str, grounds: Grounds) -> bool:
    """Do the sources have the word, in another form, in another language, or in other words for the same?"""
    stems, starts, concepts = _subjects(tuple(grounds.texts), grounds.spoken)
    for one in _forms(said):
        read = {word(one, grounds.language), word(one, grounds.spoken)}
        if any(form.stem in stems for form in read) or (len(one) >= _PREFIX and one[:_PREFIX] in starts):
            return True
        if not concepts.isdisjoint(concepts_of(word(one, grounds.language), grounds.language)):
            return True
    return grounds.draft.kind == DecisionKind.SMALLTALK and (
        _is_small(said, grounds.language) or _is_business(said, grounds)
    )


def _forms(said: str) -> tuple[str, ...]:
    """The word, and the verb in it without its pronouns: escribinos, leerte."""
    bare = _PRONOUNS.sub("", said)
    return (said,) if bare == said else (said, bare)


def _is_small(said: str, language: str) -> bool:
    small = vocabulary.load("plain")["small_talk"][language].split()
    return said in small or any(said in listed.split() for listed in _courtesies(language))


@cache
def _courtesies(language: str) -> tuple[str, ...]:
    kinds = vocabulary.load("intents")
    return tuple(kinds[kind][language].replace(",", " ") for kind in ("greeting", "thanks", "goodbye", "ok"))


def _is_business(said: str, grounds: Grounds) -> bool:
    start = said[: max(4, len(said) - 2)]
    return any(start in faq.q.lower() or start in faq.a.lower() for faq in grounds.config.faqs)


@lru_cache(maxsize=512)
def _subjects(texts: tuple[str, ...], language: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Of all words of some sources: the stems, how the long ones begin, and the concepts they stand for."""
    said = {one for text in texts for one in words_in(flat_source(text))}
    read = [word(one, language) for one in said]
    return (
        frozenset(one.stem for one in read),
        frozenset(one[:_PREFIX] for one in said if len(one) >= _PREFIX),
        frozenset(concept for one in read for concept in concepts_of(one, language)),
    )


@lru_cache(maxsize=20_000)
def _is_plain(said: str, language: str) -> bool:
    """Is it a word that claims nothing by itself?"""
    plain, stems = vocabulary.words("plain", language), _plain_stems(language)
    return any(one in plain or word(one, language).stem in stems for one in _forms(said))


@cache
def _plain_stems(language: str) -> frozenset[str]:
    return frozenset(word(one, language).stem for one in vocabulary.words("plain", language) if len(one) > 3)
