"""Weighs what was found for a question: the FAQs answer it, or are asked about, or hold nothing of it."""

from src.messages import intents
from src.messages.confidence import rank
from src.messages.decision import DecisionKind, Draft, Ranked
from src.messages.find import Index
from src.messages.kinds import unknown_dish, unnamed
from src.messages.lexicon import WEAK
from src.messages.small_talk import small_talk
from src.messages.split import clauses, questions

CERTAIN = 0.83  # a score from which an FAQ answers by itself
CERTAIN_OF_MANY = (
    0.9  # … where FAQs have many phrasings: customers write less like them than they are like each other
)
CERTAIN_PART = 0.87  # … from which it answers a part of what was written, beside others
BESIDE = 0.3  # … from which a part may ask for something else, so that one answer is not enough
TWIN = 0.8  # … of the best one's score, from which the next is as likely meant
POSSIBLE = 0.2  # a score from which an FAQ is worth asking about
WORTH_OFFERING = 0.02  # … from which it stands beside the one that is most likely meant
OFFERED = 3  # FAQs that are offered at most
CERTAIN_ALONE = 0.93  # … where nothing else that was asked has an answer
LIKELY_PART = 0.7  # … from which it is told beside the sure answer to another question
_HALF = 0.5  # … up to which an FAQ that does not name the kind asked for is no answer at all


def weigh(said: str, index: Index, language: str, ranked: tuple[Ranked, ...]) -> Draft:
    """An answer when one FAQ is sure and nothing beside it is asked, or to the parts whose FAQ is; else a question back.

    `ranked` are the FAQs that the whole text may mean, best first.
    """
    several = _each_asked(said, index, language, ranked)
    if several is not None:
        return several
    if "?" not in said and not index.units(said, language):
        return Draft(DecisionKind.UNANSWERABLE, language, "it names nothing", ranked=ranked)
    heard = _heard(said, index, language)
    sure = tuple(dict.fromkeys(one.id for one in heard if one.score >= CERTAIN_PART))
    if len(sure) > 1 and not _lacks_the_kind(said, sure, index, language):
        return Draft(DecisionKind.ANSWER, language, "several questions", sure, ranked=ranked)
    if not ranked or ranked[0].score < _worth_asking(said, language):
        return Draft(DecisionKind.UNANSWERABLE, language, "nothing fits", ranked=ranked)
    return _of_the_best(said, index, language, ranked, heard)


def _of_the_best(
    said: str, index: Index, language: str, ranked: tuple[Ranked, ...], heard: list[Ranked]
) -> Draft:
    """The best FAQ's answer where it is sure and alone; else a question back, or none for another kind of thing."""
    best = ranked[0]
    beside = [one.id for one in heard if one.score >= BESIDE and one.id != best.id]
    twin = len(ranked) > 1 and ranked[1].score >= TWIN * best.score
    dish = unknown_dish(said, language, index.faqs.values(), index.language)
    another_kind = dish or _lacks_the_kind(said, (best.id,), index, language)
    if another_kind and best.score < (CERTAIN if dish else _HALF):
        return Draft(DecisionKind.UNANSWERABLE, language, "another kind", ranked=ranked)
    certain = CERTAIN + (CERTAIN_OF_MANY - CERTAIN) * index.rich
    if best.score >= certain and not beside and not twin and not another_kind:
        return Draft(DecisionKind.ANSWER, language, "found", (best.id,), ranked=ranked)
    close = (one.id for one in ranked if one.score >= WORTH_OFFERING)
    options = tuple(dict.fromkeys((best.id, *beside, *close)))[:OFFERED]
    return Draft(DecisionKind.CLARIFY, language, "several could be meant", options=options, ranked=ranked)


def _lacks_the_kind(said: str, ids: tuple[str, ...], index: Index, language: str) -> bool:
    return unnamed(said, language, [index.faqs[one] for one in ids], index.language)


def _worth_asking(said: str, language: str) -> float:
    """The score from which an FAQ is asked about: an order is no question, and must be more like one."""
    return BESIDE if intents.orders(said, language) else POSSIBLE


def _each_asked(said: str, index: Index, language: str, ranked: tuple[Ranked, ...]) -> Draft | None:
    """The answers to those of several questions that are sure; None where there are not several, or none is."""
    asked = _asked(said, index, language)
    if len(asked) < 2:
        return None
    found = [_answer_to(one, index, language) for one in asked]
    told = [one for one in found if one is not None and one.score >= LIKELY_PART]
    in_part = len(told) < len(asked)
    certain = CERTAIN_ALONE if in_part and len(told) == 1 else CERTAIN_PART
    if found[0] not in told or max(one.score for one in told) < certain:
        return None  # what comes later leans on what comes first
    ids = tuple(dict.fromkeys(one.id for one in told))
    reason = "some of several questions" if in_part else "several questions"
    return Draft(DecisionKind.ANSWER, language, reason, ids, in_part=in_part, ranked=ranked)


def _asked(said: str, index: Index, language: str) -> list[str]:
    """The questions of a text that each name something: "¿y cuánto cuesta?" belongs to the one before."""
    found: list[str] = []
    for sentence in questions(said) or [said]:
        parts = [one for one in clauses(sentence) if intents.asks(one, language)]
        found += parts if len(parts) > 1 else [sentence]
    return [one for one in found if _names_something(one, index, language) and not small_talk(one, language)]


def _names_something(text: str, index: Index, language: str) -> bool:
    return any(unit.weight > WEAK for unit in index.units(text, language))


def _answer_to(asked: str, index: Index, language: str) -> Ranked | None:
    """The FAQ that one of several questions most likely means; None where it does not name the kind asked for."""
    exact = index.exact(asked)
    if exact is not None:
        return Ranked(exact, 1.0)
    best = next(iter(rank(index.glance(asked, language))), None)
    return None if best is None or _lacks_the_kind(asked, (best.id,), index, language) else best


def _heard(said: str, index: Index, language: str) -> list[Ranked]:
    """The first FAQ of every part of the text, read by itself; none of a text of one part, which is read already."""
    parts = clauses(said)
    if len(parts) < 2:
        return []
    read = (rank(index.glance(part, language)) for part in parts)
    return [ranked[0] for ranked in read if ranked]
