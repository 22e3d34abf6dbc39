"""What an owner may send: an agent, a change to it, its FAQs."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from src.accounts.faq_ids import normal
from src.accounts.handoff_input import HandoffInput
from src.accounts.tool_input import MAX_TOOLS, ToolInput
from src.core.agent_config import LANGUAGES, MAX_FAQS, Answer, Question
from src.core.visible import Seen

_Persona = Annotated[str, Field(max_length=8_000), Seen]
_Name = Annotated[str, Field(max_length=120), Seen]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FaqInput(_Body):
    """A question with its answer, as an owner gives it; without `id`, an equal question keeps the one it has."""

    q: Annotated[Question, Seen]
    a: Annotated[Answer, Seen]
    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] | None = None
    also: tuple[Annotated[Question, Seen], ...] = Field(default=(), max_length=500)
    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60), Seen] | None = None


def _no_duplicates(faqs: Sequence[FaqInput]) -> None:
    places: dict[str, int] = {}
    for number, faq in enumerate(faqs):
        for key in {
            f"question “{normal(faq.q)}”",
            f"id {faq.id}" if faq.id else f"question “{normal(faq.q)}”",
        }:
            if key in places:
                raise ValueError(
                    f"faqs[{places[key]}] and faqs[{number}] have the same {key}: keep one of them"
                )
            places[key] = number


Faqs = Annotated[list[FaqInput], Field(min_length=1, max_length=MAX_FAQS)]
Tools = Annotated[tuple[ToolInput, ...], Field(max_length=MAX_TOOLS)]
Language = Annotated[str, StringConstraints(pattern=rf"^({'|'.join(LANGUAGES)})(-[A-Za-z0-9-]{{2,16}})?$")]


class AgentInput(_Body):
    """What `POST /agent` takes."""

    phone_number: Annotated[str, StringConstraints(max_length=40)]
    faqs: Faqs
    name: _Name | None = None
    instructions: _Persona | None = None
    language: Language = "es"
    handoff: HandoffInput = HandoffInput()
    tools: Tools = ()
    phone_number_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None

    @model_validator(mode="after")
    def _faqs_differ(self) -> Self:
        _no_duplicates(self.faqs)
        return self


class AgentChange(_Body):
    """What `PATCH /agent/{id}` takes; what is absent stays as it is."""

    name: _Name | None = None
    instructions: _Persona | None = None
    language: Language | None = None
    handoff: HandoffInput | None = None
    tools: Tools | None = None
    paused: bool | None = None
    gated: bool | None = None


class FaqsInput(_Body):
    """What `PUT /agent/{id}/faqs` takes: all FAQs anew."""

    faqs: Faqs

    @model_validator(mode="after")
    def _faqs_differ(self) -> Self:
        _no_duplicates(self.faqs)
        return self
