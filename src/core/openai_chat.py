"""Chat Completions, for servers that speak as OpenAI does: a prompt as its request, and its completion as an answer."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from src.core.errors import BrainGarbled, BrainRefused
from src.core.openai_content import (
    address_of,
    answer_of,
    arguments_of,
    count,
    model_of,
    objects,
    text_of,
    wish_of,
)
from src.core.openai_schema import is_strict
from src.core.openai_types import Answer, Function, Prompt, Usage

Json = dict[str, Any]

_IN_WORDS = "\n\nAnswer with one JSON object and nothing else. It keeps to this JSON schema:\n"


def is_openais(base_url: str) -> bool:
    """Is it OpenAI's own server, or Azure's? Others refuse fields that only these two know."""
    host = urlsplit(base_url).hostname or ""
    return any(host == name or host.endswith(f".{name}") for name in ("openai.com", "azure.com"))


def request(prompt: Prompt, model: str, effort: str, *, openais: bool, in_words: bool) -> Json:
    """The fields of `chat.completions.create`.

    `openais` adds what only OpenAI and Azure know. `in_words` is for a server that does not take a schema: it is asked
    for any JSON object (`json_object`), and the schema stands in the instructions.
    """
    schema = {"name": "answer", "schema": prompt.schema, "strict": True}
    rules = prompt.instructions + (_IN_WORDS + orjson.dumps(prompt.schema).decode() if in_words else "")
    fields: Json = {
        "model": model,
        "messages": [{"role": "system", "content": rules}, _question(prompt), *_done(prompt)],
        "response_format": {"type": "json_object"}
        if in_words
        else {"type": "json_schema", "json_schema": schema},
        "max_completion_tokens" if openais else "max_tokens": prompt.max_output_tokens,
    }
    if prompt.functions:
        fields["tools"] = [_tool(function) for function in prompt.functions]
    if openais or effort != "none":  # a model that does not reason takes no effort
        fields["reasoning_effort"] = effort
    return fields | (_openais(prompt) if openais else {})


def _openais(prompt: Prompt) -> Json:
    named = {"prompt_cache_key": prompt.cache_key, "safety_identifier": prompt.customer}
    return {"store": False, **{name: value for name, value in named.items() if value}}


def _question(prompt: Prompt) -> Json:
    """One text where there is no picture: small servers know nothing else."""
    if not prompt.images:
        return {"role": "user", "content": "\n\n".join(prompt.parts)}
    texts = [{"type": "text", "text": part} for part in prompt.parts]
    images = [{"type": "image_url", "image_url": {"url": address_of(image)}} for image in prompt.images]
    return {"role": "user", "content": [*texts, *images]}


def _done(prompt: Prompt) -> Iterator[Json]:
    for wish, output in prompt.done:
        called = {"name": wish.name, "arguments": arguments_of(wish)}
        call = {"id": wish.call_id, "type": "function", "function": called}
        yield {"role": "assistant", "content": None, "tool_calls": [call]}
        yield {"role": "tool", "tool_call_id": wish.call_id, "content": output}


def _tool(function: Function) -> Json:
    described: Json = {
        "name": function.name,
        "description": function.description,
        "parameters": function.parameters,
    }
    return {
        "type": "function",
        "function": described | ({"strict": True} if is_strict(function.parameters) else {}),
    }


def answer(body: Mapping[str, Any], prompt: Prompt, model: str, request_id: str | None) -> Answer:
    """What a completion says. Raises `BrainRefused` or `BrainGarbled`, with what it has used."""
    usage = _usage(body, model)
    choices = objects(body.get("choices"))
    message = choices[0].get("message") if choices else None
    if not isinstance(message, Mapping):
        raise BrainGarbled("the completion is empty", usage=usage)
    ended = choices[0].get("finish_reason")
    if message.get("refusal") or ended == "content_filter":
        raise BrainRefused("the model declined", usage=usage)
    if ended == "length":
        raise BrainGarbled("the answer was cut off", usage=usage)
    wishes = [
        wish_of(call.get("id"), function.get("name"), function.get("arguments"), usage)
        for call in objects(message.get("tool_calls"))
        if isinstance(function := call.get("function"), Mapping)
    ]
    return answer_of(text_of(message.get("content")), wishes, prompt.schema, usage, request_id)


def _usage(body: Mapping[str, Any], model: str) -> Usage:
    used = body.get("usage")
    return Usage(
        model=model_of(body, model),
        input_tokens=count(used, "prompt_tokens"),
        cached_tokens=count(used, "prompt_tokens_details", "cached_tokens"),
        output_tokens=count(used, "completion_tokens"),
    )
