"""One message each six seconds to one person, or a burst that has to be paid for."""

from sandbox.pace import PairLimit


def limit() -> PairLimit:
    made = PairLimit()
    made.turn(True)
    return made


def test_without_being_turned_on_nothing_is_limited() -> None:
    pair = PairLimit()
    assert all(pair.admits("1", "a", 0.0) for _ in range(1000))


def test_a_message_each_six_seconds_always_goes() -> None:
    pair = limit()
    assert all(pair.admits("1", "a", 6.0 * count) for count in range(100))


def test_a_burst_of_45_goes_and_no_more() -> None:
    pair = limit()
    assert [pair.admits("1", "a", 0.1 * count) for count in range(46)] == [True] * 45 + [False]


def test_a_burst_of_20_is_paid_with_two_minutes() -> None:
    pair = limit()
    assert all(pair.admits("1", "a", 0.0) for _ in range(20))
    assert not pair.admits("1", "a", 6.0)
    assert not pair.admits("1", "a", 119.9)
    assert pair.admits("1", "a", 120.0)


def test_pairs_do_not_share() -> None:
    pair = limit()
    assert all(pair.admits("1", "a", 0.0) for _ in range(45))
    assert pair.admits("1", "b", 0.0)
    assert pair.admits("2", "a", 0.0)
    assert not pair.admits("1", "a", 0.0)


def test_turning_it_forgives() -> None:
    pair = limit()
    assert all(pair.admits("1", "a", 0.0) for _ in range(45))
    pair.turn(True)
    assert pair.admits("1", "a", 0.0)
