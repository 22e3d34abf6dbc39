"""What an owner says about an agent: its FAQs, persona, language and the person behind it."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

MAX_FAQS = 2_000
MAX_QUESTION = 500
MAX_ANSWER = 4_000
LANGUAGES = ("es", "pt", "en")

Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUESTION)]
Answer = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_ANSWER)]


class Frozen(BaseModel):
    """A value: equal by content, never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Faq(Frozen):
    """One question of the owner's with its answer; `also` are other ways to ask it."""

    id: Annotated[str, Field(min_length=1, max_length=64)]
    q: Question
    a: Answer
    also: tuple[Question, ...] = Field(default=(), max_length=500)
    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] | None = None


class Handoff(Frozen):
    """Who helps when the bot cannot (`contact`, told to the customer) and `when` to call them."""

    contact: Annotated[str, Field(max_length=500)] | None = None
    when: Annotated[str, Field(max_length=2_000)] | None = None


class AgentConfig(Frozen):
    """One numbered version of an agent, as a turn needs it."""

    faqs: tuple[Faq, ...]
    name: str | None = None
    instructions: str | None = None
    language: str = "es"
    handoff: Handoff = Handoff()

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        if len({faq.id for faq in self.faqs}) != len(self.faqs):
            raise ValueError("two FAQs have the same id")
        return self
