"""Checks a model's draft against what it cites, by code, and fails closed."""

from src.core.agent_config import AgentConfig, Faq
from src.messages.brain.grounding import (
    contacts,
    days,
    deeds,
    evidence,
    form,
    leak,
    numbers,
    polarity,
    prices,
    promises,
    readiness,
    safety,
    words,
)
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.grounds import Grounds
from src.messages.decision import FAQ_BRAIN, DecisionKind, Draft
from src.messages.question import Question

_WORDED = (DecisionKind.ANSWER, DecisionKind.CLARIFY, DecisionKind.SMALLTALK)


_WARMING = {
    "es": "Claro, abrimos los lunes a las nueve y cuesta dos pesos.",
    "pt": "Claro, abrimos na segunda às nove e custa dois reais.",
    "en": "Sure, we open on Mondays at nine and it costs two dollars.",
}


def warm_up() -> None:
    """Reads the words of every language, in a second, lest the first draft waits for it."""
    faq = Faq(id="any", q="¿Horario?", a="No abrimos gratis.")
    for language, text in _WARMING.items():
        draft = Draft(DecisionKind.ANSWER, language, "", ("any",), text, brain="model")
        examine(draft, AgentConfig(language=language, faqs=(faq,)), Question((text,)), "")


def examine(
    draft: Draft, config: AgentConfig, question: Question, canary: str, rules: str = ""
) -> tuple[Failure, ...]:
    """What is wrong with a model's draft; empty when it holds. Never raises, whatever the texts; about a millisecond.

    An answer is held against the sources that it cites, a question back against the questions that it offers, small
    talk against nothing. What is said in the owner's words or in our own phrases holds by itself. `canary` is what no
    text may contain, `rules` what it may not repeat.
    """
    if draft.brain == FAQ_BRAIN or draft.kind not in _WORDED:
        return ()
    if not draft.text.strip() and draft.kind != DecisionKind.ANSWER:
        return ()  # our own phrase is said
    grounds = Grounds(draft, config, question)
    too_long = form.length(grounds)
    if too_long and len(draft.text) > form.MAX_ANSWER:
        return tuple(too_long)
    return (
        *evidence.sources(grounds),
        *evidence.quotes(grounds),
        *numbers.check(grounds),
        *prices.check(grounds),
        *days.check(grounds),
        *contacts.contacts(grounds),
        *contacts.links(grounds),
        *words.check(grounds),
        *polarity.check(grounds),
        *safety.check(grounds),
        *deeds.check(grounds),
        *readiness.check(grounds),
        *promises.check(grounds),
        *form.language(grounds),
        *too_long,
        *form.letters(grounds),
        *leak.check(grounds, canary, rules),
    )
