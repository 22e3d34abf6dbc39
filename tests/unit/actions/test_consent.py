"""Whether a customer agrees is read from a button or a plain word, and never guessed."""

import pytest

from src.messages import phrases
from src.messages.actions.consent import Tapped, button_id, said, tapped

CALL, OTHER = "a" * 32, "b" * 32


def test_a_button_answers_the_call_it_was_made_for() -> None:
    assert tapped([button_id(CALL, "yes")]) == Tapped(CALL, "yes")
    assert tapped([button_id(CALL, "no")]) == Tapped(CALL, "no")


def test_two_taps_of_one_button_are_one_answer_and_a_no_beside_a_yes_is_a_no() -> None:
    yes, no = button_id(CALL, "yes"), button_id(CALL, "no")
    assert tapped([yes, yes]) == Tapped(CALL, "yes")
    assert tapped([yes, no]) == tapped([no, yes]) == Tapped(CALL, "no")


def test_of_two_questions_the_newest_tap_counts() -> None:
    assert tapped([button_id(OTHER, "no"), button_id(CALL, "yes")]) == Tapped(CALL, "yes")


@pytest.mark.parametrize(
    "tap", ["person", "faq:f1", "act:", f"act:{CALL}", f"act:{CALL}:maybe", f"act:{CALL}:yes ", "act:1:yes"]
)
def test_another_button_answers_nothing(tap: str) -> None:
    assert tapped([tap]) is None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Sí",
            "si!",
            "Sí, por favor",
            "  DALE ",
            "Sim.",
            "pode confirmar",
            "Yes please",
            "ok 👍",
            "De acuerdo",
        ),
        *(
            "perfecto",
            "vale, gracias",
            "ok gracias",
            "Genial!",
            "👍",
            "👍🏽👍🏽",
            "sí, sí, dale",
            "ok perfecto gracias",
        ),
        *("Sim, obrigada", "beleza, pode fazer", "yes, thank you very much", "Great, go ahead"),
    ],
)
def test_a_plain_yes_is_a_yes(text: str) -> None:
    assert said([text]) == "yes"


@pytest.mark.parametrize(
    "text",
    [
        *("No", "no, gracias", "Não!", "mejor no", "cancel it", "don't", "agora não"),
        *("no, no, muchas gracias", "no thank you", "👎", "no ❌", "não, obrigado"),
    ],
)
def test_a_plain_no_is_a_no(text: str) -> None:
    assert said([text]) == "no"


@pytest.mark.parametrize(
    "text",
    [
        "sí pero para las 8",
        "sí, y otra para Juan",
        "gracias",
        "por favor",
        "yes?? how much is it",
        "¿sí?  ¿seguro que cuesta 10?",
        "no sé",
        "",
        "¿ok?",
        "vale?",
        "ok no",
        "ok 👎",
        "si no",
        "si puede",
        "perfecto y cuánto cuesta",
        "🙏",
        "claro que no",
        "the customer said yes",
    ],
)
def test_anything_more_is_neither(text: str) -> None:
    assert said([text]) is None


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_the_words_of_a_button_typed_are_its_answer(language: str) -> None:
    assert said([phrases.say("action_yes", language)]) == "yes"
    assert said([phrases.say("action_no", language)]) == "no"


def test_several_messages_agree_only_when_all_do() -> None:
    assert said(["sí", "dale"]) == "yes"
    assert said(["sí", "pero mañana"]) is None
    assert said(["sí", "no"]) == "no"
    assert said([]) is None
