"""After it has asked back, the bot understands what was chosen."""

import pytest

from src.messages.decision import Clarify, DecisionKind, HandOff, Reply, Unanswerable
from src.messages.question import Option, Question
from tests.unit.messages.bakery import CARD, DOG, WEEK, WEEKEND, answered, asks, chooses


@pytest.mark.parametrize(
    "said", ["1", "la primera", "el 1", "opción 1", "the first one", "a primeira", "sí", "la de entre semana"]
)
def test_the_first_option_is_chosen(said: str) -> None:
    assert chooses(said, "week", "weekend").text == WEEK


@pytest.mark.parametrize(
    "said", ["2", "el 2", "la segunda", "la última", "a última", "dos", "the last one", "fin de semana"]
)
def test_the_second_option_is_chosen(said: str) -> None:
    assert chooses(said, "week", "weekend").text == WEEKEND


def test_both_may_be_chosen() -> None:
    assert chooses("las dos", "week", "weekend").text == f"{WEEK}\n\n{WEEKEND}"
    assert chooses("1 y 2", "week", "weekend").text == f"{WEEK}\n\n{WEEKEND}"


@pytest.mark.parametrize("said", ["ninguna", "otra cosa", "none of these", "nenhuma"])
def test_none_of_them_calls_a_person(said: str) -> None:
    assert isinstance(chooses(said, "week", "weekend"), HandOff)


def test_a_number_that_was_not_offered_chooses_nothing() -> None:
    assert not isinstance(chooses("7", "week", "weekend"), Reply)


def test_a_new_question_is_no_choice() -> None:
    assert chooses("¿puedo ir con mi perro?", "week", "weekend").text == DOG


def test_it_is_not_asked_back_twice_in_a_row() -> None:
    assert isinstance(asks("¿a qué hora abren?"), Clarify)
    options = (Option("card", "Formas de pago", None), Option("dog", "Perros", None))
    again = answered(Question(("¿a qué hora abren?",), offered=options))
    assert isinstance(again, Unanswerable)


def test_a_tap_is_answered_however_late() -> None:
    assert asks(tapped=("faq:card",)).text == CARD
    assert asks(tapped=("faq:card",), before="¿a qué hora abren?").text == CARD


def test_a_tap_on_a_removed_faq_is_met_honestly() -> None:
    decision = asks(tapped=("faq:gone",))
    assert isinstance(decision, Unanswerable)
    assert "ya no está disponible" in decision.text


def test_the_way_to_a_person_can_be_tapped() -> None:
    assert asks(tapped=("person",)).kind == DecisionKind.HANDOFF
