"""Which FAQ is which: an equal question keeps its id, and an id is never used again."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Protocol

from src.core.agent_config import Faq

_OWN_ID = re.compile(r"f(\d{1,9})")


class Unnumbered(Protocol):
    """An FAQ that may still be without an id."""

    q: str
    a: str
    id: str | None
    also: tuple[str, ...]
    title: str | None


def normal(question: str) -> str:
    """The question without case, accents, punctuation and spare blanks: equal ones count as the same question."""
    folded = unicodedata.normalize("NFKD", question).casefold()
    letters = "".join(c if c.isalnum() else " " for c in folded if not unicodedata.combining(c))
    return " ".join(letters.split()) or question


def number_faqs(
    given: Sequence[Unnumbered], present: Iterable[Faq], next_faq: int
) -> tuple[tuple[Faq, ...], int]:
    """The FAQs with their ids, and the number of the next fresh one; an id is never used again.

    Of two FAQs that are `present` with an equal question, the later one's id is kept.
    """
    by_question = {normal(faq.q): faq.id for faq in present}
    taken = {faq.id for faq in given if faq.id}
    used = [int(match[1]) for faq_id in taken if (match := _OWN_ID.fullmatch(faq_id))]
    fresh = max([next_faq, *(number + 1 for number in used)])
    faqs = []
    for faq in given:
        kept = by_question.get(normal(faq.q))
        faq_id = faq.id or (kept if kept not in taken else None)
        if faq_id is None:
            faq_id, fresh = f"f{fresh}", fresh + 1
        taken.add(faq_id)
        faqs.append(Faq(id=faq_id, q=faq.q, a=faq.a, also=faq.also, title=faq.title))
    return tuple(faqs), fresh
