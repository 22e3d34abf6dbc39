"""What both APIs of the model have in common: its JSON, the tool calls it asks for, and what they say when both fail."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from src.core.errors import BrainGarbled
from src.core.openai_schema import fits
from src.core.openai_types import Answer, Image, Usage, Wish


def answer_of(
    text: str, wishes: Sequence[Wish], schema: Mapping[str, Any], usage: Usage, request_id: str | None
) -> Answer:
    """The answer in a model's text, or the tools it asks for. Raises `BrainGarbled` where there is neither."""
    if wishes:
        return Answer(None, tuple(wishes), usage, request_id)
    if not text.strip():
        raise BrainGarbled("the answer is empty", usage=usage)
    content = _parsed(text)
    if not isinstance(content, Mapping) or not fits(content, schema):
        raise BrainGarbled("the answer does not keep to the schema", usage=usage)
    return Answer(content, (), usage, request_id)


def wish_of(call_id: Any, name: Any, arguments: Any, usage: Usage) -> Wish:
    """A tool call that the model asks for; its arguments are JSON in a text. Raises `BrainGarbled`."""
    given = _parsed(arguments or "{}") if isinstance(arguments, str | None) else arguments
    if not isinstance(name, str) or not isinstance(given, Mapping):
        raise BrainGarbled("a tool call cannot be read", usage=usage)
    return Wish(str(call_id or ""), name, given)


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        return None


def count(node: Any, *path: str) -> int:
    """The whole number at the end of `path`; 0 where there is none."""
    for key in path:
        node = node.get(key) if isinstance(node, Mapping) else None
    return max(node, 0) if isinstance(node, int) else 0


def objects(node: Any) -> list[Mapping[str, Any]]:
    """The objects in a list; none where a server sent something else."""
    return [one for one in node if isinstance(one, Mapping)] if isinstance(node, list) else []


def text_of(content: Any) -> str:
    """The text of a message, which some servers send in parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in objects(content))
    return content if isinstance(content, str) else ""


def model_of(body: Mapping[str, Any], asked: str) -> str:
    """The model that really answered; the one that was asked where the server does not say."""
    named = body.get("model")
    return named if isinstance(named, str) and named else asked


def arguments_of(wish: Wish) -> str:
    """The arguments as the model wrote them: JSON in a text."""
    return orjson.dumps(wish.arguments).decode()


def address_of(image: Image) -> str:
    """The picture as a `data:` address."""
    return f"data:{image.mime};base64,{b64encode(image.content).decode()}"
