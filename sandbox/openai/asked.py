"""What a request asks, as a value: the same whichever API brought it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Talk:
    """What a model is told: rules, the texts of the input in their order, tools, what tools returned.

    `schema` is the strict schema of the answer, None for plain text; `effort` is how much it may reason.
    """

    instructions: str
    texts: tuple[str, ...]
    images: int = 0
    functions: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None
    effort: str = "medium"

    @property
    def whole(self) -> str:
        """All of it in the order of the wire, for the count of tokens and the cache."""
        return "\n".join((self.instructions, *self.texts, *self.outputs))


@dataclass(frozen=True)
class Asked:
    """One request: `input` is the text that rules may look for, `body` what the ledger keeps, `agent` who it is for."""

    model: str
    input: str
    body: Json
    agent: str | None = None
    talk: Talk = field(default_factory=lambda: Talk("", ()))


@dataclass(frozen=True)
class Said:
    """What the model says: a text, a refusal, or a tool call (name, arguments as JSON); `ended` is how.

    `ended` is completed, cut_off, failed or empty.
    """

    text: str | None = None
    refusal: str | None = None
    call: tuple[str, str] | None = None
    ended: str = "completed"
