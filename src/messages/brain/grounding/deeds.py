"""Finds what a draft claims to have done, or to be doing, for the customer: only a tool's answer can bear that."""

import re
from functools import cache

from src.messages import vocabulary
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.flat import flat, words_in
from src.messages.brain.grounding.grounds import Grounds

_GROUPS = ("book", "cancel", "change", "confirm", "send", "pay", "apply", "tell", "make")
_FORMS = {"state": "done", "named": "done", "self": "did do", "will": "will"}
_CLAUSE = re.compile(r"[,.;:!?\n(]")


def check(grounds: Grounds) -> list[Failure]:
    """A failure for each deed that is claimed though no cited tool tells of it."""
    failures: list[Failure] = []
    for language in dict.fromkeys((grounds.language, grounds.spoken)):
        for form in _FORMS:
            for match in _pattern(language, form).finditer(grounds.claims.flat):
                if not _is_conditional(grounds.claims.flat, match, form, language) and not _told(
                    match["verb"], grounds
                ):
                    why = f'Nothing says that this was done: "{match[0][:60]}". Say how it is done, if the sources do.'
                    failures.append(Failure("deeds", why))
    return failures


def _is_conditional(text: str, match: re.Match[str], form: str, language: str) -> bool:
    """Is it said of what may be: in the clause before an own deed, in the sentence before a state?"""
    start = max(text.rfind(sign, 0, match.start()) for sign in ("\n", "!", "?", ". ")) + 1
    before = text[start : match.start()]
    if form in ("self", "will"):
        before = _CLAUSE.split(before)[-1]
    return not _only(language).isdisjoint(words_in(before))


def _told(verb: str, grounds: Grounds) -> bool:
    """Does a cited tool speak of such a deed, without a word of failure?"""
    told = grounds.draft.told
    stems = next(
        vocabulary.load("deeds")[group]["stems"].split() for group in _GROUPS if verb in _verbs(group)
    )
    for source_id in grounds.draft.source_ids:
        words = (
            words_in(flat(f"{source_id} {told[source_id]}".replace("_", " "))) if source_id in told else []
        )
        if any(word.startswith(stem) for word in words for stem in stems) and _failed().isdisjoint(words):
            return True
    return False


def tells_failure(told: str) -> bool:
    """Does a tool's answer have a word of failure?"""
    return not _failed().isdisjoint(words_in(flat(told)))


@cache
def participles() -> frozenset[str]:
    """The participles of all deeds: booked, reservada."""
    return frozenset(word for group in _GROUPS for word in _listed(vocabulary.load("deeds")[group]["done"]))


@cache
def _verbs(group: str) -> frozenset[str]:
    listed = vocabulary.load("deeds")[group]
    return frozenset(word for form in ("done", "did", "do", "will") for word in _listed(listed[form]))


def _listed(words: str) -> list[str]:
    return [word.replace("_", " ") for word in words.split()]


@cache
def _pattern(language: str, form: str) -> re.Pattern[str]:
    listed = vocabulary.load("deeds")
    verbs = {
        word for group in _GROUPS for kind in _FORMS[form].split() for word in _listed(listed[group][kind])
    }
    way = listed["ways"][f"{language}_{form}"]
    clitic = r"(?:[tl][aeo]s?|sel[ao]s?|tel[ao]s?|-[ao])?" if form == "will" else ""
    return re.compile(rf"\b{way}(?P<verb>{'|'.join(sorted(verbs, key=len, reverse=True))}){clitic}\b")


@cache
def _only(language: str) -> frozenset[str]:
    return frozenset(vocabulary.load("deeds")["only"][language].split())


@cache
def _failed() -> frozenset[str]:
    return frozenset(vocabulary.load("deeds")["told"]["failed"].split())
