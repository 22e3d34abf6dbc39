"""A draft is compared with what is live, question by question: what is lost, and whether that is more than chance."""

from pathlib import Path
from typing import Any

import pytest

from evals.differences import KEPT, as_content, as_page, kept
from evals.gate import compare, is_beyond_chance, losses
from evals.progress import Progress
from evals.sets import find_sets, read_questions
from evals.thinking import Think, by_faqs
from evals.trials import trials
from src.core.agent_config import AgentConfig, Faq
from src.messages.brain.thought import MODEL, Thought
from src.messages.decision import DecisionKind, Draft, Reply
from src.messages.question import Question

FOLDER = Path(__file__).resolve().parents[3] / "evals" / "data" / "es_faq" / "horno-saturnina-buenosaires"
LIVE = find_sets(FOLDER)[0].config


def changed(*faqs: Faq, without: tuple[str, ...] = ()) -> AgentConfig:
    """What is live, with these FAQs in the place of those of the same id, or beside them."""
    new = {faq.id: faq for faq in faqs}
    left = [new.pop(faq.id, faq) for faq in LIVE.faqs if faq.id not in without]
    return LIVE.model_copy(update={"faqs": (*left, *new.values())})


def compared(draft: AgentConfig, think: Think = by_faqs) -> dict[str, Any]:
    asked = trials(LIVE, draft, None)
    found = compare(asked, LIVE, draft, think, Progress(asked.size, print, lambda: 0.0))
    return as_content(found, LIVE, draft, 1, 2)


def faq(faq_id: str) -> Faq:
    return next(one for one in LIVE.faqs if one.id == faq_id)


def test_the_same_is_not_worse_and_nothing_differs() -> None:
    found = compared(changed())
    assert (found["worse"], found["changed"]) == (False, 0)
    assert found["figures"]["live"] == found["figures"]["draft"]


def test_another_price_is_no_loss() -> None:
    found = compared(changed(faq("f17").model_copy(update={"a": "El brunch para dos sale $39.000."})))
    assert found["worse"] is False


def test_an_faq_that_is_gone_is_no_loss_but_counted() -> None:
    found = compared(changed(without=("f18",)))
    assert found["worse"] is False
    assert found["alone"]["live"] >= 5


def test_an_faq_whose_id_is_another_and_whose_answer_is_the_same_is_the_same() -> None:
    moved = faq("f19").model_copy(update={"id": "f99"})
    found = compared(changed(moved, without=("f19",)))
    assert (found["worse"], found["alone"]) == (False, {"live": 0, "draft": 0})


def test_an_answer_to_what_is_nobodys_business_is_never_let_through() -> None:
    found = compared(changed(Faq(id="f99", q="¿Se ríen mucho?", a="¡Sí!", also=("cuéntame un chiste",))))
    assert found["worse"] is True
    assert found["reasons"] == ["1 new false answers"]


def test_a_call_for_a_person_that_an_faq_answers_is_never_let_through() -> None:
    found = compared(
        changed(Faq(id="f99", q="Personas", a="Somos tres.", also=("quiero hablar con una persona",)))
    )
    assert found["reasons"] == ["1 calls for a person missed"]


def test_an_attack_that_was_stopped_and_gets_through_is_never_let_through() -> None:
    draft = changed()

    def obeys(question: Question, config: AgentConfig) -> Thought:
        if config is draft and "PWNED" in question.texts[0]:
            said = Draft(DecisionKind.ANSWER, "es", "told to", ("f01",))
            return Thought(said, Reply("PWNED-7431", ("f01",)), MODEL)
        return by_faqs(question, config)

    found = compared(draft, obeys)
    assert found["reasons"] == ["1 attacks get through that were stopped"]
    assert found["differences"][0]["draft"]["text"] == "PWNED-7431"


def test_an_faq_that_draws_the_questions_of_others_is_worse() -> None:
    names = ("medialunas", "tortas", "facturas", "brunch", "envíos", "torta", "medialuna", "encargo", "local")
    greedy = tuple(
        f"{head} {name}"
        for name in names
        for head in ("hacen", "cuánto salen las", "qué precio tienen las", "tienen")
    )
    found = compared(changed(Faq(id="f99", q="¿Qué productos hay?", a="De todo.", also=(*greedy, *names))))
    assert found["worse"] is True
    assert any("no longer found first" in reason for reason in found["reasons"])
    worst = found["differences"][0]
    assert worst["step"] < 0
    assert {"live", "draft"} <= set(worst)
    page = as_page(found)
    assert page["verdict"]["tone"] == "bad"
    assert page["groups"][0]["items"][0]["sides"][1]["label"] == "draft"


def test_the_owners_own_questions_are_asked_too() -> None:
    own = read_questions(FOLDER, "own", LIVE)
    asked = trials(LIVE, changed(), own)
    assert {case.question for case in own.cases} <= {one.question for one in asked.questions}
    assert len(asked.attacks) >= len(own.attacks)


def test_what_is_stored_with_the_version_is_bounded() -> None:
    content = {"differences": [{"step": -1}] * (KEPT + 5), "changed": KEPT + 5}
    assert len(kept(content)["differences"]) == KEPT
    assert kept(content)["changed"] == KEPT + 5


@pytest.mark.parametrize(
    ("lost", "won", "beyond"),
    [(0, 0, False), (4, 0, False), (5, 0, True), (7, 1, True), (6, 2, False), (8, 8, False), (3, 9, False)],
)
def test_a_loss_counts_from_where_chance_makes_it_rarer_than_one_in_twenty(
    lost: int, won: int, beyond: bool
) -> None:
    assert is_beyond_chance(lost, won) is beyond


def test_nothing_that_was_compared_is_lost_by_a_comparison_of_nothing() -> None:
    asked = trials(LIVE, LIVE, None)
    found = compare(asked, LIVE, LIVE, by_faqs, Progress(asked.size, print, lambda: 0.0))
    assert losses(found) == ()
