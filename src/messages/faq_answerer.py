"""Answers from the FAQs alone, in the owner's own words: finds, asks back or says that there is no answer."""

from collections.abc import Sequence
from dataclasses import replace

from src.core.agent_config import AgentConfig, Faq
from src.messages import intents, phrases
from src.messages.actions import consent
from src.messages.choice import chosen
from src.messages.confidence import rank
from src.messages.decision import DecisionKind, Draft, Ranked
from src.messages.find import Index, leans_on_earlier
from src.messages.hearing.behaviour import Behaviour, of_turn
from src.messages.indexes import index_of
from src.messages.language import LANGUAGES, detect, of_agent
from src.messages.match import Match
from src.messages.question import Question
from src.messages.small_talk import agrees_by_sign, praises, small_talk
from src.messages.weigh import CERTAIN, POSSIBLE, weigh

_TOLD = 0.7  # how well an FAQ still fits a short follow-up when its answer was the last thing said
_NOTHING_ASKED = (
    "greeting",
    "no_person",
    "place",
    "people",
    "not_known",
    "rest_not_known",
)  # that an "ok" answers
_ASKS_FOR_WORDS = (Behaviour.UNHEARD, Behaviour.UNSEEN, Behaviour.UNSUPPORTED)
_SHOWN = 10  # FAQs that a draft ranks
_ASKED = {"es": "¿A qué hora abren?", "pt": "A que horas vocês abrem?", "en": "When do you open?"}
_ANY = Faq(id="any", q="horario de apertura, horário, opening hours", a="…")


def warm_up() -> None:
    """Reads the words of every language, in half a second, lest the first turns all do so at the same time."""
    for language, asked in _ASKED.items():
        draft(Question((asked,)), AgentConfig(language=language, faqs=(_ANY,)))
    consent.said(("1",))


def draft(question: Question, config: AgentConfig) -> Draft:
    """What the FAQs say to the question. Never raises, whatever the text; a few ms with 2,000 FAQs."""
    language = detect(question, of_agent(config.language))
    said = "\n".join(question.texts)
    if question.tapped:
        return _tapped(question, config, language)
    if not said.strip() and question.unreadable:
        return _unreadable(question, language)
    if _wants_the_offered_person(question):
        return Draft(DecisionKind.HANDOFF, language, "person")
    index = index_of(config)
    meant = intents.corrected(said, language) or intents.without_refusals(said, language)
    if not meant.strip() and said.strip():
        return Draft(DecisionKind.SMALLTALK, language, "wants no person", text="no_person")
    if meant != said:
        question, said = replace(question, texts=(meant,)), meant
    ranked = rank(search(index, question, language))[:_SHOWN]
    options = chosen(said, (language, *LANGUAGES), question.offered)
    if options is not None:
        return _chosen([option.faq_id for option in options], config, language, ranked)
    exact = index.exact(said)
    if exact is not None:
        ranked = (Ranked(exact, 1.0), *(one for one in ranked if one.id != exact))
        return Draft(DecisionKind.ANSWER, language, "the owner's own question", (exact,), ranked=ranked)
    return _by_intent(said, config, language, ranked, _asked_something(question)) or weigh(
        said, index, language, ranked
    )


def candidates(question: Question, config: AgentConfig, ranked: Sequence[Ranked], count: int) -> list[Ranked]:
    """FAQs that the question may mean, best first, at most `count`: those that a draft ranked, then, with score 0, all
    that share anything with it or with what the customer said before."""
    language = detect(question, of_agent(config.language))
    said = "\n".join(question.texts)
    listed = index_of(config).longlist(said, language, _earlier(question), count)
    known = {one.id for one in ranked}
    return [*ranked, *(Ranked(faq_id, 0.0) for faq_id in listed if faq_id not in known)][:count]


def search(index: Index, question: Question, language: str) -> list[Match]:
    """The FAQs that a turn may mean; what says little by itself is read with what the customer said before."""
    said = "\n".join(question.texts)
    if not leans_on_earlier(said, language):
        return index.search(said, language)
    earlier = _earlier(question)
    told = _last_said(question)
    return [
        match.faded(_TOLD) if index.faqs[match.id].a in told else match
        for match in index.search(said, language, earlier)
    ]


def _earlier(question: Question) -> list[str]:
    """What the customer said before, the newest first."""
    return [one.text for one in reversed(question.context) if one.role == "customer"]


def _tapped(question: Question, config: AgentConfig, language: str) -> Draft:
    """What was tapped, also late: an option, or the way to a person."""
    ids = [tap.removeprefix("faq:") for tap in question.tapped if tap.startswith("faq:")]
    if not ids:
        return Draft(DecisionKind.HANDOFF, language, "asked for a person by a button")
    return _chosen(ids, config, language, ())


def _chosen(ids: list[str], config: AgentConfig, language: str, ranked: tuple[Ranked, ...]) -> Draft:
    known = {faq.id for faq in config.faqs}
    there = tuple(faq_id for faq_id in ids if faq_id in known)
    if there:
        ranked = ranked or tuple(Ranked(faq_id, 1.0) for faq_id in there)
        return Draft(DecisionKind.ANSWER, language, "chosen", there, ranked=ranked)
    if ids:
        return Draft(
            DecisionKind.UNANSWERABLE, language, "the chosen FAQ is gone", text="removed", ranked=ranked
        )
    return Draft(DecisionKind.HANDOFF, language, "none of the options", ranked=ranked)


def _unreadable(question: Question, language: str) -> Draft:
    """Thanks for what needs no words, and asks for them otherwise: the second time in a row a person takes over."""
    what = of_turn(Behaviour(one) for one in question.unreadable)
    reason = f"no words: {what}"
    if what == Behaviour.STICKER:
        return Draft(DecisionKind.SMALLTALK, language, reason)
    if what in (Behaviour.PLACE, Behaviour.PEOPLE):
        return Draft(DecisionKind.SMALLTALK, language, reason, text=what)
    if what == Behaviour.FILE:
        return Draft(DecisionKind.UNANSWERABLE, language, reason, text=what)
    if any(phrases.says(_last_said(question), one) for one in _ASKS_FOR_WORDS):
        return Draft(DecisionKind.UNANSWERABLE, language, f"again {reason}", text="unreadable_again")
    return Draft(DecisionKind.SMALLTALK, language, reason, text=what)


def _last_said(question: Question) -> str:
    """The last words of the bot's, or a person's, to the customer."""
    return next((one.text for one in reversed(question.context) if one.role == "bot"), "")


def _asked_something(question: Question) -> bool:
    """Were the last words a question that no phrase of ours asks?"""
    last = _last_said(question)
    return "?" in last and not any(
        phrases.says(last, one) for one in ("greeting", "place", "people", "not_known")
    )


def _wants_the_offered_person(question: Question) -> bool:
    """A plain yes to the question whether a person of the team should answer."""
    agrees = consent.said(question.texts) == consent.YES or agrees_by_sign("".join(question.texts))
    last = _last_said(question)
    return agrees and any(phrases.says(last, one) for one in ("not_known", "rest_not_known"))


def _by_intent(
    said: str, config: AgentConfig, language: str, ranked: tuple[Ranked, ...], asked: bool
) -> Draft | None:
    """Small talk, the wish for no more of it, a call for a person, or nothing of the business's; None for a question.

    `asked` is true where the last words were a question of ours: an "ok" to that is no plain small talk.
    """
    kind = small_talk(said, language)
    if kind is not None:
        plainly = "a word to what was asked" if asked and kind in ("ok", "thanks") else "small talk"
        return Draft(DecisionKind.SMALLTALK, language, plainly, text=kind, ranked=ranked)
    leaves = intents.opt_out(said, of_agent(config.language))
    if leaves is not None:
        return Draft(DecisionKind.SMALLTALK, leaves, intents.OPTED_OUT, text="no_more", ranked=ranked)
    spoken = dict.fromkeys((language, of_agent(config.language)))  # a few words may be of either
    reason = next(filter(None, (intents.calls_a_person(said, one) for one in spoken)), None)
    if reason is not None:
        return Draft(DecisionKind.HANDOFF, language, reason, ranked=ranked)
    best = ranked[0].score if ranked else 0.0
    if best >= CERTAIN:
        return None
    possible = {one.id for one in ranked if one.score >= POSSIBLE}
    answered = (f"{faq.q} {faq.a}" for faq in config.faqs if faq.id in possible)
    if intents.owners_condition(said, language, config.handoff.when, answered):
        return Draft(DecisionKind.HANDOFF, language, "the owner's condition", ranked=ranked)
    if intents.off_topic(said, language):
        return Draft(DecisionKind.OFF_TOPIC, language, "nothing of the business's", ranked=ranked)
    if praises(said, language):
        return Draft(DecisionKind.SMALLTALK, language, "praise", text="thanks", ranked=ranked)
    if intents.narrates(said, language):
        return Draft(DecisionKind.HANDOFF, language, "what happened", ranked=ranked)
    return None
