"""A number is E.164; an implausible one is a warning, not a refusal."""

import pytest

from src.accounts.numbers import normalise_number
from src.core.errors import Invalid


@pytest.mark.parametrize("number", ["+1234567890", "+123456789", "+5215512345678901"[:14], "+999123456789"])
def test_an_implausible_number_is_accepted_with_a_warning(number: str) -> None:
    normal, warning = normalise_number(number)
    assert normal == number
    assert warning is not None
    assert number in warning


@pytest.mark.parametrize(
    "written", ["+34 600 000 147", "+34600000147", "+34-600-000-147", "+34 (600) 000.147"]
)
def test_the_way_of_writing_does_not_matter(written: str) -> None:
    assert normalise_number(written) == ("+34600000147", None)


@pytest.mark.parametrize(
    "written",
    ["", "600000147", "+0123456789", "+34", "+34abc600147", "+1234567890123456", "tel:+34600000147"],
)
def test_another_shape_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(Invalid, match=r"\+34600000147") as error:
        normalise_number(written)
    assert error.value.extensions["errors"][0]["field"] == "phone_number"
