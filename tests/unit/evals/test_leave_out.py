"""An agent's own phrasings make a fair examination: what is asked is not known, and some of it has no answer."""

from evals.leave_out import PARTS, left_out
from evals.sets import EvaluationSet
from src.core.agent_config import AgentConfig, Faq

FAQS = tuple(
    Faq(
        id=name,
        q=name,
        a=name,
        also=tuple(f"{name} {kind} please" for kind in ("one", "two", "six", "ten", "few")),
    )
    for name in ("alpha", "bravo", "delta", "hotel", "india")
)
SHOP = EvaluationSet("shop", AgentConfig(faqs=FAQS, language="en"), (), scored=True)


def test_nothing_that_is_asked_is_known() -> None:
    for part in left_out(SHOP):
        known = {text for faq in part.config.faqs for text in faq.also}
        assert not known & {text for case in part.cases for text in case.question.texts}


def test_each_faq_is_gone_once_and_then_its_phrasings_have_no_answer() -> None:
    gone = []
    for part in left_out(SHOP):
        there = {faq.id for faq in part.config.faqs}
        gone += [faq.id for faq in FAQS if faq.id not in there]
        for case in part.cases:
            assert case.expected == ("answer" if case.id in there else "unanswerable")
    assert sorted(gone) == sorted(faq.id for faq in FAQS)


def test_each_phrasing_of_an_faq_that_is_there_is_asked_in_one_part() -> None:
    asked = [case.id for part in left_out(SHOP) for case in part.cases if case.expected == "answer"]
    assert len(asked) == len(FAQS) * (
        PARTS - 1
    )  # five phrasings each, one of them in the part that lacks the FAQ


def test_the_parts_are_the_same_each_time() -> None:
    assert list(left_out(SHOP)) == list(left_out(SHOP))
