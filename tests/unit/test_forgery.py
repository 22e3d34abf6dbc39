"""No forged signature passes the webhook's own check."""

import pytest

from benchmarks.forgery import BODY, FORGERIES, SECRETS, accepted, mann_whitney, right_header, timing, welch
from src.core.security import signed_by


def test_no_forgery_of_any_kind_is_accepted() -> None:
    assert accepted(200 * len(FORGERIES), seed=7) == 0


@pytest.mark.parametrize("secret", SECRETS)
def test_the_right_one_is(secret: bytes) -> None:
    assert signed_by(SECRETS, BODY, right_header(BODY, secret))


def test_a_difference_in_time_would_be_seen() -> None:
    same, slower = list(range(900, 1100)), list(range(950, 1150))
    assert abs(welch(same, same)[1]) < 0.1
    assert welch(slower, same)[1] > 5
    assert mann_whitney(same, same) == (0.5, 0.0)
    share, z = mann_whitney(slower, same)
    assert share > 0.7
    assert z > 5


def test_ranks_are_those_of_the_textbook() -> None:
    # Mann and Whitney's hare and tortoise: U = 11 of 36, and with ties halves.
    assert mann_whitney([1, 7, 8, 9, 10, 11], [2, 3, 4, 5, 6, 12])[0] == 25 / 36
    assert mann_whitney([1, 2], [2, 3])[0] == 0.5 / 4


def test_each_length_is_timed_with_as_many_of_both() -> None:
    assert [(one.prefix, one.comparisons) for one in timing(20)] == [(1, 20), (8, 20), (32, 20), (63, 20)]
