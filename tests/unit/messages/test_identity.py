"""A customer's number is found in every spelling, also where WhatsApp gives it with a digit more or less."""

import pytest

from src.core.errors import Invalid
from src.core.keyring import Keyring
from src.messages.identity import keys_of

KEYRING = Keyring("k" * 40)


@pytest.mark.parametrize(
    ("written", "wa_id"),
    [
        ("+34 600 00 01 47", "34600000147"),
        ("0034600000147", "34600000147"),
        ("34600000147", "34600000147"),
        ("\u202a+34 600-000-147\u202c", "34600000147"),
        ("+52 55 1234 5678", "5215512345678"),
        ("+52 1 55 1234 5678", "525512345678"),
        ("+54 11 1234 5678", "5491112345678"),
        ("+54 9 11 1234 5678", "541112345678"),
        ("+55 11 91234 5678", "551112345678"),
        ("+55 11 1234 5678", "5511912345678"),
    ],
)
def test_in_any_spelling(written: str, wa_id: str) -> None:
    assert KEYRING.lookup(f"wa:{wa_id}") in keys_of(KEYRING, written).numbers


def test_one_who_is_asked_for_in_two_ways_is_called_the_same() -> None:
    assert keys_of(KEYRING, "+34 600 000 147").first == keys_of(KEYRING, "0034600000147").first


def test_a_user_id_is_taken_as_it_is() -> None:
    found = keys_of(KEYRING, " ES.72615555153155722031 ")
    assert (found.user, found.numbers) == (KEYRING.lookup("user:ES.72615555153155722031"), ())
    assert found.first == found.user


@pytest.mark.parametrize(
    "written", ["", "655", "+", "hola que tal", "0", "12 34", "+34600000147000000", "ñandú", "a b"]
)
def test_what_is_neither_is_refused_and_the_field_named(written: str) -> None:
    with pytest.raises(Invalid) as refused:
        keys_of(KEYRING, written)
    assert refused.value.extensions["errors"][0]["field"] == "customer"
