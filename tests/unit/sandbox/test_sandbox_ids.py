"""Identifiers look like Meta's, and a number's is always the same."""

import base64
import re

import pytest

from sandbox import ids


@pytest.mark.parametrize("from_customer", [True, False])
def test_a_wamid_is_base64_over_the_customer(from_customer: bool) -> None:
    made = ids.wamid("34611203344", from_customer)
    assert made.startswith("wamid.HBgLMzQ2MTEyMDMzNDQVAgA" + ("S" if from_customer else "R"))
    assert b"34611203344" in base64.b64decode(made.removeprefix("wamid."), validate=True)


def test_wamids_are_unique() -> None:
    assert len({ids.wamid("34611203344", True) for _ in range(1000)}) == 1000


def test_a_long_identity_fits() -> None:
    assert ids.wamid("US." + "9" * 500, True).startswith("wamid.")


def test_a_number_id_is_digits_and_depends_on_the_number_alone() -> None:
    assert re.fullmatch(r"[1-9][0-9]{14}", ids.phone_number_id("34910000147"))
    assert ids.phone_number_id("34910000147") == ids.phone_number_id("34910000147")
    assert ids.phone_number_id("34910000147") != ids.phone_number_id("34910000148")


@pytest.mark.parametrize(
    ("number", "country"),
    [("34611203344", "ES"), ("5511912345678", "BR"), ("351912345678", "PT"), ("8613800138000", "US")],
)
def test_a_user_id_begins_with_a_country(number: str, country: str) -> None:
    assert re.fullmatch(country + r"\.[0-9]{20}", ids.user_id(number))


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("+34 611-20.33 (44)", "34611203344"),
        ("34611203344", "34611203344"),
        ("+1234567890", "1234567890"),
        ("1234", None),
        ("1" * 21, None),
        ("ES.123456", None),
        ("", None),
        ("+", None),
        ("++34611203344", None),
        ("٣٤٦١١٢٠٣٣٤٤", None),
    ],
)
def test_numbers_are_read_as_people_write_them(written: str, digits: str | None) -> None:
    assert ids.digits_of(written) == digits
