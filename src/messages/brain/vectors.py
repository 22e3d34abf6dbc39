"""Finds the nearest of many vectors in a few ms without a library: by their signs first, then exactly."""

import math
import sys
from array import array
from collections.abc import Sequence
from heapq import nlargest, nsmallest
from operator import mul
from typing import TypeAlias

from src.messages.decision import Ranked

Vector: TypeAlias = "array[float]"

CLOSE = 64  # vectors that are compared exactly


class Vectors:
    """One vector of unit length for each id."""

    def __init__(self, ids: Sequence[str], vectors: Sequence[Vector]) -> None:
        self._ids, self._vectors = ids, vectors
        self._signs = [_signs(vector) for vector in vectors]

    def nearest(self, asked: Sequence[float], count: int) -> tuple[Ranked, ...]:
        """The ids by the cosine of their vector with the asked one (of unit length), at most `count`, best first."""
        signs = _signs(asked)
        apart = [(signs ^ own).bit_count() for own in self._signs]
        close = nsmallest(max(CLOSE, count), range(len(apart)), key=apart.__getitem__)
        cosines = {place: sum(map(mul, asked, self._vectors[place])) for place in close}
        best = nlargest(count, cosines, key=lambda place: (cosines[place], -place))
        return tuple(Ranked(self._ids[place], round(cosines[place], 4)) for place in best)


def unit(vector: Sequence[float]) -> Vector:
    """The vector with length 1; one of length 0 stays as it is."""
    length = math.sqrt(sum(map(mul, vector, vector))) or 1.0
    return array("f", (value / length for value in vector))


def packed(vector: Vector) -> bytes:
    """The vector as 32-bit floats, little-endian."""
    return _little_endian(array("f", vector)).tobytes()


def unpacked(content: bytes) -> Vector:
    """The vector that was `packed`."""
    return _little_endian(array("f", content))


def _little_endian(vector: Vector) -> Vector:
    if sys.byteorder == "big":
        vector.byteswap()
    return vector


def _signs(vector: Sequence[float]) -> int:
    """A bit for each number: is it above 0?"""
    return int("".join("1" if value > 0 else "0" for value in vector) or "0", 2)
