"""The rule between what an answerer proposes and what the bot says: pure, and failing closed."""

from src.core.agent_config import AgentConfig, Faq
from src.messages import phrases
from src.messages.brain.grounding import examine
from src.messages.brain.prompt import RULES
from src.messages.decision import (
    FAQ_BRAIN,
    Clarify,
    Decision,
    DecisionKind,
    Draft,
    HandOff,
    Refuse,
    Reply,
    SmallTalk,
    Unanswerable,
)
from src.messages.question import Option, Question
from src.messages.words import cut

MAX_OPTIONS = 9  # WhatsApp's list has ten rows; the last one leads to a person
MAX_ROW_TITLE = 24
MAX_ROW_DESCRIPTION = 72
MISSES = 3  # questions without an answer, one after the other, of which the last calls a person
_MAX_ASKED_BACK = 300  # characters of a question back in the model's words


def decide(draft: Draft, config: AgentConfig, question: Question, canary: str = "") -> Decision:
    """What the bot says: the draft, as far as the FAQs bear it.

    An answer needs sources that exist, and in a model's words it must hold against them; a question back needs options
    that exist and is asked once in a row. What does not hold becomes `Unanswerable`: a person is offered, and called
    for the third time in a row. `canary` is what no text may contain.
    """
    holds = draft.brain == FAQ_BRAIN or not examine(draft, config, question, canary, RULES)
    faqs = {faq.id: faq for faq in config.faqs}
    if draft.kind == DecisionKind.ANSWER:
        return (_reply(draft, faqs) if holds else None) or _unanswerable(draft, config, question)
    if draft.kind == DecisionKind.CLARIFY:
        return _clarify(draft, faqs, question, holds) or _unanswerable(draft, config, question)
    if draft.kind == DecisionKind.HANDOFF:
        return HandOff(phrases.with_contact("hand_off", draft.language, config.handoff.contact))
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
