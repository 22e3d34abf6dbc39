"""What a customer has put to the bot in one turn."""

from dataclasses import dataclass
from typing import Literal

from src.core.openai_types import Image


@dataclass(frozen=True)
class Option:
    """One FAQ that the bot offered when it asked what was meant."""

    faq_id: str
    title: str
    description: str | None


@dataclass(frozen=True)
class Said:
    """Something said earlier in the conversation."""

    role: Literal["customer", "bot"]
    text: str


@dataclass(frozen=True)
class Question:
    """All that waits in a conversation, with what came before it.

    `texts` are the customer's messages of this turn, oldest first. `tapped` are the ids of tapped buttons and rows
    as `compose` made them. `offered` are the options of the bot's question when it was the last thing said.
    `unreadable` says of each message without words what
    it is (`hearing.Behaviour`). `images` are the pictures that came with
    them. `earlier` was said before the last 24 hours, `context` within them. `misses` counts the questions in a row
    that had no answer.
    """

    texts: tuple[str, ...]
    context: tuple[Said, ...] = ()
    tapped: tuple[str, ...] = ()
    offered: tuple[Option, ...] = ()
    unreadable: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    earlier: tuple[Said, ...] = ()
    misses: int = 0
