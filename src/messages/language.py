"""Tells in which of the bot's languages a customer writes."""

import re

from src.messages import vocabulary
from src.messages.question import Question
from src.messages.words import fold, readable

LANGUAGES = ("es", "pt", "en")

_WORD = re.compile(r"[^\W\d_]+")
_LETTERS = {"es": "ñ¿¡", "pt": "ãõçêôâ"}
_COMMON = 0.5  # how much a word says that is common in the language, and may be so in another
_AGENT_FIRST = 0.5  # how much the agent's own language is ahead where words leave it open


def of_agent(language: str) -> str:
    """The bot's language for an agent's tag: `pt-BR` is pt, an unknown one es."""
    tag = language[:2].lower()
    return tag if tag in LANGUAGES else "es"


def detect(question: Question, default: str) -> str:
    """The language of this turn's words; where they say too little, of the customer's earlier ones; else `default`."""
    turn = _votes("\n".join(question.texts), default)
    if turn is not None:
        return turn
    earlier = "\n".join(said.text for said in question.context if said.role == "customer")
    return _votes(earlier, default) or default


def of_text(text: str, default: str) -> str:
    """The language of a text, `default` where it says too little."""
    return _votes(text, default) or default


def _votes(text: str, default: str) -> str | None:
    seen = readable(text)
    words = _WORD.findall(fold(seen))
    votes = dict.fromkeys(LANGUAGES, 0.0)
    for language in LANGUAGES:
        telling = vocabulary.words("languages", language)
        common = vocabulary.words("stopwords", language)
        votes[language] = sum((word in telling) + _COMMON * (word in common) for word in words)
        votes[language] += 2.0 * sum(letter in seen.lower() for letter in _LETTERS.get(language, ""))
    if not any(votes.values()):
        return None
    votes[default] += _AGENT_FIRST
    return max(LANGUAGES, key=lambda language: votes[language])
