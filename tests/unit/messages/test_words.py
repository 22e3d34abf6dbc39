"""Words are compared as people mean them, not as they spell them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.messages.language import detect
from src.messages.lexicon import units
from src.messages.question import Question, Said
from src.messages.spelling import Speller
from src.messages.words import cut, readable, spelled, word


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("orario", "horario"),
        ("direxion", "dirección"),
        ("noxe", "noche"),
        ("kuanto", "cuánto"),
        ("serrado", "cerrado"),
    ],
)
def test_what_sounds_alike_is_alike(written: str, meant: str) -> None:
    (other,) = spelled(meant, "es")
    assert word(written, "es").stem == word(other, "es").stem


def test_abbreviations_are_written_out() -> None:
    assert spelled("a q hora abren mñn xfa", "es") == ["a", "que", "hora", "abren", "manana", "por", "favor"]
    assert spelled("qto custa hj vcs", "pt") == ["quanto", "custa", "hoje", "voces"]


def test_an_expression_may_have_small_words_inside() -> None:
    (unit,) = units("¿ya levantaron la persiana? levantan la persiana", "es")[-1:]
    assert "hours" in unit.concepts


def test_a_slip_is_mended_and_a_different_word_is_not() -> None:
    speller = Speller(["factura", "tarde", "estacionamiento"])
    assert speller.mend("facutra") == "factura"
    assert speller.mend("estacionamento") == "estacionamiento"
    assert speller.mend("tarea") == "tarea"


def test_invisible_characters_are_not_read() -> None:
    assert readable("ho\u200bla\U000e0041") == "hola"
    assert readable("ＩＧＮＯＲＡ") == "IGNORA"


@given(st.text(max_size=300), st.integers(8, 80))
def test_a_cut_text_fits_and_is_marked(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short) <= limit
    assert short.endswith("…") or short == " ".join(text.split())


def test_the_language_is_the_customers() -> None:
    assert detect(Question(("¿a qué hora abrís?",)), "pt") == "es"
    assert detect(Question(("que horas vocês fecham?",)), "es") == "pt"
    assert detect(Question(("when do you close?",)), "es") == "en"
    assert detect(Question(("ok",), (Said("customer", "do you have parking there?"),)), "es") == "en"
    assert detect(Question(("👍",)), "pt") == "pt"
