"""What came of one attempt to tell a person."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Outcome:
    """`sent`, `again` (later), `failed` (never) or `dropped` (no longer needed), and a few words that say why."""

    word: Literal["sent", "again", "failed", "dropped"]
    reason: str | None = None


SENT = Outcome("sent")


def again(reason: str) -> Outcome:
    """It is tried again later."""
    return Outcome("again", reason)


def failed(reason: str) -> Outcome:
    """Another attempt would bring nothing."""
    return Outcome("failed", reason)


def dropped(reason: str) -> Outcome:
    """Nobody needs to be told any more."""
    return Outcome("dropped", reason)
