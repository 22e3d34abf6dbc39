"""What an owner says about an agent: its FAQs, persona, language, tools and the person behind it."""

from typing import Annotated, Any, Self

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
    """Who helps when the bot cannot (`contact`, told to the customer), `when` to call them, and how they are told.

    People are told by a signed `webhook` (https), an `email` and a message to the owner's own `whatsapp`; after
    `return_minutes` of silence the conversation goes back to the bot by itself.
    """

    contact: Annotated[str, Field(max_length=500)] | None = None
    when: Annotated[str, Field(max_length=2_000)] | None = None
    webhook: Annotated[str, Field(max_length=500)] | None = None
    webhook_secret: Annotated[str, Field(min_length=16, max_length=200)] | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    whatsapp: Annotated[str, Field(max_length=40)] | None = None
    return_minutes: Annotated[int, Field(ge=5, le=14 * 24 * 60)] | None = None


class Tool(Frozen):
    """Something of the owner's that the bot may call over HTTP: order status, booking and the like.

    `parameters` is the JSON schema of what the model fills in. With `changes` the customer confirms each call by a
    button first. Calls are signed with `secret`.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    description: Annotated[str, Field(min_length=1, max_length=1_000)]
    parameters: dict[str, Any]
    url: Annotated[str, Field(max_length=500, pattern=r"^https?://[^\s/]+")]
    secret: Annotated[str, Field(min_length=16, max_length=200)] | None = None
    changes: bool = False


class AgentConfig(Frozen):
    """One numbered version of an agent, as a turn needs it."""

    faqs: tuple[Faq, ...]
    name: str | None = None
    instructions: str | None = None
    language: str = "es"
    handoff: Handoff = Handoff()
    tools: tuple[Tool, ...] = Field(default=(), max_length=20)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        if len({faq.id for faq in self.faqs}) != len(self.faqs):
            raise ValueError("two FAQs have the same id")
        return self


def without_secrets(config: AgentConfig) -> dict[str, Any]:
    """The version as its owner may see it, in JSON's types, without the FAQs: a secret is the word `set`, or None."""
    found = config.model_dump(mode="json", exclude={"faqs"})
    found["handoff"]["webhook_secret"] = _hidden(found["handoff"]["webhook_secret"])
    for tool in found["tools"]:
        tool["secret"] = _hidden(tool["secret"])
    return found


def _hidden(secret: str | None) -> str | None:
    return "set" if secret else None
