"""Splits what a customer wrote into parts that may each ask for something else."""

import re

from src.messages.words import readable

_ENDS = re.compile(
    r"[\n.?!;¿¡…]+|,\s|\s(?:y|e|and|ademas|además|tambien|também|tambem|also|plus)\s", re.IGNORECASE
)
_QUESTION = re.compile(r"[^\n.!?;¿¡…]+\?")
_MOST = 4
_MOST_QUESTIONS = 8


def clauses(text: str) -> list[str]:
    """The parts of a text between sentence ends, commas and "and"; none for a text of one part."""
    found = [part.strip() for part in _ENDS.split(readable(text)) if part and part.strip(" ,")]
    return found[:_MOST] if len(found) > 1 else []


def questions(text: str) -> list[str]:
    """The sentences of a text that end with a question mark, without it, at most eight."""
    return [found.strip(" ?") for found in _QUESTION.findall(readable(text))][:_MOST_QUESTIONS]
