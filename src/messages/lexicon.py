"""Knows what words of different people mean the same: `levantar la persiana`, `abrir` and `horario`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from src.messages import vocabulary
from src.messages.phrasebook import Phrasebook
from src.messages.words import Word, is_stop, read_word, words

WEAK = 0.4  # what a word counts that is said of many things: `venden`, `dónde`, `cuánto`
WHOM = 0.6  # what a word counts that says for whom: it rarely is what the question is about
_FOR_WHOM = frozenset(("pet", "cat", "children", "adult", "woman", "man", "group", "age"))


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that a text speaks of: the stems of its words, the concepts they stand for, and its weight."""

    stems: tuple[str, ...]
    concepts: tuple[str, ...]
    weight: float = 1.0


def units(text: str, language: str, mend: Callable[[Word], Word] = lambda one: one) -> list[Unit]:
    """What a readable text speaks of, in order; an expression of several words is one unit. `mend` spells."""
    book, light = _book(language), weak(language)
    said = [one if is_stop(one, language) else mend(one) for one in words(text, language)]
    keys = book.keys(said)
    found: list[Unit] = []
    taken: set[int] = set()
    for at, one in enumerate(said):
        if at in taken:
            continue
        places, concepts = book.sequence(keys, at)
        if places and not taken.intersection(places):
            taken.update(places)
            stems = tuple(said[place].stem for place in places if not is_stop(said[place], language))
            found.append(Unit(stems, concepts))
        elif not is_stop(one, language):
            concepts = book.single(one)
            found.append(Unit((one.stem,), concepts, WEAK if one.stem in light else _weight(concepts)))
    return found


def _weight(concepts: tuple[str, ...]) -> float:
    return WHOM if concepts and _FOR_WHOM.issuperset(concepts) else 1.0


def concepts_of(one: Word, language: str) -> tuple[str, ...]:
    """The concepts of a single word: by how it sounds, else by its stem."""
    return _book(language).single(one)


def known_sounds(language: str) -> frozenset[str]:
    """Every word of the vocabulary, as it sounds: what a misspelled word may have been."""
    return _book(language).known_sounds


@cache
def _book(language: str) -> Phrasebook:
    concepts = vocabulary.concepts()
    return Phrasebook({concept: said.get(language, ()) for concept, said in concepts.items()}, language)


@cache
def weak(language: str) -> frozenset[str]:
    """The stems of words that are said of many things."""
    return frozenset(read_word(one, language).stem for one in vocabulary.words("weak", language))
