"""Knows what words of different people mean the same: `levantar la persiana`, `abrir` and `horario`."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from src.messages import vocabulary
from src.messages.words import Word, content

_GAP = 1  # words that may stand between those of an expression: "hasta qué hora *me* atienden"


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that a text speaks of: the stems of its words, and the concepts that they stand for."""

    stems: tuple[str, ...]
    concepts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Lexicon:
    sounds: dict[str, tuple[str, ...]]
    stems: dict[str, tuple[str, ...]]
    expressions: dict[str, list[tuple[tuple[str, ...], str]]]  # by the stem of the first word, longest first


def units(text: str, language: str) -> list[Unit]:
    """What a readable text speaks of, in order; an expression of several words is one unit."""
    known = _lexicon(language)
    words = content(text, language)
    found: list[Unit] = []
    at = 0
    while at < len(words):
        length, concepts = _expression(words, at, known)
        if not length:
            length, concepts = 1, concepts_of(words[at], language)
        found.append(Unit(tuple(one.stem for one in words[at : at + length]), concepts))
        at += length
    return found


def concepts_of(one: Word, language: str) -> tuple[str, ...]:
    """The concepts of a single word: by how it sounds, else by its stem."""
    known = _lexicon(language)
    return known.sounds.get(one.sound) or known.stems.get(one.stem, ())


def known_sounds(language: str) -> frozenset[str]:
    """Every single word of the vocabulary, as it sounds: what a misspelled word may have been."""
    return frozenset(_lexicon(language).sounds)


def _expression(words: list[Word], at: int, known: _Lexicon) -> tuple[int, tuple[str, ...]]:
    for stems, concept in known.expressions.get(words[at].stem, ()):
        end = at + 1
        for stem in stems[1:]:
            ahead = [one.stem for one in words[end : end + 1 + _GAP]]
            if stem not in ahead:
                break
            end += ahead.index(stem) + 1
        else:
            return end - at, (concept,)
    return 0, ()


@cache
def _lexicon(language: str) -> _Lexicon:
    sounds: dict[str, dict[str, None]] = defaultdict(dict)
    stems: dict[str, dict[str, None]] = defaultdict(dict)
    expressions: dict[str, dict[tuple[tuple[str, ...], str], None]] = defaultdict(dict)
    for concept, languages in vocabulary.concepts().items():
        for expression in languages.get(language, ()) + languages.get("all", ()):
            words = content(expression, language)
            if len(words) == 1:
                sounds[words[0].sound][concept] = None
                stems[words[0].stem][concept] = None
            elif words:
                expressions[words[0].stem][tuple(one.stem for one in words), concept] = None
    return _Lexicon(
        {sound: tuple(found) for sound, found in sounds.items()},
        {stem: tuple(found) for stem, found in stems.items()},
        {stem: sorted(found, key=lambda pair: -len(pair[0])) for stem, found in expressions.items()},
    )
