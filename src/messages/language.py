"""Tells in which of the bot's languages a customer writes."""

import re
from functools import lru_cache

from src.messages import vocabulary
from src.messages.question import Question
from src.messages.words import fold, readable

LANGUAGES = ("es", "pt", "en")

_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"\w+://\S+|www\.\S+|\S+@\S+|\b[\w-]+\.(?:com|net|org|app|io)\b\S*", re.IGNORECASE)
_LETTERS = {"es": "ñ¿¡", "pt": "ãõçêôâ"}
_ENOUGH = 0.7  # what words must say to be believed: "ok" is said everywhere
_COMMON = 0.5  # how much a word says that is common in the language, and may be so in another
_SHARED = 0.5  # how much is left of that when another language has the word
_BEYOND_DOUBT = 2.0  # how far ahead a language is when nothing but its words decides
_AGENT_FIRST = 0.7  # how much the agent's own language is ahead where words leave it open


def of_agent(language: str) -> str:
    """The bot's language for an agent's tag: `pt-BR` is pt, an unknown one es."""
    tag = language[:2].lower()
    return tag if tag in LANGUAGES else "es"


def detect(question: Question, default: str) -> str:
    """The language of this turn's words; where they say too little, of the customer's earlier ones; else `default`."""
    turn = _told("\n".join(question.texts), default)
    if turn is not None:
        return turn
    earlier = "\n".join(said.text for said in question.context if said.role == "customer")
    return _told(earlier, default) or default


def of_text(text: str, default: str) -> str:
    """The language of a text, `default` where it says too little."""
    return _told(text, default) or default


def certain(text: str) -> str | None:
    """The language of a text whose words leave no doubt; None for all others."""
    first, second, _ = sorted(_votes(text).items(), key=lambda pair: -pair[1])
    return first[0] if first[1] - second[1] >= _BEYOND_DOUBT else None


def _told(text: str, default: str) -> str | None:
    votes = _votes(text)
    if max(votes.values()) < _ENOUGH:
        return None
    votes[default] += _AGENT_FIRST
    return max(LANGUAGES, key=lambda language: votes[language])


def _votes(text: str) -> dict[str, float]:
    """How much a text's words and letters speak for each language."""
    seen = _ADDRESS.sub(" ", readable(text))  # a link is of no language
    words = _WORD.findall(fold(seen))
    votes = {language: sum(_telling(word, language) for word in words) for language in LANGUAGES}
    for language, letters in _LETTERS.items():
        votes[language] += 2.0 * sum(letter in seen.lower() for letter in letters)
    return votes


@lru_cache(maxsize=20_000)
def _telling(word: str, language: str) -> float:
    """How much a word speaks for a language: less when another language has it too."""
    own = (word in vocabulary.words("languages", language)) + _COMMON * (
        word in vocabulary.words("stopwords", language)
    )
    others = [other for other in LANGUAGES if other != language]
    shared = any(
        word in vocabulary.words(name, other)
        for other in others
        for name in ("languages", "stopwords", "weak")
    )
    return own * _SHARED if shared else own
