"""The FAQs that a question may need: found by words, and by meaning where a model for that is set."""

from collections.abc import Sequence

from src.core.agent_config import AgentConfig, Faq
from src.core.instance import Instance
from src.messages.brain import meaning
from src.messages.brain.choose import chosen_faqs, fit
from src.messages.brain.money import Payer
from src.messages.decision import DecisionKind, Draft, Ranked
from src.messages.faq_answerer import candidates
from src.messages.question import Question

MOST = 400  # FAQs that the search by words may name; more never fit
_DAMP = 60  # of reciprocal rank fusion (Cormack and others, SIGIR 2009)


def relevant(
    instance: Instance, question: Question, config: AgentConfig, payer: Payer, draft: Draft
) -> tuple[Faq, ...]:
    """All FAQs while they fit into a request, else those most likely meant, by id. `draft` is the FAQ answerer's.

    One call of the embedding model at most, and only where words alone leave it open; never raises for it.
    """
    budget = instance.settings.faq_tokens
    if fit(config, budget):
        return chosen_faqs(config, (), budget)
    ranked: Sequence[Ranked] = candidates(question, config, draft.ranked, MOST)
    if draft.kind != DecisionKind.ANSWER:
        near = meaning.nearest(instance, config, payer, "\n".join(question.texts))
        ranked = fused(ranked, near)
    return chosen_faqs(config, ranked, budget)


def fused(*rankings: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """One ranking of several, by the sum of 1 / (60 + place); scores are those sums."""
    sums: dict[str, float] = {}
    for ranking in rankings:
        for place, one in enumerate(ranking, start=1):
            sums[one.id] = sums.get(one.id, 0.0) + 1 / (_DAMP + place)
    return tuple(
        Ranked(faq_id, round(score, 6)) for faq_id, score in sorted(sums.items(), key=lambda p: -p[1])
    )
