"""An FAQ without an id keeps the id of an equal question; an id is never used again."""

import pytest
from pydantic import ValidationError

from src.accounts.agent_input import FaqInput, FaqsInput
from src.accounts.faq_ids import normal, number_faqs


def faq(question: str, faq_id: str | None = None) -> FaqInput:
    return FaqInput(q=question, a="sí", id=faq_id)


def ids(*given: FaqInput, present: tuple[FaqInput, ...] = (), next_faq: int = 1) -> list[str]:
    before, fresh = number_faqs(present, (), next_faq)
    return [found.id for found in number_faqs(given, before, fresh)[0]]


def test_case_accents_and_punctuation_do_not_make_another_question() -> None:
    assert normal("¿Cuándo  ABRÍS?") == normal("cuando abris")
    assert normal("営業時間は？") != normal("住所は？")
    assert normal("???") == "???"


def test_an_equal_question_keeps_its_id_and_a_new_one_gets_a_fresh_id() -> None:
    assert ids(faq("otra"), faq("Cuando abris"), present=(faq("¿Cuándo abrís?"), faq("x"))) == ["f3", "f1"]


def test_an_id_of_a_removed_question_is_not_given_again() -> None:
    first, fresh = number_faqs([faq("a"), faq("b")], (), 1)
    second, fresh = number_faqs([faq("a")], first, fresh)
    third, _ = number_faqs([faq("a"), faq("c")], second, fresh)
    assert [found.id for found in third] == ["f1", "f3"]


def test_ids_of_the_owners_stand_and_are_stepped_over() -> None:
    assert ids(faq("a", "f7"), faq("b"), faq("c", "precios")) == ["f7", "f8", "precios"]
    assert ids(faq("b", "f1"), faq("a"), present=(faq("a"),)) == ["f1", "f2"]


@pytest.mark.parametrize(
    "faqs",
    [
        [{"q": "¿A?", "a": "1"}, {"q": "a", "a": "2"}],
        [{"q": "x", "a": "1", "id": "z"}, {"q": "y", "a": "2", "id": "z"}],
    ],
)
def test_duplicates_are_named(faqs: list[dict[str, str]]) -> None:
    with pytest.raises(ValidationError, match=r"faqs\[0\] and faqs\[1\] have the same"):
        FaqsInput.model_validate({"faqs": faqs})
