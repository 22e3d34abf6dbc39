"""What is ordered of the next requests: how the model behaves, and how its server fails."""

from dataclasses import asdict, dataclass
from typing import Any

from sandbox.openai.asked import Asked

TALK = ("responses", "chat")
ENDPOINTS = (*TALK, "transcriptions", "embeddings")
MODELS = (
    *("echo_faq", "reply", "invent_number", "invent_id", "invent_link", "obey", "refuse", "cut_off"),
    *("failed", "malformed", "empty", "wish"),
)
TROUBLES = (
    *("rate_limit", "slow_down", "billing", "overloaded", "error_500", "not_found", "unauthorized", "error"),
    *("hang", "slow", "cut", "garbage"),
)
ACTS = {
    "responses": MODELS + TROUBLES,
    "chat": MODELS + TROUBLES,
    "transcriptions": ("reply", *TROUBLES),
    "embeddings": TROUBLES,
}


@dataclass
class Rule:
    """What happens to the next `times` requests (None: to all) of one endpoint that hold a text and ask a model.

    `content` or `text` is what `reply` says; `name` and `arguments` are what `wish` asks for; `seconds` belong to
    `hang` and `slow`; `answer` says whether a hanging server answers in the end; `retry_after` to `rate_limit`;
    `status`, `code` and `message` to `error`.
    """

    id: int
    on: str
    act: str
    times: int | None = None
    contains: str | None = None
    model: str | None = None
    content: Any = None
    text: str | None = None
    name: str | None = None
    arguments: dict[str, Any] | None = None
    seconds: float = 0.0
    answer: bool = True
    retry_after: float = 1.0
    status: int = 400
    code: str | None = None
    message: str | None = None

    def meets(self, on: str, asked: Asked) -> bool:
        """Is this request one of those that it is for?"""
        return (
            self.on == on
            and self.model in (None, asked.model)
            and (self.contains is None or self.contains in asked.input)
        )


class Rules:
    """The rules in force, the oldest first; they end with the process."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._count = 0

    def order(self, **wished: Any) -> Rule:
        """Puts a rule into force."""
        self._count += 1
        rule = Rule(id=self._count, **wished)
        self._rules.append(rule)
        return rule

    def take(self, on: str, asked: Asked) -> Rule | None:
        """The first rule that meets this request, which counts as one of its times; None when the model is lawful."""
        for rule in self._rules:
            if rule.meets(on, asked):
                if rule.times is not None:
                    rule.times -= 1
                if rule.times == 0:
                    self._rules.remove(rule)
                return rule
        return None

    def view(self) -> list[dict[str, Any]]:
        """What is still in force, with the times that are left."""
        return [asdict(rule) for rule in self._rules]

    def clear(self) -> None:
        """Ends all rules. Safe to call twice."""
        self._rules.clear()
