"""Every way in which a call of the model can fail has one consequence, with both APIs, over HTTP."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pydantic import ValidationError

from src.core import errors
from src.core.errors import (
    BrainDenied,
    BrainError,
    BrainGarbled,
    BrainInvalid,
    BrainRefused,
    BrainUnreachable,
)
from src.core.openai_client import Function, Image, OpenAIClient, Prompt
from src.core.settings import Settings
from tests.model_world import FAQS, SCHEMA, TEXT, Model, parts, strict
from tests.ports import free_port

Json = dict[str, Any]
PAGE = Path(__file__).resolve().parents[3] / "docs" / "sandbox-openai.md"
LUNA = "gpt-6-luna"


def client_of(url: str, **settings: Any) -> OpenAIClient:
    """A client of the server at `url`."""
    given = {"openai_api_key": "sk-of-the-tests", "openai_base_url": url, **settings}
    return OpenAIClient(Settings(_env_file=None, **given))


def prompt(*said: str, **more: Any) -> Prompt:
    """A request as the platform makes it."""
    given = {"cache_key": "asst_1.7", "customer": "0a1b2c", **more}
    return Prompt("Answer from the FAQs.", parts(*(said or ("¿a qué hora abren?",))), SCHEMA, **given)


@pytest.fixture(params=["responses", "chat"])
def api(request: pytest.FixtureRequest) -> str:
    """The API that is spoken."""
    return str(request.param)


@pytest.fixture
def client(model: Model, api: str) -> Iterator[OpenAIClient]:
    """A client of the sandbox."""
    found = client_of(model.url, openai_api=api)
    yield found
    found.close()


def test_an_answer_keeps_to_the_schema_and_tells_what_it_used(client: OpenAIClient, model: Model) -> None:
    answer = client.answer(prompt(), LUNA, 10)
    assert answer.content is not None
    assert answer.content["answer"] == FAQS[0]["a"]
    assert answer.wishes == ()
    assert answer.usage.model == LUNA
    assert answer.usage.input_tokens > answer.usage.output_tokens > 10
    assert (answer.request_id or "").startswith("req_")


def test_whoever_calls_is_told_once_when_the_request_has_left(client: OpenAIClient) -> None:
    told: list[str] = []
    for _ in range(2):
        client.answer(prompt(), LUNA, 10, lambda: told.append("left"))
    assert told == ["left", "left"]


def test_a_request_that_never_leaves_is_not_told_of() -> None:
    told: list[str] = []
    with pytest.raises(BrainUnreachable):
        client_of(f"http://127.0.0.1:{free_port()}/v1").answer(prompt(), LUNA, 5, lambda: told.append("left"))
    assert not told


def test_the_beginning_of_a_prompt_is_cached(model: Model) -> None:
    client = client_of(model.url)
    rules = "Keep to the rules. " * 300
    used = [
        client.answer(Prompt(rules, parts(said), SCHEMA, cache_key="asst_cached.1"), LUNA, 10).usage
        for said in ("hola", "¿abren hoy?")
    ]
    assert used[0].cached_tokens == 0
    assert 1024 <= used[1].cached_tokens < used[1].input_tokens


ROWS = re.findall(r"^\| `(\w+)` \| .* \| `(Brain\w+)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("act", "error"), ROWS, ids=[act for act, _ in ROWS])
def test_each_failure_is_the_error_that_the_page_names(
    client: OpenAIClient, model: Model, api: str, act: str, error: str
) -> None:
    slow = {"seconds": 20.0} if act in ("hang", "slow") else {}
    model.orders(api, act, times=1, **slow)
    with pytest.raises(BrainError) as failed:
        client.answer(prompt("la clave es 4711"), LUNA, 1.0 if slow else 10)
    assert type(failed.value) is getattr(errors, error)
    assert "4711" not in str(failed.value)
    assert len([entry for entry in model.ledger() if entry["act"] == act]) >= 1
    assert client.answer(prompt(), LUNA, 10).content, "the next call works"


def test_the_page_names_every_failure() -> None:
    assert len(ROWS) == 17


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (302, None, "BrainDenied"),
        (400, None, "BrainInvalid"),
        (400, "invalid_prompt", "BrainRefused"),
        (400, "content_filter", "BrainRefused"),
        (402, None, "BrainBroke"),
        (403, "unsupported_country", "BrainDenied"),
        (403, "project_spend_limit_exceeded", "BrainBroke"),
        (404, None, "BrainDenied"),
        (408, None, "BrainDown"),
        (409, None, "BrainBusy"),
        (413, None, "BrainInvalid"),
        (422, None, "BrainInvalid"),
        (429, "organization_usage_limit_exceeded", "BrainBroke"),
        (429, None, "BrainBusy"),
        (500, None, "BrainDown"),
        (502, None, "BrainDown"),
        (503, None, "BrainBusy"),
        (504, None, "BrainDown"),
    ],
)
def test_each_status_has_its_error(
    client: OpenAIClient, model: Model, api: str, status: int, code: str | None, error: str
) -> None:
    message = "It says: 'la clave es 4711'"
    model.orders(api, "error", times=1, status=status, message=message, **({"code": code} if code else {}))
    with pytest.raises(BrainError) as failed:
        client.answer(prompt(), LUNA, 10)
    assert type(failed.value) is getattr(errors, error)
    assert str(status) in str(failed.value) or isinstance(failed.value, BrainRefused)
    assert "4711" not in str(failed.value), "an error's words may be a customer's"


def test_the_time_to_wait_is_the_servers(client: OpenAIClient, model: Model, api: str) -> None:
    model.orders(api, "rate_limit", times=1, retry_after=3.5)
    model.orders(api, "slow_down", times=1)
    for expected in (3.5, None):
        with pytest.raises(errors.BrainBusy) as failed:
            client.answer(prompt(), LUNA, 10)
        assert failed.value.retry_after == expected


@pytest.mark.parametrize("act", ["refuse", "cut_off", "malformed"])
def test_a_failure_that_was_paid_tells_what_it_used(
    client: OpenAIClient, model: Model, api: str, act: str
) -> None:
    model.orders(api, act, times=1)
    with pytest.raises(BrainError) as failed:
        client.answer(prompt(), LUNA, 10)
    assert failed.value.paid
    assert failed.value.usage is not None
    assert failed.value.usage.input_tokens > 10


@pytest.mark.parametrize(
    "content",
    [
        {"decision": "answer"},
        {"decision": "sing", "quotes": [], "source_ids": [], "options": [], "language": "es", "answer": ""},
        ["a", "list"],
        "a text",
    ],
)
def test_json_of_another_shape_is_garbled(
    client: OpenAIClient, model: Model, api: str, content: object
) -> None:
    model.orders(api, "reply", content=content, times=1)
    with pytest.raises(BrainGarbled):
        client.answer(prompt(), LUNA, 10)


def test_a_server_that_is_not_there_was_not_reached(api: str) -> None:
    with pytest.raises(BrainUnreachable) as failed:
        client_of(f"http://127.0.0.1:{free_port()}/v1", openai_api=api).answer(prompt(), LUNA, 5)
    assert not failed.value.paid


def test_an_address_that_is_none_is_denied() -> None:
    client = client_of("http://é..example/v1")
    client.warm_up()
    with pytest.raises(BrainDenied):
        client.answer(prompt(), LUNA, 5)
    for broken in ("http://[half/v1", "http://host:99999/v1"):
        with pytest.raises(ValidationError):
            client_of(broken)


def test_what_cannot_be_sent_is_invalid(client: OpenAIClient, model: Model) -> None:
    known = len(model.ledger())
    with pytest.raises(BrainInvalid):
        client.answer(prompt("half of a pair: \ud83d"), LUNA, 5)
    assert client.answer(prompt(), LUNA, 5).content
    assert len(model.ledger()) <= known + 2


def test_tools_are_asked_for_and_their_outcome_is_told(client: OpenAIClient, model: Model, api: str) -> None:
    order = Function("order_status", "Where an order is", strict(order=TEXT))
    loose = Function("free_slots", "Which times are free", {"type": "object", "properties": {"day": TEXT}})
    model.orders(api, "wish", name="order_status", arguments={"order": "A-1"}, times=1)
    asked = prompt("¿dónde está mi pedido?", functions=(order, loose))
    answer = client.answer(asked, LUNA, 10)
    assert answer.content is None
    (wish,) = answer.wishes
    assert (wish.name, wish.arguments) == ("order_status", {"order": "A-1"})
    done = ((wish, "[tool:order_status] Va en camino."),)
    told = client.answer(prompt("¿dónde está mi pedido?", functions=(order,), done=done), LUNA, 10)
    assert told.content is not None
    assert told.content["source_ids"] == ["tool:order_status"]
    tools = model.ledger()[-2]["body"]["tools"]
    strictness = [tool.get("strict", tool.get("function", {}).get("strict")) for tool in tools]
    assert strictness == [True, False if api == "responses" else None]


@pytest.mark.parametrize("arguments", ["{", "[]"])
def test_a_tool_call_that_cannot_be_read_is_garbled(
    client: OpenAIClient, model: Model, api: str, arguments: str
) -> None:
    # The malicious model copies the JSON in the customer's words, also when it is none.
    model.orders(api, "obey", times=1)
    order = Function("order_status", "Where an order is", strict(order=TEXT))
    with pytest.raises(BrainGarbled):
        client.answer(prompt(f"order_status {{{arguments}}}", functions=(order,)), LUNA, 10)


def test_pictures_go_along(client: OpenAIClient, model: Model) -> None:
    plain = client.answer(prompt(), LUNA, 10)
    seen = client.answer(prompt(images=(Image("image/png", b"\x89PNG" * 50),)), LUNA, 10)
    assert seen.usage.input_tokens > plain.usage.input_tokens
    assert "data:image/png;base64," in str(model.ledger()[-1]["body"])


def test_a_recording_is_heard_with_its_hints(model: Model) -> None:
    client = client_of(model.url)
    content = b"OggS" + bytes(7996)
    text, usage = client.transcribe(content, "audio/ogg; codecs=opus", ["es"], ["Zarpa"], 10)
    assert text == "transcript of 8000 bytes"
    assert (usage.model, usage.seconds) == ("gpt-transcribe", 2.0)
    body = model.ledger()[-1]["body"]
    assert (body["languages"], body["keywords"], body["file"]["name"]) == (["es"], ["Zarpa"], "voice.ogg")


def test_other_listeners_get_no_hints(model: Model) -> None:
    client = client_of(model.url, openai_transcribe_model="whisper-1")
    with pytest.raises(BrainDenied):
        client.transcribe(b"OggS", "audio/mpeg", ["es"], ["Zarpa"], 10)
    body = model.ledger()[-1]["body"]
    assert body.keys() == {"file", "model", "response_format"}
    assert body["file"]["name"] == "voice.mp3"


def test_texts_become_vectors_in_their_order(model: Model) -> None:
    client = client_of(model.url)
    (one, other), usage = client.embed(["el envío", "abrimos a las nueve"], "text-embedding-3-small", 128, 10)
    (again,), _ = client.embed(["abrimos a las nueve"], "text-embedding-3-small", 128, 10)
    assert (len(one), other == again, one == other) == (128, True, False)
    assert usage.input_tokens > 5


@pytest.mark.parametrize("act", ["billing", "overloaded", "cut", "garbage"])
def test_ears_and_vectors_fail_as_answers_do(model: Model, act: str) -> None:
    client = client_of(model.url)
    error = dict(ROWS)[act]
    for on in ("transcriptions", "embeddings"):
        model.orders(on, act, times=1)
    with pytest.raises(BrainError) as failed:
        client.transcribe(b"OggS", "audio/ogg", [], [], 10)
    assert type(failed.value) is getattr(errors, error)
    with pytest.raises(BrainError) as failed:
        client.embed(["a"], "text-embedding-3-small", 8, 10)
    assert type(failed.value) is getattr(errors, error)


def test_a_check_says_whether_key_and_model_work(model: Model) -> None:
    client = client_of(model.url)
    client.check(LUNA)
    with pytest.raises(BrainDenied, match="404"):
        client.check("gpt-5")


def counted(name: str, **labels: str) -> float:
    """What a metric shows."""
    return REGISTRY.get_sample_value(f"released_openai_{name}", labels) or 0.0


def test_calls_and_tokens_are_counted(client: OpenAIClient, model: Model, api: str) -> None:
    def now() -> tuple[float, ...]:
        results = [counted("requests_total", api=api, result=one) for one in ("ok", "refused")]
        return (*results, counted("request_seconds_count"), counted("tokens_total", kind="output"))

    before = now()
    used = client.answer(prompt(), LUNA, 10).usage
    model.orders(api, "refuse", times=1)
    with pytest.raises(BrainRefused) as failed:
        client.answer(prompt(), LUNA, 10)
    assert failed.value.usage is not None
    grown = tuple(after - one for after, one in zip(now(), before, strict=True))
    assert grown == (1, 1, 2, used.output_tokens + failed.value.usage.output_tokens)


def test_a_closed_client_opens_again(client: OpenAIClient) -> None:
    client.answer(prompt(), LUNA, 10)
    client.close()
    client.close()
    assert client.answer(prompt(), LUNA, 10).content
