"""What a transcriber should expect to hear: the business's name and the telling words of its FAQs."""

import re
from collections import Counter

from src.core.agent_config import AgentConfig
from src.messages.language import LANGUAGES, of_agent
from src.messages.words import fold, is_stop, word

MOST = 50  # words of the FAQs
_LEAST_LETTERS = 4
_WORD = re.compile(r"[^\W\d_][\w'-]*[^\W_]")


def languages(config: AgentConfig) -> tuple[str, ...]:
    """The languages that a customer may speak, the agent's own first."""
    own = of_agent(config.language)
    return (own, *(other for other in LANGUAGES if other != own))


def keywords(config: AgentConfig) -> tuple[str, ...]:
    """The agent's name, then at most 50 words: names before others, and what many questions share before what few do."""
    language = of_agent(config.language)
    found: Counter[str] = Counter()
    names: set[str] = set()
    for faq in config.faqs:
        for at, written in _words(faq.q):
            if _tells(written, language):
                found[written] += 1
                if at and written[0].isupper():
                    names.add(written)
    ranked = sorted(found, key=lambda one: (one not in names, -found[one]))
    first = () if config.name is None else (config.name,)
    return tuple(dict.fromkeys((*first, *ranked[:MOST])))


def _words(text: str) -> list[tuple[int, str]]:
    """The words of a question as they are written, each with its place; what begins it is written small."""
    found = _WORD.findall(text)
    return [(at, one if at else one.lower()) for at, one in enumerate(found)]


def _tells(written: str, language: str) -> bool:
    return len(written) >= _LEAST_LETTERS and not is_stop(word(fold(written), language), language)
