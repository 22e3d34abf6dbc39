"""`POST /v1/chat/completions`: reads a request, and writes a completion."""

import time
from collections.abc import Iterator
from typing import Any

from starlette.responses import Response

from sandbox.answers import Answer
from sandbox.openai import made, reading
from sandbox.openai.asked import Asked, Said, Talk
from sandbox.openai.errors import missing, wrong

Json = dict[str, Any]

_FIELDS = frozenset(
    [
        "audio",
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "messages",
        "metadata",
        "modalities",
        "model",
        "moderation",
        "n",
        "parallel_tool_calls",
        "prediction",
        "presence_penalty",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "reasoning_effort",
        "response_format",
        "safety_identifier",
        "seed",
        "service_tier",
        "stop",
        "store",
        "stream",
        "stream_options",
        "temperature",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "user",
        "verbosity",
        "web_search_options",
    ]
)
_ROLES = ("system", "developer", "user", "assistant", "tool")
_ENDS = {"cut_off": "length"}


def read(body: Json) -> Asked:
    """The request as a value. Raises ApiError 400."""
    reading.check_fields(body, _FIELDS, ("model", "messages"))
    if body.get("stream"):
        raise wrong("stream", "the sandbox does not stream")
    messages = list(_messages(body["messages"]))
    parts = [part for message in messages if message["role"] == "user" for part in _parts(message)]
    rules = "\n".join(_text(one) for one in messages if one["role"] in ("system", "developer"))
    texts = tuple(str(part["text"]) for part in parts if part["type"] == "text")
    talk = Talk(
        instructions=rules,
        texts=texts,
        images=sum(part["type"] == "image_url" for part in parts),
        functions=tuple(_tools(body.get("tools") or [])),
        outputs=tuple(_text(one) for one in messages if one["role"] == "tool"),
        schema=_schema(body.get("response_format") or {"type": "text"}, rules, texts),
        effort=str(body.get("reasoning_effort") or "none"),
    )
    return Asked(reading.model(body), "\n".join(texts), body, body.get("prompt_cache_key"), talk)


def _messages(messages: Any) -> Iterator[Json]:
    if not isinstance(messages, list):
        raise wrong("messages", "it must be a list")
    for place, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            raise wrong(f"messages[{place}].role", f"it must be one of {', '.join(_ROLES)}")
        if message["role"] == "tool" and not isinstance(message.get("tool_call_id"), str):
            raise missing(f"messages[{place}].tool_call_id")
        yield message


def _parts(message: Json) -> list[Json]:
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    for part in content or []:
        if not isinstance(part, dict) or part.get("type") not in ("text", "image_url"):
            raise wrong("messages.content", "its parts must be of type text or image_url")
    return list(content or [])


def _text(message: Json) -> str:
    return "\n".join(str(part.get("text", "")) for part in _parts(message))


def _schema(form: Json, rules: str, texts: tuple[str, ...]) -> Json | None:
    """The schema of the answer; `json_object` has none, and wants to be spoken of."""
    if form.get("type") == "json_schema":
        return dict(reading.schema_of(form.get("json_schema") or {}, "response_format.json_schema"))
    if form.get("type") == "json_object":
        if "json" not in "\n".join((rules, *texts)).lower():
            raise wrong("messages", "they must contain the word 'json' in some form to use 'json_object'")
        return reading.schema_in(rules)
    return None


def _tools(tools: list[Any]) -> Iterator[str]:
    for place, tool in enumerate(tools):
        function = tool.get("function") if isinstance(tool, dict) else None
        strict = isinstance(function, dict) and bool(function.get("strict"))
        yield reading.check_tool(function, f"tools[{place}].function", strict=strict)


def write(asked: Asked, said: Said, cached: int) -> Response:
    """The completion; one that failed is an `error` in place of it, as routers of models answer with HTTP 200."""
    if said.ended == "failed":
        return Answer({"error": {"code": 502, "message": "The provider failed."}})
    choices = [] if said.ended == "empty" else [_choice(said)]
    return Answer(
        {
            "id": made.identifier("chatcmpl-"),
            "object": "chat.completion",
            "created": int(time.time()),
            "model": asked.model,
            "choices": choices,
            "usage": _usage(asked, said, cached),
            "service_tier": "default",
            "system_fingerprint": None,
        }
    )


def _choice(said: Said) -> Json:
    message: Json = {"role": "assistant", "content": said.text, "refusal": said.refusal, "annotations": []}
    ended = _ENDS.get(said.ended, "stop")
    if said.call is not None:
        name, arguments = said.call
        function = {"name": name, "arguments": arguments}
        message["tool_calls"] = [{"id": made.identifier("call_"), "type": "function", "function": function}]
        ended = "tool_calls"
    return {"index": 0, "message": message, "logprobs": None, "finish_reason": ended}


def _usage(asked: Asked, said: Said, cached: int) -> Json:
    into, out = made.counted(asked, said)
    return {
        "prompt_tokens": into,
        "completion_tokens": out,
        "total_tokens": into + out,
        "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }
