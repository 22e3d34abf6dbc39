"""Mends a misspelled word into the one known word that is a slip away from it."""

from collections import defaultdict
from collections.abc import Iterable

SHORTEST = 5  # letters of a word that is mended; shorter ones have too many neighbours
OTHER_LETTER = 7  # letters of a word in which one may be another: `tarea` is not `tarde`
_REMEMBERED = 4_096


class Speller:
    """The words, as they sound, that a text may have meant."""

    def __init__(self, sounds: Iterable[str]) -> None:
        self._by_start: dict[tuple[str, int], list[str]] = defaultdict(list)
        for sound in sorted(sounds):
            if sound.isalpha() and len(sound) >= SHORTEST:
                self._by_start[sound[0], len(sound)].append(sound)
        self._mended: dict[str, str] = {}

    def mend(self, sound: str) -> str:
        """The known word one slip away (a letter more, less, other, or two swapped), else the word itself."""
        if len(sound) < SHORTEST or not sound.isalpha():
            return sound
        found = self._mended.get(sound)
        if found is None:
            if len(self._mended) >= _REMEMBERED:
                self._mended.clear()
            found = self._mended[sound] = self._nearest(sound)
        return found

    def _nearest(self, sound: str) -> str:
        for length in (len(sound), len(sound) + 1, len(sound) - 1):
            for known in self._by_start.get((sound[0], length), ()):
                if one_slip(sound, known, len(sound) >= OTHER_LETTER):
                    return known
        return sound


def one_slip(one: str, other: str, another_letter: bool = True) -> bool:
    """Are two words, of lengths that differ by one at most, one slip apart?"""
    if len(one) > len(other):
        one, other = other, one
    at = 0
    while at < len(one) and one[at] == other[at]:
        at += 1
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    swapped = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    return swapped or (another_letter and one[at + 1 :] == other[at + 1 :])
