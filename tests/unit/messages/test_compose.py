"""Whatever is decided becomes messages that WhatsApp takes."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from src.messages.compose import compose, split
from src.messages.decision import Clarify, Reply
from src.messages.question import Option


def offer(*options: Option, language: str = "es") -> Any:
    (message,) = compose(Clarify("¿Cuál?", options, language))
    return message["interactive"]


def test_a_reply_is_a_text_without_preview() -> None:
    assert compose(Reply("Sí.", ("a",))) == ({"type": "text", "text": {"body": "Sí.", "preview_url": False}},)


@given(st.text(max_size=200), st.integers(1, 60))
def test_no_part_is_longer_than_the_limit_and_no_word_is_lost(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(0 < len(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_long_text_is_cut_at_its_sentences() -> None:
    text = "Una frase corta. Otra frase algo más larga. Y la última."
    assert split(text, 30) == ["Una frase corta.", "Otra frase algo más larga.", "Y la última."]


def test_paragraphs_are_kept_together_where_they_fit() -> None:
    assert split("Uno dos tres.\n\nCuatro. Cinco.", 20) == ["Uno dos tres.", "Cuatro. Cinco."]


def test_an_emoji_with_its_skin_tone_stays_whole() -> None:
    assert split("x" * 9 + "👍🏽" + "y" * 5, 10) == ["x" * 9, "👍🏽" + "y" * 5]


def test_few_short_labels_are_buttons_with_a_person_where_there_is_room() -> None:
    shown = offer(
        Option("a", "Entre semana", "¿Qué horario…?"), Option("b", "Fin de semana", "¿Y los sábados?")
    )
    assert shown["type"] == "button"
    assert [b["reply"]["id"] for b in shown["action"]["buttons"]] == ["faq:a", "faq:b", "person"]


def test_a_label_that_would_be_cut_makes_it_a_list() -> None:
    shown = offer(Option("a", "¿Cuánto cuesta una…", "¿Cuánto cuesta una tarta?"), Option("b", "Pago", None))
    assert shown["type"] == "list"
    rows = shown["action"]["sections"][0]["rows"]
    assert rows[0] == {
        "id": "faq:a",
        "title": "¿Cuánto cuesta una…",
        "description": "¿Cuánto cuesta una tarta?",
    }
    assert rows[-1]["id"] == "person"


def test_two_buttons_never_have_one_label() -> None:
    assert offer(Option("a", "Precio", "¿Corte?"), Option("b", "precio", "¿Barba?"))["type"] == "list"


options = st.builds(
    Option,
    st.text(st.characters(categories=("L", "N")), min_size=1, max_size=64),
    st.text(min_size=1, max_size=24),
    st.none() | st.text(min_size=1, max_size=72),
)


@given(
    st.lists(options, min_size=2, max_size=9, unique_by=lambda o: o.faq_id),
    st.sampled_from(["es", "pt", "en"]),
)
def test_every_choice_keeps_metas_limits(listed: list[Option], language: str) -> None:
    shown = offer(*listed, language=language)
    if shown["type"] == "button":
        titles = [button["reply"]["title"] for button in shown["action"]["buttons"]]
        assert len(titles) <= 3
        assert all(len(title) <= 20 for title in titles)
    else:
        rows = shown["action"]["sections"][0]["rows"]
        assert len(rows) <= 10
        assert len(shown["action"]["button"]) <= 20
        assert all(len(row["title"]) <= 24 and len(row.get("description", "")) <= 72 for row in rows)
        assert len({row["id"] for row in rows}) == len(rows)
