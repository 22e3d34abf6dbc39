"""What the model is asked and what it says, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Usage:
    """What a call has used: tokens, or seconds of sound. `input_tokens` holds the cached ones too."""

    model: str
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Image:
    """A picture that the model looks at."""

    mime: str
    content: bytes


@dataclass(frozen=True)
class Function:
    """A tool that the model may ask for; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Wish:
    """A tool's call that the model asks for; `call_id` names it in the next request."""

    call_id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Prompt:
    """One request of the model, in the order in which it is sent: what never changes first, so that it is cached.

    `instructions` are the rules; `parts` are texts of data, in order; `done` are the tool calls of this turn with
    what each brought. `schema` is the strict JSON schema of the answer.
    """

    instructions: str
    parts: tuple[str, ...]
    schema: Mapping[str, Any]
    images: tuple[Image, ...] = ()
    functions: tuple[Function, ...] = ()
    done: tuple[tuple[Wish, str], ...] = ()
    cache_key: str = ""
    customer: str = ""  # a keyed hash, for `safety_identifier`
    max_output_tokens: int = 900


@dataclass(frozen=True)
class Answer:
    """What the model said: `content` fits the schema, or `wishes` ask for tools. `request_id` is the server's."""

    content: Mapping[str, Any] | None
    wishes: tuple[Wish, ...]
    usage: Usage
    request_id: str | None


@dataclass(frozen=True)
class Request:
    """What is sent to a path of the API: `fields` as JSON, or as a form beside `file` (name, content, MIME type);
    without fields the path is read."""

    path: str
    fields: Mapping[str, Any] | None = None
    file: tuple[str, bytes, str] | None = None
