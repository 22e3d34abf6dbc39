"""What an answerer proposes (a draft) and what the bot then says (a decision), as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from src.messages.question import Option

FAQ_BRAIN = "faq"  # the answerer that speaks in the owner's own words; all others are models


class DecisionKind(StrEnum):
    """The six decisions that are stored with a turn."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    HANDOFF = "handoff"
    UNANSWERABLE = "unanswerable"
    OFF_TOPIC = "off_topic"
    SMALLTALK = "smalltalk"


@dataclass(frozen=True)
class Ranked:
    """An FAQ that could be meant; `score` is between 0 and 1 and comparable between questions."""

    id: str
    score: float


@dataclass(frozen=True)
class Quote:
    """Words that a draft says it found in one of its sources."""

    source_id: str
    text: str


@dataclass(frozen=True)
class Draft:
    """What an answerer proposes; nothing of it is said before `decide` has checked it.

    `text` is the proposed answer; `in_part` is true where it leaves something that was asked; `options` are ids of FAQs to choose from; `brain` names the answerer, `faq` or
    `openai`. A model's draft quotes its sources; `told` is what tools answered in this turn, by source id, and may
    be cited beside the FAQs.
    """

    kind: DecisionKind
    language: str
    reason: str
    source_ids: tuple[str, ...] = ()
    text: str = ""
    options: tuple[str, ...] = ()
    ranked: tuple[Ranked, ...] = ()
    brain: str = FAQ_BRAIN
    quotes: tuple[Quote, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    in_part: bool = False


@dataclass(frozen=True)
class Unanswerable:
    """The FAQs hold no answer: a person is offered, or, with `calls_person`, called."""

    text: str
    language: str
    calls_person: bool
    kind: ClassVar[DecisionKind] = DecisionKind.UNANSWERABLE


@dataclass(frozen=True)
class Reply:
    """An answer, and the FAQs that it rests on; `rest` is what becomes of a part that the FAQs do not hold."""

    text: str
    source_ids: tuple[str, ...]
    rest: Unanswerable | None = None
    kind: ClassVar[DecisionKind] = DecisionKind.ANSWER


@dataclass(frozen=True)
class Clarify:
    """A question back, with one to nine FAQs to choose from."""

    text: str
    options: tuple[Option, ...]
    language: str
    kind: ClassVar[DecisionKind] = DecisionKind.CLARIFY


@dataclass(frozen=True)
class HandOff:
    """A person is called, because the customer wants or needs one."""

    text: str
    kind: ClassVar[DecisionKind] = DecisionKind.HANDOFF


@dataclass(frozen=True)
class Refuse:
    """Nothing to do with the business."""

    text: str
    kind: ClassVar[DecisionKind] = DecisionKind.OFF_TOPIC


@dataclass(frozen=True)
class SmallTalk:
    """A greeting, thanks, a goodbye, or a message that cannot be read yet."""

    text: str
    kind: ClassVar[DecisionKind] = DecisionKind.SMALLTALK


@dataclass(frozen=True)
class Confirm:
    """What a tool of the owner's would do, shown with two buttons: nothing is done before the customer says yes."""

    text: str
    message: Mapping[str, Any]  # WhatsApp's message object
    kind: ClassVar[DecisionKind] = DecisionKind.CLARIFY


Decision = Reply | Confirm | Clarify | HandOff | Unanswerable | Refuse | SmallTalk


def unanswered(decision: Decision) -> Unanswerable | None:
    """The decision, or the part of it, that says that there is no answer; None where all has one."""
    if isinstance(decision, Reply):
        return decision.rest
    return decision if isinstance(decision, Unanswerable) else None
