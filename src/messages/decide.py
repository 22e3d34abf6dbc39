"""The rule between what an answerer proposes and what the bot says: pure, and failing closed."""

from src.core.agent_config import AgentConfig, Faq
from src.messages import phrases
from src.messages.decision import (
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


def decide(draft: Draft, config: AgentConfig, question: Question) -> Decision:
    """What the bot says: the draft, as far as the FAQs bear it.

    An answer needs sources that exist; a question back needs options that exist and is asked once in a row.
    What does not hold becomes `Unanswerable`, which calls a person.
    """
    faqs = {faq.id: faq for faq in config.faqs}
    if draft.kind == DecisionKind.ANSWER:
        return _reply(draft, faqs) or _unanswerable(draft, config)
    if draft.kind == DecisionKind.CLARIFY:
        options = [faqs[faq_id] for faq_id in dict.fromkeys(draft.options) if faq_id in faqs][:MAX_OPTIONS]
        if question.offered or not options:
            return _unanswerable(draft, config)
        text = phrases.say("which_one" if len(options) > 1 else "this_one", draft.language)
        return Clarify(text, tuple(_option(faq) for faq in options), draft.language)
    if draft.kind == DecisionKind.HANDOFF:
        return HandOff(phrases.with_contact("hand_off", draft.language, config.handoff.contact))
    if draft.kind == DecisionKind.OFF_TOPIC:
        return Refuse(phrases.refusal(draft.language, config.name))
    if draft.kind == DecisionKind.SMALLTALK:
        return SmallTalk(phrases.say(draft.text, draft.language))
    return _unanswerable(draft, config)


def _reply(draft: Draft, faqs: dict[str, Faq]) -> Reply | None:
    """The owner's own words, joined; None when a source is missing."""
    sources = tuple(dict.fromkeys(draft.source_ids))
    if not sources or any(faq_id not in faqs for faq_id in sources):
        return None
    answers = dict.fromkeys(faqs[faq_id].a for faq_id in sources)
    return Reply("\n\n".join(answers), sources)


def _unanswerable(draft: Draft, config: AgentConfig) -> Unanswerable:
    key = draft.text if draft.kind == DecisionKind.UNANSWERABLE and draft.text else "no_answer"
    return Unanswerable(phrases.with_contact(key, draft.language, config.handoff.contact))


def _option(faq: Faq) -> Option:
    """How an FAQ is offered: a title that fits a row, and the whole question where the title is not it."""
    title = cut(faq.title or faq.q, MAX_ROW_TITLE)
    return Option(faq.id, title, None if title == faq.q else cut(faq.q, MAX_ROW_DESCRIPTION))
