"""What became of a message's file, as `message.heard` keeps it, and the words that a message has by it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from src.core.visible import clean
from src.messages.content import words_of

MAX_TEXT = 4_096  # characters of a transcript that are kept: as many as a text may have


class HeardKind(StrEnum):
    """What a message's file has become."""

    TRANSCRIPT = "transcript"
    IMAGE = "image"  # it is kept, for the model to look at
    FAILED = "failed"  # it should have been heard or seen, and could not be
    REFUSED = "refused"  # files like this are not opened


@dataclass(frozen=True)
class Heard:
    """What became of a file: a transcript's `text`, or the `reason` why there is none.

    `cost` is what the call of the model has cost, in millionths of a dollar.
    """

    kind: HeardKind
    text: str | None = None
    reason: str | None = None
    cost: int = 0

    def stored(self) -> dict[str, Any]:
        """The value for `message.heard`, without what is not there."""
        return {key: value for key, value in asdict(self).items() if value}


def transcript(text: str, cost: int) -> Heard:
    """A transcript as a person would read it; a recording without words has failed."""
    seen = clean(text).strip()[:MAX_TEXT]
    if not any(letter.isalnum() for letter in seen):
        return Heard(HeardKind.FAILED, reason="nothing was said", cost=cost)
    return Heard(HeardKind.TRANSCRIPT, text=seen, cost=cost)


def words(kind: str, content: Any, heard: Mapping[str, Any] | None) -> str | None:
    """What a message says in words: its text or caption, else its transcript; None when it says nothing."""
    said = heard.get("text") if heard is not None else None
    return words_of(kind, content) or (said if isinstance(said, str) else None)


def cost(heard: Mapping[str, Any] | None) -> int:
    """What it has cost to hear a message, in millionths of a dollar."""
    return int(heard.get("cost", 0)) if heard is not None else 0
