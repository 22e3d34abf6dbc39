"""`POST /v1/responses`: reads a request, and writes a Response object."""

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
        "background",
        "conversation",
        "include",
        "input",
        "instructions",
        "max_output_tokens",
        "max_tool_calls",
        "metadata",
        "model",
        "moderation",
        "parallel_tool_calls",
        "previous_response_id",
        "prompt",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "reasoning",
        "safety_identifier",
        "service_tier",
        "store",
        "stream",
        "stream_options",
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "truncation",
        "user",
    ]
)
_LEAST_OUTPUT = 16


def read(body: Json) -> Asked:
    """The request as a value. Raises ApiError 400."""
    reading.check_fields(body, _FIELDS, ("model", "input"))
    if body.get("stream"):
        raise wrong("stream", "the sandbox does not stream")
    if (body.get("max_output_tokens") or _LEAST_OUTPUT) < _LEAST_OUTPUT:
        raise wrong("max_output_tokens", f"it must be at least {_LEAST_OUTPUT}")
    items = [{"role": "user", "content": body["input"]}] if isinstance(body["input"], str) else body["input"]
    parts = list(_parts(items))
    texts = tuple(str(part["text"]) for part in parts if "text" in part)
    form = (body.get("text") or {}).get("format") or {"type": "text"}
    talk = Talk(
        instructions=str(body.get("instructions") or ""),
        texts=texts,
        images=sum(part["type"] == "input_image" for part in parts),
        functions=tuple(_tools(body.get("tools") or [])),
        outputs=tuple(str(one.get("output")) for one in items if one.get("type") == "function_call_output"),
        schema=reading.schema_of(form, "text.format") if form.get("type") == "json_schema" else None,
        effort=str((body.get("reasoning") or {}).get("effort") or "medium"),
    )
    return Asked(reading.model(body), "\n".join(texts), body, body.get("prompt_cache_key"), talk)


def _parts(items: Any) -> Iterator[Json]:
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise wrong("input", "it must be a string or a list of items")
    for place, item in enumerate(items):
        kind = item.get("type", "message")
        if kind in ("function_call", "function_call_output"):
            if not isinstance(item.get("call_id"), str):
                raise missing(f"input[{place}].call_id")
            continue
        if kind != "message" or item.get("role") not in ("user", "assistant", "system", "developer"):
            raise wrong(f"input[{place}]", f"there are no items of type {kind} here")
        content = item.get("content")
        yield from _content(
            [{"type": "input_text", "text": content}] if isinstance(content, str) else content, place
        )


def _content(parts: Any, place: int) -> Iterator[Json]:
    for part in parts or []:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "input_image":
            reading.dialogue_text(part.get("image_url"), f"input[{place}].content.image_url")
        elif kind in ("input_text", "output_text"):
            reading.dialogue_text(part.get("text"), f"input[{place}].content.text")
        else:
            raise wrong(f"input[{place}].content", f"there are no parts of type {kind} here")
        yield part


def _tools(tools: list[Any]) -> Iterator[str]:
    for place, tool in enumerate(tools):
        if not isinstance(tool, dict) or tool.get("type") != "function":
            raise wrong(f"tools[{place}]", "the sandbox has function tools only")
        yield reading.check_tool(tool, f"tools[{place}]", strict=tool.get("strict", True) is not False)


def write(asked: Asked, said: Said, cached: int) -> Response:
    """The Response object."""
    body, status = asked.body, {"cut_off": "incomplete", "failed": "failed"}.get(said.ended, "completed")
    reasons = asked.talk.effort not in ("none", "minimal") and said.ended == "completed"
    output = [*([_reasoning()] if reasons else []), *_output(said)]
    failure = {"code": "server_error", "message": "An error occurred while processing your request."}
    return Answer(
        {
            "id": made.identifier("resp_"),
            "object": "response",
            "created_at": int(time.time()),
            "status": status,
            "background": False,
            "error": failure if status == "failed" else None,
            "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
            "instructions": body.get("instructions"),
            "max_output_tokens": body.get("max_output_tokens"),
            "metadata": body.get("metadata") or {},
            "model": asked.model,
            "output": output,
            "parallel_tool_calls": body.get("parallel_tool_calls", True),
            "previous_response_id": None,
            "prompt_cache_key": body.get("prompt_cache_key"),
            "reasoning": {"effort": asked.talk.effort, "summary": None},
            "safety_identifier": body.get("safety_identifier"),
            "service_tier": "default",
            "store": body.get("store", True),
            "temperature": 1.0,
            "text": body.get("text") or {"format": {"type": "text"}},
            "tool_choice": body.get("tool_choice", "auto"),
            "tools": body.get("tools") or [],
            "top_p": 1.0,
            "truncation": body.get("truncation", "disabled"),
            "usage": None if status == "failed" else _usage(asked, said, cached, 64 if reasons else 0),
        }
    )


def _reasoning() -> Json:
    return {"id": made.identifier("rs_"), "type": "reasoning", "summary": []}


def _output(said: Said) -> list[Json]:
    if said.ended in ("failed", "empty"):
        return []
    if said.call is not None:
        name, arguments = said.call
        call = {"id": made.identifier("fc_"), "type": "function_call", "status": "completed", "name": name}
        return [call | {"call_id": made.identifier("call_"), "arguments": arguments}]
    part: Json = {"type": "output_text", "text": said.text, "annotations": [], "logprobs": []}
    if said.refusal is not None:
        part = {"type": "refusal", "refusal": said.refusal}
    status = "incomplete" if said.ended == "cut_off" else "completed"
    return [
        {
            "id": made.identifier("msg_"),
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": [part],
        }
    ]


def _usage(asked: Asked, said: Said, cached: int, reasoning: int) -> Json:
    into, out = made.counted(asked, said)
    return {
        "input_tokens": into,
        "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": 0},
        "output_tokens": out + reasoning,
        "output_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": into + out + reasoning,
    }
