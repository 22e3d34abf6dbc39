"""The rule between what an answerer proposes and what the bot says: pure, and failing closed."""

from dataclasses import replace

from src.core.agent_config import AgentConfig, Faq
from src.messages import intents, phrases
from src.messages.brain.grounding import examine
from src.messages.brain.prompt import RULES
from src.messages.decision import (
    FAQ_BRAIN,
    Clarify,
    Confirm,
    Decision,
    DecisionKind,
    Draft,
    HandOff,
    Refuse,
    Reply,
    SmallTalk,
    Unanswerable,
    unanswered,
)
from src.messages.question import Option, Question
from src.messages.words import cut

MAX_OPTIONS = 9  # WhatsApp's list has ten rows; the last one leads to a person
MAX_ROW_TITLE = 24
MAX_ROW_DESCRIPTION = 72
MISSES = 3  # questions without an answer, one after the other, of which the last calls a person
_SORRY = ("complaint", "money_back", "legal", "harm")
_UNASKED = ("the owner's condition", "what happened")  # reasons for a person whom nobody has asked for
_MAX_ASKED_BACK = 300  # characters of a question back in the model's words


def decide(draft: Draft, config: AgentConfig, question: Question, canary: str = "") -> Decision:
    """What the bot says: the draft, as far as the FAQs bear it.

    An answer needs sources that exist, and in a model's words it must hold against them; a question back needs options
    that exist and is asked once in a row. What does not hold becomes `Unanswerable`: a person is offered, and called
    for the third time in a row. `canary` is what no text may contain. What came beside the words and could not be
    heard or seen is said too.
    """
    return _with_what_was_lost(_decided(draft, config, question, canary), question, draft.language)


def _decided(draft: Draft, config: AgentConfig, question: Question, canary: str) -> Decision:
    holds = draft.brain == FAQ_BRAIN or not examine(draft, config, question, canary, RULES)
    faqs = {faq.id: faq for faq in config.faqs}
    if draft.kind == DecisionKind.ANSWER:
        answer = _reply(draft, faqs) if holds else None
        if answer is None or not draft.in_part:
            return answer or _unanswerable(draft, config, question)
        return _in_part(answer, draft, config, question)
    if draft.kind == DecisionKind.CLARIFY:
        return _clarify(draft, faqs, question, holds) or _unanswerable(draft, config, question)
    if draft.kind == DecisionKind.HANDOFF:
        return HandOff(
            phrases.with_contact(_hand_off(draft, question), draft.language, config.handoff.contact)
        )
    if draft.kind == DecisionKind.OFF_TOPIC:
        return Refuse(phrases.refusal(draft.language, config.name))
    if draft.kind == DecisionKind.SMALLTALK:
        return SmallTalk(_small_talk(draft, holds))
    return _unanswerable(draft, config, question)


def _reply(draft: Draft, faqs: dict[str, Faq]) -> Reply | None:
    """A model's words, or the owner's own, joined; None when a source is missing."""
    sources = tuple(dict.fromkeys(draft.source_ids))
    if not sources or any(one not in faqs and one not in draft.told for one in sources):
        return None
    if draft.brain != FAQ_BRAIN:
        return Reply(draft.text, sources)
    return Reply("\n\n".join(dict.fromkeys(faqs[one].a for one in sources)), sources)


def _in_part(answer: Reply, draft: Draft, config: AgentConfig, question: Question) -> Reply:
    """The answer to a part, and below it what becomes of the rest, as `_unanswerable` has it."""
    calls = question.misses + 1 >= MISSES
    key = "rest_no_answer" if calls else "rest_not_known"
    said = phrases.with_contact(key, draft.language, config.handoff.contact)
    rest = Unanswerable(said, draft.language, calls_person=calls)
    return Reply(f"{answer.text}\n\n{said}", answer.source_ids, rest)


def _hand_off(draft: Draft, question: Question) -> str:
    """Which sentence calls a person: who was harmed, is angry or wants money back hears that we are sorry."""
    why: str | None = draft.reason
    if draft.brain != FAQ_BRAIN:
        why = intents.calls_a_person("\n".join(question.texts), draft.language)
    if why in _SORRY:
        return "hand_off_sorry"
    return "hand_off_plain" if why in (None, *_UNASKED) else "hand_off"


def _with_what_was_lost(decision: Decision, question: Question, language: str) -> Decision:
    """Beside an answer to the customer's words, that a voice note or a picture was not heard or seen."""
    lost = [one for one in ("unheard", "unseen") if one in question.unreadable]
    missed = unanswered(decision)
    is_a_persons = isinstance(decision, HandOff | Confirm) or (missed is not None and missed.calls_person)
    if not lost or is_a_persons or not "".join(question.texts).strip():
        return decision
    return replace(
        decision, text="\n\n".join([decision.text, *(phrases.say(f"also_{one}", language) for one in lost)])
    )


def _clarify(draft: Draft, faqs: dict[str, Faq], question: Question, holds: bool) -> Clarify | None:
    options = [faqs[faq_id] for faq_id in dict.fromkeys(draft.options) if faq_id in faqs][:MAX_OPTIONS]
    if question.offered or not options:
        return None
    text = phrases.say("which_one" if len(options) > 1 else "this_one", draft.language)
    if draft.brain != FAQ_BRAIN and holds and 0 < len(draft.text) <= _MAX_ASKED_BACK:
        text = draft.text
    return Clarify(text, tuple(_option(faq) for faq in options), draft.language)


def _small_talk(draft: Draft, holds: bool) -> str:
    if draft.brain == FAQ_BRAIN:
        return phrases.say(draft.text, draft.language) if draft.text else ""  # a sticker wants no answer
    return draft.text if holds and draft.text else phrases.say("greeting", draft.language)


def _unanswerable(draft: Draft, config: AgentConfig, question: Question) -> Unanswerable:
    """What the phrase `no_answer` promises: that a person answers. Before the third time one is only offered."""
    named = draft.text if draft.kind == DecisionKind.UNANSWERABLE and draft.brain == FAQ_BRAIN else ""
    if named or question.misses + 1 >= MISSES:
        text = phrases.with_contact(named or "no_answer", draft.language, config.handoff.contact)
        return Unanswerable(text, draft.language, calls_person=True)
    text = phrases.with_contact("not_known", draft.language, config.handoff.contact)
    return Unanswerable(text, draft.language, calls_person=False)


def _option(faq: Faq) -> Option:
    """How an FAQ is offered: a title that fits a row, and the whole question where the title is not it."""
    title = cut(faq.title or faq.q, MAX_ROW_TITLE)
    return Option(faq.id, title, None if title == faq.q else cut(faq.q, MAX_ROW_DESCRIPTION))
