"""The model is given the FAQs that the question needs: all while they fit, else those most likely meant."""

import pytest

from benchmarks.many_faqs import SETS, Asked, grown
from evals.sets import find_sets
from src.core.agent_config import AgentConfig, Faq
from src.messages.brain.choose import chosen_faqs, fit, size, tokens
from src.messages.brain.relevant import MOST, fused
from src.messages.decision import Ranked
from src.messages.faq_answerer import candidates, draft

BUDGET = 8_000
SHARE = 0.99


def in_prompt(config: AgentConfig, asked: list[Asked]) -> float:
    """The share of the questions for which the right FAQ is among those that the model would see."""
    held = 0
    for question, faq_id in asked:
        ranked = candidates(question, config, draft(question, config).ranked, MOST)
        held += faq_id in {faq.id for faq in chosen_faqs(config, ranked, BUDGET)}
    return held / len(asked)


@pytest.mark.parametrize("one", find_sets(SETS), ids=lambda one: one.name)
def test_a_small_business_is_sent_whole(one: object) -> None:
    config = one.config  # type: ignore[attr-defined]
    assert fit(config, BUDGET)
    assert {faq.id for faq in chosen_faqs(config, (), BUDGET)} == {faq.id for faq in config.faqs}


@pytest.mark.parametrize(("count", "every"), [(200, 8), (2_000, 75)])
def test_of_many_faqs_the_right_one_is_sent(count: int, every: int) -> None:
    config, asked = grown(count)
    assert len(config.faqs) == count
    assert not fit(config, BUDGET)
    assert in_prompt(config, asked[::every]) >= SHARE


def test_what_is_sent_stays_within_the_budget_in_the_order_of_the_ids() -> None:
    config, asked = grown(200)
    for question, _ in asked[:20]:
        sent = chosen_faqs(config, draft(question, config).ranked, 1_000)
        assert sum(map(size, sent)) <= 1_000
        assert [faq.id for faq in sent] == sorted(faq.id for faq in sent)


def test_one_very_long_faq_does_not_keep_the_others_out() -> None:
    faqs = tuple(Faq(id=f"f{n}", q=f"Pregunta {n}", a="x" * (4_000 if n == 1 else 20)) for n in range(6))
    ranked = [Ranked(f"f{n}", 1 - n / 10) for n in (0, 1, 2)]
    sent = {faq.id for faq in chosen_faqs(AgentConfig(faqs=faqs), ranked, 200)}
    assert {"f0", "f2"} <= sent
    assert "f1" not in sent


def test_only_the_first_further_phrasings_count() -> None:
    faq = Faq(id="f", q="Pregunta", a="Respuesta", also=tuple(f"otra manera {n}" for n in range(400)))
    assert size(faq) < 100


def test_tokens_are_not_counted_too_low() -> None:
    assert tokens("") == 1
    assert tokens("El envío cuesta 4,95 € y llega en dos días.") >= 15  # OpenAI counts about 13
    assert tokens("🥐🥐🥐") >= 4


def test_two_rankings_are_fused_and_what_both_name_comes_first() -> None:
    words = [Ranked("a", 0.9), Ranked("b", 0.5), Ranked("c", 0.1)]
    meaning = [Ranked("d", 0.9), Ranked("b", 0.8)]
    assert [one.id for one in fused(words, meaning)] == ["b", "a", "d", "c"]
    assert [one.id for one in fused(words, ())] == ["a", "b", "c"]
