"""Servers that speak as OpenAI does, each with its own accent: Ollama, vLLM, LM Studio, Azure, routers of models."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from src.core import errors
from src.core.errors import BrainError, BrainGarbled
from src.core.openai_client import Function
from tests.integration.core.test_openai_client import client_of, prompt
from tests.model_world import FAQS, TEXT, strict

Json = dict[str, Any]

SAID = json.dumps(
    {
        "decision": "answer",
        "quotes": [{"source_id": "f1", "text": FAQS[0]["a"]}],
        "source_ids": ["f1"],
        "options": [],
        "language": "es",
        "answer": FAQS[0]["a"],
        "handoff_reason": "",
    }
)
ORDER = Function("order_status", "Where an order is", strict(order=TEXT))


@contextmanager
def stand_in(status: int, answer: object, **headers: str) -> Iterator[str]:
    """The address of a server that answers every POST so."""
    raw = (answer if isinstance(answer, str) else json.dumps(answer)).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


def completion(message: Json, **more: Any) -> Json:
    """A completion as every server writes it, and `more` that only some do."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
    used = {"prompt_tokens": 90, "completion_tokens": 40, "total_tokens": 130}
    whole: Json = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "llama3.3:latest"}
    return {**whole, "choices": [choice], "usage": used, **more}


ACCENTS: dict[str, Json] = {
    "ollama": completion({"content": SAID}, system_fingerprint="fp_ollama"),
    "vllm": completion(
        {"content": SAID, "reasoning_content": None, "tool_calls": [], "refusal": None, "audio": None},
        prompt_logprobs=None,
        kv_transfer_params=None,
        usage={"prompt_tokens": 90, "completion_tokens": 40, "prompt_tokens_details": None},
    ),
    "lm studio": completion({"content": SAID, "reasoning": ""}, stats={}, model_info={"arch": "llama"}),
    "azure": completion(
        {"content": SAID, "refusal": None, "annotations": []},
        prompt_filter_results=[{"prompt_index": 0, "content_filter_results": {}}],
        usage={"prompt_tokens": 90, "completion_tokens": 40, "prompt_tokens_details": {"cached_tokens": 0}},
    ),
    "parts": completion({"content": [{"type": "thinking", "thinking": []}, {"type": "text", "text": SAID}]}),
}


@pytest.mark.parametrize("accent", ACCENTS)
def test_each_accent_is_understood(accent: str) -> None:
    with stand_in(200, ACCENTS[accent], Content_Type="application/json") as url:
        answer = client_of(url, openai_api="chat").answer(prompt(), "llama3.3", 10)
    assert answer.content == json.loads(SAID)
    assert (answer.usage.model, answer.usage.input_tokens, answer.usage.output_tokens) == (
        "llama3.3:latest",
        90,
        40,
    )
    assert answer.request_id is None


@pytest.mark.parametrize("arguments", ['{"order": "A-1"}', {"order": "A-1"}])
def test_a_tool_call_with_arguments_as_text_or_as_an_object(arguments: object) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "order_status", "arguments": arguments}}
    body = completion({"content": "", "tool_calls": [call]})
    with stand_in(200, body, Content_Type="application/json") as url:
        answer = client_of(url, openai_api="chat").answer(prompt(functions=(ORDER,)), "llama3.3", 10)
    (wish,) = answer.wishes
    assert (wish.call_id, wish.name, wish.arguments) == ("call_1", "order_status", {"order": "A-1"})


def test_a_server_that_counts_nothing_is_understood_too() -> None:
    body = completion({"content": SAID}, usage=None, model=None)
    with stand_in(200, body, Content_Type="text/plain") as url:
        answer = client_of(url, openai_api="chat").answer(prompt(), "llama3.3", 10)
    assert (answer.usage.model, answer.usage.input_tokens) == ("llama3.3", 0)


REFUSALS: dict[str, tuple[int, object, str]] = {
    "ollama has no such model": (
        404,
        {"error": {"message": "model not found", "type": "api_error"}},
        "BrainDenied",
    ),
    "vllm has no such model": (
        404,
        {"object": "error", "message": "no", "type": "NotFoundError", "code": 404},
        "BrainDenied",
    ),
    "lm studio refuses": (
        400,
        {"error": "'response_format.type' must be 'json_schema' or 'text'"},
        "BrainInvalid",
    ),
    "azure filters": (
        400,
        {"error": {"message": "filtered", "code": "content_filter", "status": 400, "innererror": {}}},
        "BrainRefused",
    ),
    "azure is busy": (429, {"error": {"code": "429", "message": "call rate limit"}}, "BrainBusy"),
    "no money is left": (402, {"error": {"message": "Insufficient Balance"}}, "BrainBroke"),
    "a proxy fails": (502, "<html>Bad Gateway</html>", "BrainDown"),
    "a router fails with 200": (200, {"error": {"code": 502, "message": "Provider error"}}, "BrainGarbled"),
    "a list": (200, [1, 2], "BrainDown"),
    "an empty body": (200, "", "BrainDown"),
}


@pytest.mark.parametrize("case", REFUSALS)
@pytest.mark.parametrize("api", ["responses", "chat"])
def test_each_refusal_has_its_error(case: str, api: str) -> None:
    status, body, error = REFUSALS[case]
    with stand_in(status, body, Content_Type="application/json") as url, pytest.raises(BrainError) as failed:
        client_of(url, openai_api=api).answer(prompt(), "llama3.3", 10)
    assert type(failed.value) is getattr(errors, error)


ODD: list[object] = [
    {"choices": 5},
    {"choices": [None]},
    {"choices": [{"message": "text"}]},
    {"choices": [{"message": {"content": None}}]},
    {"choices": [{"message": {"content": 5, "tool_calls": {"a": 1}}}]},
    {"choices": [{"message": {"tool_calls": [{"function": {"name": None}}]}}]},
    {"output": "text"},
    {"output": [None, {"type": "message", "content": "text"}]},
    {"output": [{"type": "message", "content": [None, {"type": "output_text", "text": None}]}]},
    {"output": [{"type": "function_call", "name": "f", "arguments": 5}]},
    {"status": "incomplete", "incomplete_details": "no", "usage": "none"},
    {"status": "queued"},
    {"status": ["failed"], "error": {"code": ["a"]}, "usage": {"input_tokens": "many"}},
]


@pytest.mark.parametrize("api", ["responses", "chat"])
@pytest.mark.parametrize("body", ODD, ids=range(len(ODD)))
def test_whatever_else_a_server_says_is_garbled(body: object, api: str) -> None:
    with stand_in(200, body, Content_Type="application/json") as url, pytest.raises(BrainGarbled):
        client_of(url, openai_api=api).answer(prompt(), "llama3.3", 10)
