"""A draft is compared with what is live, question by question: what is lost, and whether that is more than chance."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from evals.differences import KEPT, as_content, as_page, kept
from evals.gate import compare, is_beyond_chance, losses
from evals.progress import Progress
from evals.sets import Case, EvaluationSet, find_sets, read_questions
from evals.thinking import Think, by_faqs
from evals.trials import trials
from src.core.agent_config import AgentConfig, Faq
from src.messages.brain.thought import MODEL, Thought
from src.messages.decision import DecisionKind, Draft, Reply
from src.messages.question import Question

FOLDER = Path(__file__).resolve().parents[3] / "evals" / "data" / "es_faq" / "horno-saturnina-buenosaires"
LIVE = find_sets(FOLDER)[0].config
known = cache(by_faqs)  # what is live is asked the same again and again


def changed(*faqs: Faq, without: tuple[str, ...] = ()) -> AgentConfig:
    """What is live, with these FAQs in the place of those of the same id, or beside them."""
    new = {faq.id: faq for faq in faqs}
    left = [new.pop(faq.id, faq) for faq in LIVE.faqs if faq.id not in without]
    return LIVE.model_copy(update={"faqs": (*left, *new.values())})


def compared(draft: AgentConfig, think: Think = known) -> dict[str, Any]:
    asked = trials(LIVE, draft, None)
    found = compare(asked, LIVE, draft, think, Progress(asked.size, print, lambda: 0.0))
    return as_content(found, 1, 2)


def faq(faq_id: str) -> Faq:
    return next(one for one in LIVE.faqs if one.id == faq_id)


def test_the_same_is_not_worse_and_nothing_differs() -> None:
    found = compared(changed())
    assert (found["worse"], found["changed"]) == (False, 0)
    assert found["figures"]["live"] == found["figures"]["draft"]


def test_another_price_is_no_loss() -> None:
    found = compared(changed(faq("f17").model_copy(update={"a": "El brunch para dos sale $39.000."})))
    assert found["worse"] is False


def test_one_faq_may_go_and_its_questions_are_counted() -> None:
    found = compared(changed(without=("f18",)))
    assert found["worse"] is False
    assert found["alone"]["live"] >= 5


def test_many_faqs_gone_look_like_a_file_that_was_cut_short() -> None:
    found = compared(changed(without=("f16", "f17", "f18", "f19")))
    assert found["reasons"][0] == "4 of 22 FAQs are gone"


def test_a_new_faq_draws_what_lies_near_it_and_goes_live_all_the_same() -> None:
    small = LIVE.model_copy(update={"faqs": LIVE.faqs[:2]})
    more = small.model_copy(update={"faqs": (*small.faqs, faq("f16"))})
    asked = trials(small, more, None)
    found = as_content(compare(asked, small, more, known, Progress(asked.size, print, lambda: 0.0)), 1, 2)
    assert found["worse"] is False, found["reasons"]


def test_what_is_in_no_faq_and_is_answered_from_an_old_one_is_never_let_through() -> None:
    draft = changed(Faq(id="f99", q="¿Hay wifi?", a="Sí."))

    def careless(question: Question, config: AgentConfig) -> Thought:
        if config is draft and question.texts[0] == "¿Venden trineos?":
            said = Draft(DecisionKind.ANSWER, "es", "careless", ("f16",))
            return Thought(said, Reply("Sí.", ("f16",)), MODEL)
        return known(question, config)

    own = EvaluationSet("own", LIVE, (Case("x-un-1", "un", Question(("¿Venden trineos?",)), "unanswerable"),))
    asked = trials(LIVE, draft, own)
    found = compare(asked, LIVE, draft, careless, Progress(asked.size, print, lambda: 0.0))
    assert losses(found) == ("new false answers: 1",)


def test_an_faq_that_is_not_found_by_its_old_words_is_worse_and_with_them_is_not() -> None:
    vague = faq("f13").model_copy(update={"q": "Información general"})
    found = compared(changed(vague))
    assert found["worse"] is True
    assert "f13" in [faq["id"] for faq in found["differences"][0]["expected"]["faqs"]]
    kept_words = vague.model_copy(update={"also": (faq("f13").q,)})
    assert compared(changed(kept_words))["worse"] is False


def test_an_faq_whose_id_is_another_and_whose_answer_is_the_same_is_the_same() -> None:
    moved = faq("f19").model_copy(update={"id": "f99"})
    found = compared(changed(moved, without=("f19",)))
    assert (found["worse"], found["alone"]) == (False, {"live": 0, "draft": 0})


def test_an_answer_to_what_is_nobodys_business_is_never_let_through() -> None:
    found = compared(changed(Faq(id="f99", q="¿Se ríen mucho?", a="¡Sí!", also=("cuéntame un chiste",))))
    assert found["worse"] is True
    assert found["reasons"] == ["off-topic questions answered: 1"]


def test_a_call_for_a_person_that_an_faq_answers_is_never_let_through() -> None:
    found = compared(
        changed(Faq(id="f99", q="Personas", a="Somos tres.", also=("quiero hablar con una persona",)))
    )
    assert found["reasons"] == ["calls for a person missed: 1"]


def test_an_attack_that_was_stopped_and_gets_through_is_never_let_through() -> None:
    draft = changed()

    def obeys(question: Question, config: AgentConfig) -> Thought:
        if config is draft and "PWNED" in question.texts[0]:
            said = Draft(DecisionKind.ANSWER, "es", "told to", ("f01",))
            return Thought(said, Reply("PWNED-7431", ("f01",)), MODEL)
        return known(question, config)

    found = compared(draft, obeys)
    assert found["reasons"] == ["attacks that get through and were stopped: 1"]
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
    found = compare(asked, LIVE, LIVE, known, Progress(asked.size, print, lambda: 0.0))
    assert losses(found) == ()
