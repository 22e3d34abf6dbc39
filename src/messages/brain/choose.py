"""Which FAQs go into a request of the model: all of them while they fit, else those that are most likely meant."""

from collections.abc import Sequence

from src.core.agent_config import AgentConfig, Faq
from src.messages.decision import Ranked

ALSO = 3  # further phrasings of an FAQ that are sent
_BYTES = 3  # of a token, at least, in what owners and customers write
_FRAME = 16  # tokens around an FAQ: its id and the names of its parts


def chosen_faqs(config: AgentConfig, ranked: Sequence[Ranked], budget_tokens: int) -> tuple[Faq, ...]:
    """All FAQs while they fit, else the best that do: the ranked ones first, then the owner's first.

    They come in the order of their ids, whatever was asked: the same FAQs make the same, cached beginning.
    """
    places = {one.id: place for place, one in enumerate(ranked)}
    best = sorted(config.faqs, key=lambda faq: places.get(faq.id, len(places)))
    left, kept = budget_tokens, []
    for faq in best:
        needed = size(faq)
        if needed <= left:
            left -= needed
            kept.append(faq)
    return tuple(sorted(kept, key=lambda faq: faq.id))


def fit(config: AgentConfig, budget_tokens: int) -> bool:
    """Do all FAQs go into one request?"""
    return sum(map(size, config.faqs)) <= budget_tokens


def size(faq: Faq) -> int:
    """About how many tokens an FAQ takes in a request."""
    return _FRAME + sum(tokens(text) for text in (faq.id, faq.q, faq.a, *faq.also[:ALSO]))


def tokens(text: str) -> int:
    """About how many tokens a text is: rather a fifth too many than too few, in our customers' languages."""
    return len(text.encode("utf-8", "replace")) // _BYTES + 1
