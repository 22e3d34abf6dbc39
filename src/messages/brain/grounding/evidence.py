"""Holds a draft's evidence against the FAQs: sources that exist, quotes that stand in them."""

import re
from functools import cache, lru_cache

from src.messages import vocabulary
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.flat import flat_source
from src.messages.brain.grounding.grounds import Grounds
from src.messages.language import LANGUAGES

MAX_SOURCES = 8  # whoever cites everything rests on nothing
_LEAST = 8  # characters of a quote that says something
_WORDS = re.compile(r"\d+|[^\W\d_]+")
_GAP = re.compile(r"\[?(?:\.{3,}|…)\]?")
_NOT = ("no", "nao", "not", "never", "nunca", "sin", "sem", "ni", "nem", "without", "jamas")


def sources(grounds: Grounds) -> list[Failure]:
    """An answer cites a source, and every source it cites exists."""
    if not grounds.is_answer:
        return []
    ids = grounds.draft.source_ids
    if not ids:
        return [Failure("sources", "An answer cites at least one FAQ in source_ids.")]
    if len(ids) > MAX_SOURCES:
        return [Failure("sources", f"An answer cites at most {MAX_SOURCES} sources: those that it rests on.")]
    unknown = [one for one in ids if one not in grounds.faqs and one not in grounds.draft.told]
    return [Failure("sources", f"There is no source with the id {one[:64]!r}.") for one in unknown]


def quotes(grounds: Grounds) -> list[Failure]:
    """An answer quotes a source it cites; each quote stands in its source, letter by letter but for accents and signs."""
    if not grounds.is_answer:
        return []
    failures: list[Failure] = []
    telling = 0
    for quote in grounds.draft.quotes:
        texts = _texts(grounds, quote.source_id)
        if quote.source_id not in grounds.draft.source_ids or not texts:
            failures.append(Failure("quotes", f"A quote is of {quote.source_id[:64]!r}, which is not cited."))
        elif not _stands(quote.text, texts):
            failures.append(Failure("quotes", f"A quote does not stand in its source {quote.source_id}."))
        else:
            telling += _tells(quote.text, texts)
    if not telling and not failures:
        failures.append(Failure("quotes", "An answer quotes the words of a cited source on which it rests."))
    return failures


def _texts(grounds: Grounds, source_id: str) -> list[str]:
    if source_id in grounds.draft.told:
        return [grounds.draft.told[source_id]]
    faq = grounds.faqs.get(source_id)
    return [faq.q, faq.a, *faq.also] if faq else []


def _words(text: str) -> list[str]:
    return _WORDS.findall(flat_source(text))  # a quote is an owner's text


@lru_cache(maxsize=4_096)
def _running(texts: tuple[str, ...]) -> str:
    """The words of a source, with one space before and behind each."""
    return f" {' '.join(word for text in texts for word in _words(text))} "


def _stands(quote: str, texts: list[str]) -> bool:
    """Do the quote's parts stand in the source, in their order, and not right behind a "no" that was left out?"""
    source = _running(tuple(texts))
    parts = [words for part in _GAP.split(quote) if (words := _words(part))]
    at = 0
    for words in parts:
        at = _place(source, f" {' '.join(words)} ", at)
        if at < 0:
            return False
    return bool(parts)


def _place(source: str, part: str, start: int) -> int:
    """Where the part ends in the source, from `start` on; -1 where it stands only behind a negation."""
    at = source.find(part, start)
    while at >= 0:
        before = source[:at].rsplit(" ", 1)[-1]
        if before not in _NOT:
            return at + len(part) - 1
        at = source.find(part, at + 1)
    return -1


def _tells(quote: str, texts: list[str]) -> bool:
    """Does the quote say something? A short one does where it is all that the source has to say."""
    words = _words(quote)
    if f" {' '.join(words)} " in {_running((text,)) for text in texts}:
        return True
    return len(" ".join(words)) >= _LEAST and any(word not in _stop() for word in words)


@cache
def _stop() -> frozenset[str]:
    return frozenset(word for language in LANGUAGES for word in vocabulary.words("stopwords", language))
