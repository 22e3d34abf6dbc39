"""The storm in small: whatever happens on the way, nothing is lost and nothing is doubled."""

import pytest

from benchmarks.storm import SCENES


@pytest.mark.parametrize(
    ("name", "count"),
    [("steady", 20), ("repeated", 27), ("batched", 4), ("burst", 20), ("unsigned", 10), ("killed", 40)],
)
def test_nothing_is_lost_or_doubled(name: str, count: int) -> None:
    scene, _ = SCENES[name]
    outcome = scene(count)
    assert (outcome.lost, outcome.doubled) == (0, 0), outcome
    if name == "burst":
        assert outcome.replies in (1, 2)
    elif name != "killed":
        assert outcome.replies == count
