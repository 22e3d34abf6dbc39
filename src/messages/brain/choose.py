"""Which FAQs go into a request of the model: all of them while they fit, else those that are most likely meant."""

from collections.abc import Sequence

from src.core.agent_config import AgentConfig, Faq
from src.messages.decision import Ranked

_CHARACTERS = 3  # of a token, at least, in the languages of our customers
_FRAME = 12  # tokens around an FAQ


def chosen_faqs(config: AgentConfig, ranked: Sequence[Ranked], budget_tokens: int) -> tuple[Faq, ...]:
    """All FAQs while they fit, else the best that do, by id: the same FAQs make the same, cached beginning."""
    places = {one.id: place for place, one in enumerate(ranked)}
    best = sorted(config.faqs, key=lambda faq: places.get(faq.id, len(places)))
    left, kept = budget_tokens, []
    for faq in best:
        left -= tokens(faq.q) + tokens(faq.a) + sum(tokens(one) for one in faq.also[:3]) + _FRAME
        if left < 0:
            break
        kept.append(faq)
    return tuple(sorted(kept, key=lambda faq: faq.id))


def tokens(text: str) -> int:
    """About how many tokens a text is; rather more than fewer."""
    return len(text) // _CHARACTERS + 1
