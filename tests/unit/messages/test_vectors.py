"""The nearest vectors are found by their signs first, and then exactly."""

import random
from array import array

from src.messages.brain.vectors import Vector, Vectors, packed, unit, unpacked


def some(count: int, size: int = 256, seed: int = 1) -> list[Vector]:
    chance = random.Random(seed)
    return [unit([chance.gauss(0, 1) for _ in range(size)]) for _ in range(count)]


def test_a_vector_near_to_one_of_2000_finds_it() -> None:
    vectors = some(2_000)
    index = Vectors([str(n) for n in range(2_000)], vectors)
    chance = random.Random(2)
    for wanted in range(0, 2_000, 199):
        asked = unit([value + chance.gauss(0, 0.05) for value in vectors[wanted]])
        found = index.nearest(asked, 5)
        assert found[0].id == str(wanted)
        assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_scores_are_cosines() -> None:
    index = Vectors(["same", "across", "opposite"], [unit(v) for v in ([2.0, 0.0], [0.0, 3.0], [-1.0, 0.0])])
    assert {one.id: one.score for one in index.nearest(unit([1.0, 0.0]), 3)} == {
        "same": 1.0,
        "across": 0.0,
        "opposite": -1.0,
    }


def test_no_more_than_there_are_and_none_of_none() -> None:
    assert len(Vectors(["a"], some(1)).nearest(some(1)[0], 9)) == 1
    assert Vectors([], []).nearest(some(1)[0], 9) == ()


def test_a_vector_is_kept_as_little_endian_floats() -> None:
    assert packed(array("f", [1.0, -2.0])) == bytes.fromhex("0000803f000000c0")
    (vector,) = some(1)
    assert unpacked(packed(vector)) == vector
    assert len(packed(vector)) == 1_024


def test_a_vector_of_nothing_stays_nothing() -> None:
    assert list(unit([0.0, 0.0])) == [0.0, 0.0]
