"""Nothing is said that the FAQs do not bear."""

from hypothesis import given
from hypothesis import strategies as st

from src.messages.decide import decide
from src.messages.decision import Clarify, DecisionKind, Draft, Reply, Unanswerable
from src.messages.question import Option, Question
from tests.unit.messages.bakery import BAKERY, CARD

KNOWN = {faq.id for faq in BAKERY.faqs}
ids = st.lists(st.sampled_from([*sorted(KNOWN), "invented", ""]), max_size=14).map(tuple)


@given(st.sampled_from([DecisionKind.ANSWER, DecisionKind.CLARIFY]), ids, ids)
def test_no_decision_rests_on_an_unknown_faq(
    kind: DecisionKind, sources: tuple[str, ...], options: tuple[str, ...]
) -> None:
    decision = decide(Draft(kind, "es", "", sources, options=options), BAKERY, Question(("?",)))
    if isinstance(decision, Reply):
        assert set(decision.source_ids) <= KNOWN
    elif isinstance(decision, Clarify):
        assert 1 <= len(decision.options) <= 9
        assert {option.faq_id for option in decision.options} <= KNOWN
    else:
        assert isinstance(decision, Unanswerable)


def test_one_invented_source_is_enough_to_say_nothing() -> None:
    draft = Draft(DecisionKind.ANSWER, "es", "", ("card", "invented"))
    assert isinstance(decide(draft, BAKERY, Question(("?",))), Unanswerable)


def test_an_answer_is_the_owners_and_not_the_drafts() -> None:
    draft = Draft(DecisionKind.ANSWER, "es", "", ("card",), text="Sí, y además regalamos pan.")
    assert decide(draft, BAKERY, Question(("?",))).text == CARD


def test_one_option_is_offered_as_such() -> None:
    draft = Draft(DecisionKind.CLARIFY, "es", "", options=("card", "card"))
    decision = decide(draft, BAKERY, Question(("?",)))
    assert isinstance(decision, Clarify)
    assert [option.faq_id for option in decision.options] == ["card"]
    assert "es esta la pregunta" in decision.text


def test_a_clarify_does_not_follow_a_clarify() -> None:
    draft = Draft(DecisionKind.CLARIFY, "es", "", options=("card", "dog"))
    question = Question(("?",), offered=(Option("card", "Pago", None),))
    assert isinstance(decide(draft, BAKERY, question), Unanswerable)


def test_a_row_has_the_owners_title_or_the_question_cut_at_a_word_with_the_whole_below() -> None:
    decision = decide(
        Draft(DecisionKind.CLARIFY, "es", "", options=("card", "cake")), BAKERY, Question(("?",))
    )
    assert isinstance(decision, Clarify)
    assert decision.options[0] == Option("card", "Formas de pago", "¿Se puede pagar con tarjeta?")
    assert decision.options[1] == Option(
        "cake", "¿Cuánto cuesta una…", "¿Cuánto cuesta una tarta de cumpleaños?"
    )
