"""No forged signature passes the webhook's own check."""

import pytest

from benchmarks.forgery import BODY, FORGERIES, SECRETS, accepted, right_header, welch
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
