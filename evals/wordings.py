"""Asks one question otherwise: as people spell on a telephone, with slips, in other words, shorter, in bubbles."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from evals import asked
from evals.facts import facts_of
from src.core.agent_config import Faq
from src.messages import lexicon, vocabulary
from src.messages.words import fold, is_stop, readable, word

_LETTERS = re.compile(r"[^\W\d_]+")
_WORDS = re.compile(r"[^\W_]+")
_LONG = 5  # letters of a word in which people slip
_SHORTEST_BURST = 4  # words of a question that is cut into two bubbles
_KEPT = 3  # words of a short form, at most


@dataclass(frozen=True)
class Manner:
    """How people of one language ask; `random` is seeded by what they ask about."""

    language: str
    random: Random

    @property
    def said(self) -> dict[str, Any]:
        """The phrases of the language."""
        return asked.load(self.language)

    def pick(self, name: str) -> str:
        """One of the listed phrases."""
        return str(self.random.choice(self.said[name]))


Wording = tuple[str, ...] | None  # the bubbles; None where the question cannot be asked so


def plain(text: str) -> str:
    """Lower case, without accents and marks."""
    return " ".join(_WORDS.findall(fold(readable(text))))


def inside(question: str) -> str:
    """The question as it stands within a sentence: without its opening mark, its first letter small."""
    bare = question.strip().lstrip("¿¡ ")
    return bare[:1].lower() + bare[1:]


def sentence(question: str) -> str:
    """The question as it stands before another sentence."""
    return question if question[-1] in ".?!" else f"{question}."


def accents(faq: Faq, _how: Manner) -> Wording:
    """Without accents and marks."""
    return (plain(faq.q),)


def chat(faq: Faq, how: Manner) -> Wording:
    """With the abbreviations of the telephone; None where no word of it has one."""
    known = _abbreviations(how.language)
    said = plain(faq.q).split()
    found = [how.random.choice(known[one]) if one in known else one for one in said]
    return (" ".join(found),) if found != said else None


@cache
def _abbreviations(language: str) -> dict[str, list[str]]:
    known: dict[str, list[str]] = {}
    for short, whole in vocabulary.load("chat")[language].items():
        if whole and " " not in whole and len(short) < len(whole):
            known.setdefault(whole, []).append(short)
    return known


def slip(faq: Faq, how: Manner) -> Wording:
    """With a finger beside the key: two letters swapped, one left out or one twice."""
    found = [match for match in _LETTERS.finditer(faq.q) if len(match[0]) >= _LONG]
    if not found:
        return None
    hit = how.random.choice(found)
    one, at = hit[0], how.random.randrange(1, len(hit[0]) - 2)
    slipped = how.random.choice(
        [
            one[:at] + one[at + 1] + one[at] + one[at + 2 :],
            one[:at] + one[at + 1 :],
            one[: at + 1] + one[at] + one[at + 1 :],
        ]
    )
    return (faq.q[: hit.start()] + slipped + faq.q[hit.end() :],)


def other_words(faq: Faq, how: Manner) -> Wording:
    """With a word of the vocabulary in the place of another that means the same; None where there is none."""
    for match in _LETTERS.finditer(faq.q):
        for other in _stand_ins(how.language).get(fold(match[0]), ()):
            return (faq.q[: match.start()] + other + faq.q[match.end() :],)
    return None


@cache
def _stand_ins(language: str) -> dict[str, list[str]]:
    """For each word of an interchangeable concept the others of the same ending and another stem, in their order."""
    found: dict[str, list[str]] = {}
    for concept in asked.load(language)["interchangeable"].split():
        said = vocabulary.concepts().get(concept, {}).get(language, ())
        single = [one for one in said if " " not in one and len(one) >= _LONG]
        for one in single:
            others = [
                other
                for other in single
                if other[-2:] == one[-2:] and _stem(other, language) != _stem(one, language)
            ]
            if others:
                found.setdefault(one, others)
    return found


def _stem(text: str, language: str) -> str:
    return word(text, language).stem


def short(faq: Faq, how: Manner) -> Wording:
    """Its telling words alone, three at most; None where none of them tells what is meant."""
    said = [(one, word(one, how.language)) for one in plain(faq.q).split()]
    telling = [(one, known) for one, known in said if not is_stop(known, how.language)]
    light = lexicon.weak(how.language)
    if len(telling) == len(said) or all(known.stem in light for _, known in telling):
        return None
    return (" ".join(one for one, _ in telling[:_KEPT]),)


def greeting(faq: Faq, how: Manner) -> Wording:
    """After a greeting and an opening."""
    hello = how.pick("greetings")
    whether = "" if _asks_what(faq, how) else how.said["whether"]
    opening = how.pick("openings").format(q=inside(faq.q), whether=whether)
    return (f"{hello}{'' if hello[-1] in '!?' else ','} {opening}",)


def _asks_what(faq: Faq, how: Manner) -> bool:
    """Is the question none that is answered by yes or no?"""
    return "?" not in faq.q or plain(faq.q).split()[0] in how.said["asking"].split()


def burst(faq: Faq, how: Manner) -> Wording:
    """In bubbles: a greeting, the question in two halves or whole, a closing word."""
    said = plain(faq.q).split()
    middle = len(said) // 2
    halves = [" ".join(said[:middle]), " ".join(said[middle:])]
    bubbles = halves if len(said) >= _SHORTEST_BURST else [" ".join(said)]
    return (how.pick("greetings").lower(), *bubbles, how.pick("said_over"))


def negation(faq: Faq, how: Manner) -> Wording:
    """Asked the other way round; None for a question that is not answered by yes or no."""
    if _asks_what(faq, how):
        return _closed(faq, how)
    asked_so = re.match(how.said["negatable"], inside(faq.q))
    return (how.said["negated"].format(q=inside(faq.q)[asked_so.end() :]),) if asked_so else None


def _closed(faq: Faq, how: Manner) -> Wording:
    """Of a question about opening hours: whether it is closed on a day that the answer names."""
    concepts = {concept for unit in lexicon.units(readable(faq.q), how.language) for concept in unit.concepts}
    told = plain(faq.a).split()
    day = next((one for one in how.said["days"].split() if plain(one) in told), None)
    return (how.said["closed"].format(day=day),) if day and "hours" in concepts else None


def exactly(faq: Faq, how: Manner) -> Wording:
    """Asked for the exact figures; None where the answer has none."""
    return (how.said["exactly"].format(q=sentence(faq.q)),) if facts_of(faq.a) else None


def also(faq: Faq, how: Manner) -> Wording:
    """One of the owner's own other phrasings, plainly written."""
    return (plain(how.random.choice(faq.also)),) if faq.also else None


MANNERS: dict[str, Callable[[Faq, Manner], Wording]] = {
    "chat": chat,
    "slip": slip,
    "words": other_words,
    "greeting": greeting,
    "short": short,
    "burst": burst,
    "negation": negation,
    "numbers": exactly,
    "also": also,
    "accents": accents,
}
