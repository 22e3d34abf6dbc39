"""A key that was mistyped is known as such by its checksum."""

import re
import string

from hypothesis import given
from hypothesis import strategies as st

from src.core.api_key_text import PREFIX, is_whole, new_key

BASE62 = string.digits + string.ascii_letters


def test_a_key_has_a_prefix_that_scanners_know_and_fits_its_checksum() -> None:
    keys = {new_key() for _ in range(1_000)}
    assert len(keys) == 1_000
    for key in keys:
        assert re.fullmatch(r"rel_live_[0-9A-Za-z]{38}", key)
        assert is_whole(key)


@given(st.integers(len(PREFIX), len(PREFIX) + 37), st.sampled_from(BASE62))
def test_one_wrong_character_is_found_anywhere(place: int, wrong: str) -> None:
    key = new_key()
    mistyped = key[:place] + wrong + key[place + 1 :]
    assert is_whole(mistyped) is (mistyped == key)


@given(st.integers(len(PREFIX), len(PREFIX) + 36))
def test_two_neighbours_exchanged_are_found(place: int) -> None:
    key = new_key()
    mistyped = key[:place] + key[place + 1] + key[place] + key[place + 2 :]
    assert is_whole(mistyped) is (mistyped == key)


@given(st.text(max_size=60))
def test_rubbish_is_no_key(rubbish: str) -> None:
    assert not is_whole(PREFIX + rubbish)
    assert not is_whole(new_key() + rubbish) or rubbish == ""
