"""Splits what a customer wrote into parts that may each ask for something else."""

import re

from src.messages.words import readable

_ENDS = re.compile(
    r"[\n.?!;¿¡…]+|,\s|\s(?:y|e|and|ademas|además|tambien|também|tambem|also|plus)\s", re.IGNORECASE
)
_MOST = 4


def clauses(text: str) -> list[str]:
    """The parts of a text between sentence ends, commas and "and"; none for a text of one part."""
    found = [part.strip() for part in _ENDS.split(readable(text)) if part and part.strip(" ,")]
    return found[:_MOST] if len(found) > 1 else []
