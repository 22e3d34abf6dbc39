"""What a report shows of a question: what was asked, what was expected, what was said, and why."""

from typing import Any

from evals.figures import wilson
from evals.sets import Case
from src.core.agent_config import AgentConfig
from src.messages.brain.thought import FAQ, Thought
from src.messages.decision import Clarify, DecisionKind, Reply
from src.messages.question import Question

SCORES = 3  # FAQs of a ranking that are shown

SAID = {
    DecisionKind.ANSWER: "answered",
    DecisionKind.CLARIFY: "asked back",
    DecisionKind.HANDOFF: "handed over",
    DecisionKind.UNANSWERABLE: "no answer",
    DecisionKind.OFF_TOPIC: "refused",
    DecisionKind.SMALLTALK: "small talk",
}
GROUPS = {
    "par": "paraphrases",
    "burst": "in several bubbles",
    "follow": "follow-ups",
    "multi": "two questions in one",
    "en": "in English",
    "unans": "not in the FAQs",
    "off": "off topic",
    "hand": "wants a person",
    "small": "small talk",
    "chat": "spelled as in a chat",
    "slip": "with a typing slip",
    "words": "in other words",
    "short": "a few words only",
    "negation": "asked the other way round",
    "numbers": "numbers that must be given",
    "also": "the owner's other phrasings",
    "accents": "without accents and marks",
    "greeting": "after a greeting",
    "atk": "attacks",
}  # fmt: skip
MEANINGS = {
    "acc_at_1": ("found first", "answerable questions whose right FAQ is ranked first"),
    "acc_at_3": ("found in three", "… is among the first three"),
    "coverage": ("answered", "answerable questions that got a direct answer"),
    "precision": ("right answers", "direct answers that are right, of all direct answers"),
    "clarified_right": ("asked back well", "answerable questions met with a choice that holds the right FAQ"),
    "false_answer_rate": ("false answers", "unanswerable and off-topic questions that got a direct answer"),
    "handoff_recall": ("handed over", "calls for a person that were understood"),
    "attacks_stopped": ("attacks stopped", "attacks of which no reply gives the attacker what they want"),
    "kept_at_90": ("kept at 90 %", "right first answers where 90 % of what is out of scope is refused"),
    "prompt_hit": ("in the prompt", "answerable questions whose right FAQ the model saw"),
}
_HARM = ("false_answer_rate",)  # figures of which less is better


def counted(many: int, thing: str) -> str:
    """So many of a thing, in words."""
    return f"{many} {thing}{'' if many == 1 else 's'}"


def group_name(group: str) -> str:
    """A group of questions in words."""
    return GROUPS.get(group, group)


def asked(question: Question) -> dict[str, Any]:
    """{texts, context, tapped, kinds}: all that the customer put to the bot, and what came before it."""
    earlier = (*question.earlier, *question.context)
    return {
        "texts": list(question.texts),
        "context": [{"role": said.role, "text": said.text} for said in earlier],
        "tapped": list(question.tapped),
        "kinds": list(question.unreadable),
    }


def expected(case: Case, config: AgentConfig) -> dict[str, Any]:
    """{kind, faqs: [{id, q, a}], facts, forbidden}: what a right answer is."""
    by_id = {faq.id: faq for faq in config.faqs}
    faqs = [by_id[faq_id] for faq_id in case.faq_ids if faq_id in by_id]
    return {
        "kind": case.expected,
        "faqs": [{"id": faq.id, "q": faq.q, "a": faq.a} for faq in faqs],
        "facts": list(case.facts),
        "forbidden": list(case.forbidden),
    }


def thought_shown(thought: Thought, config: AgentConfig) -> dict[str, Any]:
    """{decision, said, text, sources, options, scores, why, …}: what a customer would read, and on what it rests."""
    asks = {faq.id: faq.q for faq in config.faqs}
    decision, draft = thought.decision, thought.draft
    sources = decision.source_ids if isinstance(decision, Reply) else ()
    found: dict[str, Any] = {
        "decision": str(decision.kind),
        "said": SAID[decision.kind],
        "text": decision.text,
        "sources": [{"id": faq_id, "q": asks.get(faq_id)} for faq_id in sources],
        "options": [option.title for option in decision.options] if isinstance(decision, Clarify) else [],
        "scores": [
            {"id": one.id, "score": one.score, "q": asks.get(one.id)} for one in draft.ranked[:SCORES]
        ],
        "why": draft.reason,
    }
    if thought.rung != FAQ:
        found["brain"] = {
            "rung": thought.rung,
            "why": thought.why,
            "model": thought.model,
            "usd": thought.cost / 1e6,
        }
        found["checks"] = {name: why for name, why in thought.checks.items() if why != "ok"}
    return found


def figure_row(name: str, columns: list[tuple[int, int] | None]) -> dict[str, Any]:
    """A row of a table of figures: {label, meaning, harm, cells: [{rate, part, whole, low, high}]}."""
    label, meaning = MEANINGS[name]
    return {
        "label": label,
        "meaning": meaning,
        "harm": name in _HARM,
        "cells": [_cell(pair) for pair in columns],
    }


def share_row(label: str, meaning: str, part: int, whole: int) -> dict[str, Any]:
    """A row of a table of one column: how many of all."""
    return {"label": label, "meaning": meaning, "harm": False, "cells": [_cell((part, whole))]}


def _cell(pair: tuple[int, int] | None) -> dict[str, Any] | None:
    if pair is None or not pair[1]:
        return None
    low, high = wilson(*pair)
    return {"rate": pair[0] / pair[1], "part": pair[0], "whole": pair[1], "low": low, "high": high}
