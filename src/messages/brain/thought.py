"""What became of thinking about a question, and for whom it was thought, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from src.core.openai_types import Usage
from src.messages.brain.money import Payer
from src.messages.decision import Decision, Draft

MODEL, CACHE, SHORTCUT, FAQ = "model", "cache", "shortcut", "faq"  # the rungs of the ladder
NOT_HELD = "the model's drafts did not hold"
_ITS_OWN_FAULT = (NOT_HELD, "refused", "garbled")  # it was asked, and its answer is none: so it is in a turn
TOOL_FAILED = "a tool failed"  # why a person is called after what a customer had agreed to


@dataclass(frozen=True)
class Asker:
    """For whom is thought: who pays, which version of the agent, and why (`answer`, `ask`, `eval`, `replay`).

    `conversation_id` is that of a turn, which may be put off until its call may start; others wait where they are.
    """

    payer: Payer
    version: int
    purpose: str
    conversation_id: int | None = None
    asked_at: int | None = None  # ms; since when the customer waits


@dataclass(frozen=True)
class Call:
    """One call of the model: what for, how it ended, what it used (cost in millionths of a dollar), how long it took."""

    purpose: str
    result: str
    usage: Usage
    cost: int
    ms: int

    def shown(self) -> dict[str, Any]:
        """The call as a turn keeps it."""
        return {
            "purpose": self.purpose,
            "result": self.result,
            "model": self.usage.model,
            "input_tokens": self.usage.input_tokens,
            "cached_tokens": self.usage.cached_tokens,
            "output_tokens": self.usage.output_tokens,
            "cost": self.cost,
            "ms": self.ms,
        }


@dataclass(frozen=True)
class Thought:
    """A draft, the decision over it, and why: the rung of the ladder, the checks by name, the calls that were paid."""

    draft: Draft
    decision: Decision
    rung: str
    why: str = ""
    checks: Mapping[str, str] = field(default_factory=dict)
    calls: tuple[Call, ...] = ()
    in_prompt: tuple[str, ...] = ()  # the FAQs that the model saw

    @property
    def model_was_away(self) -> bool:
        """Was the model to answer, and did not come to it: away, at rest, out of money, or not taking the request?"""
        return self.rung == FAQ and self.why not in _ITS_OWN_FAULT

    @property
    def model(self) -> str | None:
        """The model that answered; None when none did."""
        return self.calls[-1].usage.model if self.calls and self.rung == MODEL else None

    @property
    def cost(self) -> int:
        """What the calls cost together, in millionths of a dollar."""
        return sum(call.cost for call in self.calls)
