"""Recognises expressions in a text by their stems, with small words in between: "levantan *la* persiana"."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from src.messages.words import Word, read_word, spelled

_SHORT = 3  # letters up to which a word is compared as it is written
_TELLING_STEM = 4  # letters from which a stem tells what a word is: `pes` is of pesos, pesas and peces
_GAP = 2  # words that may stand between those of an expression


class Phrasebook:
    """Expressions of one language, each of one word or several, and what they stand for.

    Several words are compared by their stems; with `exact` by how they sound: "me cobraron" is not "me cobran".
    """

    def __init__(self, table: Mapping[str, Iterable[str]], language: str, exact: bool = False) -> None:
        self._exact = exact
        sounds: dict[str, dict[str, None]] = defaultdict(dict)
        stems: dict[str, dict[str, None]] = defaultdict(dict)
        sequences: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
        known: set[str] = set()
        for meaning, expressions in table.items():
            for expression in expressions:
                said = [read_word(one, language) for one in spelled(expression, language)]
                known.update(one.sound for one in said)
                if len(said) == 1:
                    sounds[said[0].sound][meaning] = None
                    if len(said[0].stem) >= _TELLING_STEM:
                        stems[said[0].stem][meaning] = None
                elif said:
                    sequences[tuple(map(self._key, said))][meaning] = None
        self.known_sounds = frozenset(known)
        # Thousands of expressions have a few hundred meanings: each is kept once.
        once: dict[tuple[str, ...], tuple[str, ...]] = {}

        def meanings(found: Iterable[str]) -> tuple[str, ...]:
            together = tuple(found)
            return once.setdefault(together, together)

        self._sounds = {sound: meanings(found) for sound, found in sounds.items()}
        self._stems = {stem: meanings(found) for stem, found in stems.items()}
        self._sequences: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        for sequence in sorted(sequences, key=len, reverse=True):
            self._sequences.setdefault(sequence[0], []).append((sequence, meanings(sequences[sequence])))

    def _key(self, one: Word) -> str:
        if not self._exact:
            return one.stem
        return one.sound if len(one.text) > _SHORT else one.text  # "es" and "ex" sound alike

    def single(self, one: Word) -> tuple[str, ...]:
        """What a word by itself stands for: by how it sounds, else by its stem."""
        return self._sounds.get(one.sound) or self._stems.get(one.stem, ())

    def keys(self, said: Iterable[Word]) -> list[str]:
        """What `sequence` compares of each word."""
        return [self._key(one) for one in said]

    def sequence(self, said: list[str], at: int) -> tuple[list[int], tuple[str, ...]]:
        """The places of the longest expression of several words that begins at `at`, and what it stands for."""
        for keys, meanings in self._sequences.get(said[at], ()):
            places = [at]
            for key in keys[1:]:
                ahead = said[places[-1] + 1 : places[-1] + 2 + _GAP]
                if key not in ahead:
                    break
                places.append(places[-1] + 1 + ahead.index(key))
            else:
                return places, meanings
        return [], ()

    def spotted(self, said: list[Word]) -> dict[str, list[int]]:
        """Everything that is meant anywhere in a text, with the places of its words."""
        found: dict[str, list[int]] = {}
        keys = self.keys(said)
        for at, one in enumerate(said):
            places, meanings = self.sequence(keys, at)
            for meaning in meanings:
                found.setdefault(meaning, []).extend(places)
            if not places and one.sound in self._sounds:
                for meaning in self._sounds[one.sound]:
                    found.setdefault(meaning, []).append(at)
        return found
