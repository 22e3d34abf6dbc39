"""Turns an agent's own phrasings into questions: some are asked instead of known, some FAQs are not there.

What customers write is less like the phrasings that an owner lists than these are like each other. Therefore what is
asked is like nothing that is known (each part holds phrasings that are like one another), and half of it has a slip.
"""

import random
from collections.abc import Iterator, Sequence

from evals.sets import Case, EvaluationSet
from src.core.agent_config import AgentConfig, Faq
from src.messages.likeness import Likeness
from src.messages.pieces import pieces
from src.messages.question import Question

PARTS = 5
SLIPS = 0.5  # share of the questions in which a letter is missing, doubled or has changed places
_PLACES = 10_000  # more than there are
_SHORTEST = 6  # letters of a text in which a slip leaves something to understand


def left_out(one: EvaluationSet) -> Iterator[EvaluationSet]:
    """Five sets: in each another fifth of every FAQ's further phrasings is asked, and another fifth of the FAQs is gone.

    What is asked of an FAQ that is gone has no answer; all its phrasings are asked.
    """
    chance = random.Random(1)  # no secret: the same sets each time
    faqs = list(one.config.faqs)
    chance.shuffle(faqs)
    said = {faq.id: _by_likeness(faq.also) for faq in faqs}
    for part in range(PARTS):
        gone = {faq.id for faq in faqs[part::PARTS]}
        kept, cases = [], []
        for faq in one.config.faqs:
            asked = said[faq.id] if faq.id in gone else _part(said[faq.id], part)
            cases += [_case(faq, _typed(text, chance), faq.id in gone) for text in asked]
            if faq.id not in gone:
                kept.append(_without(faq, frozenset(asked)))
        config = AgentConfig(faqs=tuple(kept), language=one.config.language)
        yield EvaluationSet(f"{one.name}, part {part + 1}", config, tuple(cases), scored=one.scored)


def _by_likeness(texts: Sequence[str]) -> list[str]:
    """The texts in an order in which each is followed by the one most like it of those that are left."""
    likeness = Likeness([pieces(text) for text in texts])
    left = list(range(len(texts)))
    order: list[int] = []
    while left:
        alike = likeness.cosines(likeness.shared(pieces(texts[order[-1]]), _PLACES)) if order else {}
        order.append(max(left, key=lambda place: alike.get(place, 0.0)))
        left.remove(order[-1])
    return [texts[place] for place in order]


def _part(texts: Sequence[str], part: int) -> Sequence[str]:
    return texts[part * len(texts) // PARTS : (part + 1) * len(texts) // PARTS]


def _typed(text: str, chance: random.Random) -> str:
    if len(text) < _SHORTEST or chance.random() >= SLIPS:
        return text
    at = chance.randrange(1, len(text) - 2)
    one, other = text[at], text[at + 1]
    return text[:at] + chance.choice((other, other + one, one + one + other)) + text[at + 2 :]


def _case(faq: Faq, text: str, gone: bool) -> Case:
    if gone:
        return Case(faq.id, "out of scope", Question((text,)), "unanswerable")
    return Case(faq.id, "in scope", Question((text,)), "answer", (faq.id,))


def _without(faq: Faq, asked: frozenset[str]) -> Faq:
    return faq.model_copy(update={"also": tuple(text for text in faq.also if text not in asked)})
