"""Knows kinds of one thing that an answer must name: bitcoin is no card, and the 24th of December is no Sunday."""

from collections.abc import Collection
from functools import cache

from src.core.agent_config import Faq
from src.messages import vocabulary
from src.messages.phrasebook import Phrasebook
from src.messages.words import readable, words

_EXACTING = ("payment", "day")


def unnamed(text: str, language: str, faqs: Collection[Faq], faq_language: str) -> bool:
    """Does a text ask for a way to pay, or a day, that neither questions nor answers of these FAQs name?"""
    for group in _EXACTING:
        asked = _named(group, text, language)
        if asked and not asked <= {kind for faq in faqs for kind in _named(group, _text(faq), faq_language)}:
            return True
    return False


def unknown_dish(text: str, language: str, faqs: Collection[Faq], faq_language: str) -> bool:
    """Does a text ask for a dish that none of the FAQs names?"""
    asked = _named("dish", text, language)
    return bool(asked) and all(asked.isdisjoint(_named("dish", _text(faq), faq_language)) for faq in faqs)


def _text(faq: Faq) -> str:
    return "\n".join((faq.q, faq.title or "", *faq.also, faq.a))


def _named(group: str, text: str, language: str) -> set[str]:
    return set(_book(group, language).spotted(words(readable(text), language)))


@cache
def _book(group: str, language: str) -> Phrasebook:
    listed = vocabulary.load("kinds")[group]
    table = {kind: [one.strip() for one in said[language].split(",")] for kind, said in listed.items()}
    return Phrasebook(table, language, exact=True)
