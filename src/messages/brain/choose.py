"""Which FAQs go into a request of the model: all of them while they fit, else those that are most likely meant."""

from collections.abc import Sequence

from src.core.agent_config import AgentConfig, Faq
from src.messages.decision import Ranked
from src.messages.shelf import Shelf

ALSO = 3  # further phrasings of an FAQ that are sent
_BYTES = 3  # of a token, at least, in what owners and customers write
_FRAME = 16  # tokens around an FAQ: its id and the names of its parts


_sizes = Shelf[dict[str, int]]()  # what counting 2,000 FAQs takes is spared the next question


def chosen_faqs(config: AgentConfig, ranked: Sequence[Ranked], budget_tokens: int) -> tuple[Faq, ...]:
    """All FAQs while they fit, else the best that do: the ranked ones first, then the owner's first.

    They come in the order of their ids, whatever was asked: the same FAQs make the same, cached beginning.
    """
    sizes = _sizes_of(config)
    least = min(sizes.values(), default=0)
    left, kept = budget_tokens, set()
    for faq_id in dict.fromkeys((*(one.id for one in ranked if one.id in sizes), *sizes)):
        if left < least:
            break
        if sizes[faq_id] <= left:
            left -= sizes[faq_id]
            kept.add(faq_id)
    return tuple(sorted((faq for faq in config.faqs if faq.id in kept), key=lambda faq: faq.id))


def fit(config: AgentConfig, budget_tokens: int) -> bool:
    """Do all FAQs go into one request?"""
    return sum(_sizes_of(config).values()) <= budget_tokens


def _sizes_of(config: AgentConfig) -> dict[str, int]:
    """The size of each FAQ by its id, in the owner's order."""
    found = _sizes.find(config)
    if found is None:
        found = {faq.id: size(faq) for faq in config.faqs}
        _sizes.put(config, found)
    return found


def size(faq: Faq) -> int:
    """About how many tokens an FAQ takes in a request."""
    return _FRAME + sum(tokens(text) for text in (faq.id, faq.q, faq.a, *faq.also[:ALSO]))


def tokens(text: str) -> int:
    """About how many tokens a text is: rather a fifth too many than too few, in our customers' languages."""
    return len(text.encode("utf-8", "replace")) // _BYTES + 1
