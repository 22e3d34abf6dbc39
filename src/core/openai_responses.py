"""The Responses API: a prompt as its request, and its response as an answer."""

from collections.abc import Iterator, Mapping
from typing import Any

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
from src.core.openai_errors import REFUSED
from src.core.openai_schema import is_strict
from src.core.openai_types import Answer, Function, Prompt, Usage

Json = dict[str, Any]


def request(prompt: Prompt, model: str, effort: str) -> Json:
    """The fields of `responses.create`. `store` is false, always: OpenAI would else keep the response for 30 days."""
    fields: Json = {
        "model": model,
        "instructions": prompt.instructions,
        "input": [_question(prompt), *_done(prompt)],
        "text": {
            "format": {"type": "json_schema", "name": "answer", "schema": prompt.schema, "strict": True}
        },
        "reasoning": {"effort": effort},
        "max_output_tokens": prompt.max_output_tokens,
        "store": False,
    }
    if prompt.functions:
        fields["tools"] = [_tool(function) for function in prompt.functions]
    if prompt.cache_key:
        fields["prompt_cache_key"] = prompt.cache_key
    if prompt.customer:
        fields["safety_identifier"] = prompt.customer
    return fields


def _question(prompt: Prompt) -> Json:
    texts = [{"type": "input_text", "text": part} for part in prompt.parts]
    images = [
        {"type": "input_image", "image_url": address_of(image), "detail": "auto"} for image in prompt.images
    ]
    return {"role": "user", "content": [*texts, *images]}


def _done(prompt: Prompt) -> Iterator[Json]:
    for wish, output in prompt.done:
        called = {"type": "function_call", "call_id": wish.call_id, "name": wish.name}
        yield {**called, "arguments": arguments_of(wish)}
        yield {"type": "function_call_output", "call_id": wish.call_id, "output": output}


def _tool(function: Function) -> Json:
    return {
        "type": "function",
        "name": function.name,
        "description": function.description,
        "parameters": function.parameters,
        "strict": is_strict(function.parameters),
    }


def answer(body: Mapping[str, Any], prompt: Prompt, model: str, request_id: str | None) -> Answer:
    """What a response says. Raises `BrainRefused` or `BrainGarbled`, with what it has used."""
    usage = _usage(body, model)
    _check(body, usage)
    items = objects(body.get("output"))
    wishes = [
        wish_of(item.get("call_id"), item.get("name"), item.get("arguments"), usage)
        for item in items
        if item.get("type") == "function_call"
    ]
    said = [item for item in items if item.get("type") == "message"]
    parts = [part for item in said for part in objects(item.get("content"))]
    if any(part.get("type") == "refusal" for part in parts):
        raise BrainRefused("the model declined", usage=usage)
    text = text_of([part for part in parts if part.get("type") == "output_text"])
    return answer_of(text, wishes, prompt.schema, usage, request_id)


def _check(body: Mapping[str, Any], usage: Usage) -> None:
    """A response may come with HTTP 200 and not be completed."""
    status = body.get("status", "completed")
    if status == "completed":
        return
    details = body.get("incomplete_details" if status == "incomplete" else "error")
    named = details if isinstance(details, Mapping) else {}
    reason = named.get("reason") or named.get("code")
    if isinstance(reason, str) and reason in REFUSED:
        raise BrainRefused(reason, usage=usage)
    raise BrainGarbled(
        "the answer was cut off" if status == "incomplete" else "the response failed", usage=usage
    )


def _usage(body: Mapping[str, Any], model: str) -> Usage:
    used = body.get("usage")
    return Usage(
        model=model_of(body, model),
        input_tokens=count(used, "input_tokens"),
        cached_tokens=count(used, "input_tokens_details", "cached_tokens"),
        output_tokens=count(used, "output_tokens"),
    )
