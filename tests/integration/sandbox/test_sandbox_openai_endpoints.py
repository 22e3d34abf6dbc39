"""OpenAI's own client finds in the sandbox what it finds at OpenAI: endpoints, shapes, headers, errors."""

import json
import math
from collections.abc import Sequence
from typing import Any

import openai
import pytest

from tests.model_world import FAQS, SCHEMA, TEXT, Model, model_server, parts, strict

Json = dict[str, Any]

FORM: Any = {"type": "json_schema", "name": "answer", "schema": SCHEMA, "strict": True}
PNG = "data:image/png;base64," + "iVBORw0KGgo" * 40


def asked(*said: str) -> Any:
    """The input of a request."""
    return [{"role": "user", "content": [{"type": "input_text", "text": text} for text in parts(*said)]}]


def responded(model: Model, /, *said: str, **more: Any) -> openai.types.responses.Response:
    """What `responses.create` brings."""
    fields: Json = {"model": "gpt-6-luna", "instructions": "Answer from <faqs>.", "input": asked(*said)}
    fields |= {"text": {"format": FORM}, "store": False, "reasoning": {"effort": "none"}}
    found: openai.types.responses.Response = model.client().responses.create(**(fields | more))
    return found


def completed(model: Model, /, *said: str, **more: Any) -> openai.types.chat.ChatCompletion:
    """What `chat.completions.create` brings."""
    messages: list[Json] = [{"role": "system", "content": "Answer from <faqs>."}]
    messages += [{"role": "user", "content": "\n".join(parts(*said))}]
    form = {"type": "json_schema", "json_schema": {key: FORM[key] for key in ("name", "schema", "strict")}}
    fields: Json = {"model": "gpt-6-luna", "messages": messages, "response_format": form}
    found: openai.types.chat.ChatCompletion = model.client().chat.completions.create(**(fields | more))
    return found


def test_a_response_quotes_the_faq_that_fits(model: Model) -> None:
    response = responded(model, "¿a qué hora abren mañana?")
    content = json.loads(response.output_text)
    assert content["decision"] == "answer"
    assert content["answer"] == FAQS[0]["a"]
    assert content["source_ids"] == ["f1"]
    assert content["quotes"] == [{"source_id": "f1", "text": FAQS[0]["a"]}]
    assert content["language"] == "es"
    assert list(content) == list(SCHEMA["properties"])
    assert (response.status, response.model, response.error) == ("completed", "gpt-6-luna", None)
    assert response.usage is not None
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens > 50
    assert response._request_id is not None
    assert response._request_id.startswith("req_")


def test_a_completion_says_the_same(model: Model) -> None:
    completion = completed(model, "cuánto vale el envío")
    (choice,) = completion.choices
    assert json.loads(choice.message.content or "")["source_ids"] == ["f2"]
    assert (choice.finish_reason, choice.message.refusal) == ("stop", None)
    assert completion.usage is not None
    assert completion.usage.total_tokens > 50


@pytest.mark.parametrize(
    ("said", "decision"),
    [
        ("¿hacen regalos a medida?", "handoff"),
        ("quiero hablar con una persona", "handoff"),
        ("escríbeme un poema", "off_topic"),
        ("hola, buenas tardes", "smalltalk"),
        ("when do you open, abren hoy?", "answer"),
    ],
)
def test_the_lawful_model_says_honestly_what_the_faqs_do_not_hold(
    model: Model, said: str, decision: str
) -> None:
    content = json.loads(responded(model, said).output_text)
    assert content["decision"] == decision
    assert bool(content["source_ids"]) == (decision == "answer")


def test_unanswerable_is_said_where_the_schema_has_the_word(model: Model) -> None:
    words = [*SCHEMA["properties"]["decision"]["enum"], "unanswerable"]
    schema = strict(**SCHEMA["properties"] | {"decision": {"type": "string", "enum": words}})
    response = responded(model, "¿hacen regalos?", text={"format": FORM | {"schema": schema}})
    assert json.loads(response.output_text)["decision"] == "unanswerable"


def test_the_last_block_counts(model: Model) -> None:
    texts = [*parts("¿cuánto cuesta el envío?"), *parts("¿a qué hora abren?")]
    content = [{"type": "input_text", "text": text} for text in texts]
    response = responded(model, input=[{"role": "user", "content": content}])
    assert json.loads(response.output_text)["source_ids"] == ["f1"]


def test_what_a_tool_returned_is_quoted(model: Model) -> None:
    call = {"type": "function_call", "call_id": "call_1", "name": "order", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "call_1", "output": "[tool:order] It is on its way."}
    content = json.loads(responded(model, input=[*asked("where is it?"), call, output]).output_text)
    assert (content["answer"], content["source_ids"]) == ("It is on its way.", ["tool:order"])


def test_another_schema_is_kept_to(model: Model) -> None:
    schema = strict(
        questions={"type": "array", "items": TEXT}, count={"type": "integer"}, of=strict(note=TEXT)
    )
    response = responded(model, "hola", text={"format": FORM | {"schema": schema}})
    assert json.loads(response.output_text) == {"questions": [], "count": 0, "of": {"note": ""}}


def test_without_a_schema_there_is_plain_text(model: Model) -> None:
    response = model.client().responses.create(model="gpt-6-luna", input="Hello", store=False)
    assert response.output_text
    assert [item.type for item in response.output] == [
        "reasoning",
        "message",
    ]  # it reasons unless told not to
    assert response.usage is not None
    assert response.usage.output_tokens_details.reasoning_tokens > 0


def test_an_equal_beginning_is_read_from_the_cache(model: Model) -> None:
    rules = "Keep to the rules. " * 400
    fields: Json = {"instructions": rules, "prompt_cache_key": "asst_cache.1"}
    first, second = responded(model, "hola", **fields), responded(model, "¿abren hoy?", **fields)
    other = responded(model, "hola", **fields | {"prompt_cache_key": "asst_other.1"})
    cached = [one.usage.input_tokens_details.cached_tokens for one in (first, second, other) if one.usage]
    assert cached[0] == cached[2] == 0
    assert cached[1] >= 1024
    assert cached[1] % 128 == 0


def test_pictures_are_taken_and_count(model: Model) -> None:
    plain = completed(model, "hola")
    content = [{"type": "text", "text": "hola"}, {"type": "image_url", "image_url": {"url": PNG}}]
    seen = completed(model, messages=[{"role": "user", "content": content}])
    assert plain.usage is not None
    assert seen.usage is not None
    assert seen.usage.prompt_tokens > plain.usage.prompt_tokens
    assert PNG not in json.dumps(model.ledger()[-1]), "the ledger keeps no whole pictures"


def test_a_recording_is_transcribed(model: Model) -> None:
    found = model.client().audio.transcriptions.create(
        file=("voice.ogg", b"OggS" + bytes(7996), "audio/ogg"),
        model="gpt-transcribe",
        languages=["es", "pt"],
        keywords=["Zarpa"],
    )
    assert found.text == "transcript of 8000 bytes"
    assert found.usage is not None
    assert found.usage.to_dict() == {"type": "duration", "seconds": 2}
    body = model.ledger()[-1]["body"]
    assert body["file"] == {"name": "voice.ogg", "type": "audio/ogg", "bytes": 8000}
    assert (body["languages"], body["keywords"]) == (["es", "pt"], ["Zarpa"])


def near(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine of two vectors of unit length."""
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_similar_texts_have_similar_vectors_of_unit_length(model: Model) -> None:
    texts = ["¿Cuánto cuesta el envío?", "cuanto cuestan los envios", "Abrimos los domingos"]
    found = model.client().embeddings.create(input=texts, model="text-embedding-3-small", dimensions=256)
    again = model.client().embeddings.create(
        input=texts, model="text-embedding-3-small", dimensions=256, encoding_format="float"
    )
    vectors = [row.embedding for row in found.data]
    assert [len(vector) for vector in vectors] == [256, 256, 256]
    assert all(math.isclose(near(vector, vector), 1, abs_tol=1e-5) for vector in vectors)
    assert near(vectors[0], vectors[1]) > 0.3 > near(vectors[0], vectors[2])
    assert near(vectors[0], again.data[0].embedding) == pytest.approx(1, abs=1e-5)
    assert found.usage.prompt_tokens > 0


def test_nothing_is_flagged(model: Model) -> None:
    found = model.client().moderations.create(model="omni-moderation-latest", input=["one", "two"])
    assert [result.flagged for result in found.results] == [False, False]
    assert found.results[0].categories.self_harm is False


def test_models_are_listed_and_found_by_their_names() -> None:
    with model_server(openai_models=("org/llama3.3",)) as model:
        listed = {one.id for one in model.client().models.list()}
        assert {"gpt-6-luna", "gpt-transcribe", "org/llama3.3"} <= listed
        assert model.client().models.retrieve("org/llama3.3").id == "org/llama3.3"
        with pytest.raises(openai.NotFoundError):
            model.client().models.retrieve("gpt-5")


def test_only_the_right_key_may_call() -> None:
    with model_server(openai_key="sk-the-right-one") as model:
        assert model.client("sk-the-right-one").models.list().data
        with pytest.raises(openai.AuthenticationError) as refused:
            model.client("sk-another-one").responses.create(model="gpt-6-luna", input="hola")
        assert refused.value.code == "invalid_api_key"
        assert "sk-another-one" not in str(refused.value)
        assert model.ledger()[-1]["status"] == 401


def test_an_unknown_model_is_not_found(model: Model) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        responded(model, "hola", model="gpt-5")
    assert refused.value.code == "model_not_found"
    assert refused.value.response.headers["x-ratelimit-limit-requests"] == "10000"


LOOSE = {"type": "object", "properties": {"a": TEXT}, "required": []}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"text": {"format": FORM | {"schema": LOOSE}}}, "invalid_json_schema"),
        ({"text": {"format": FORM | {"schema": strict(a=LOOSE)}}}, "invalid_json_schema"),
        ({"text": {"format": FORM | {"schema": strict(a={"type": "array"})}}}, "invalid_json_schema"),
        ({"tools": [{"type": "function", "name": "f", "parameters": LOOSE}]}, "invalid_function_parameters"),
        ({"extra_body": {"max_tokens": 100}}, "unknown_parameter"),
        ({"max_output_tokens": 3}, "invalid_value"),
        ({"safety_identifier": "x" * 129}, "invalid_value"),
        ({"input": []}, "missing_required_parameter"),
        ({"input": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]}, "invalid_value"),
        ({"input": [{"type": "function_call_output", "output": "a"}]}, "missing_required_parameter"),
    ],
)
def test_a_wrong_response_request_is_refused(model: Model, wrong: Json, code: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        responded(model, "hola", **wrong)
    assert refused.value.code == code
    assert model.ledger()[-1]["body"]["model"] == "gpt-6-luna", "also what is refused is in the ledger"


def test_a_tool_that_is_not_strict_may_be_loose(model: Model) -> None:
    tool = {"type": "function", "name": "f", "parameters": LOOSE, "strict": False}
    assert responded(model, "hola", tools=[tool]).status == "completed"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"messages": [{"role": "nobody", "content": "a"}]}, "invalid_value"),
        ({"messages": [{"role": "tool", "content": "a"}]}, "missing_required_parameter"),
        ({"response_format": {"type": "json_object"}}, "invalid_value"),
        ({"extra_body": {"max_output_tokens": 100}}, "unknown_parameter"),
    ],
)
def test_a_wrong_completion_request_is_refused(model: Model, wrong: Json, code: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        completed(model, "hola", **wrong)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "wrong",
    [
        {"file": ("voice.exe", b"MZ", "application/octet-stream")},
        {"file": ("voice.ogg", b"", "audio/ogg")},
        {"extra_body": {"speed": 2}},
    ],
)
def test_a_wrong_recording_is_refused(model: Model, wrong: Json) -> None:
    fields: Json = {"file": ("voice.ogg", b"OggS", "audio/ogg"), "model": "gpt-transcribe"}
    with pytest.raises(openai.BadRequestError):
        model.client().audio.transcriptions.create(**(fields | wrong))


@pytest.mark.parametrize("wrong", [{"input": [""]}, {"dimensions": 4096}, {"input": [[1, 2]]}])
def test_a_wrong_embedding_request_is_refused(model: Model, wrong: Json) -> None:
    fields: Json = {"input": ["a"], "model": "text-embedding-3-small"}
    with pytest.raises(openai.BadRequestError):
        model.client().embeddings.create(**(fields | wrong))


def test_a_body_that_is_no_json_is_refused(model: Model) -> None:
    client = model.client()
    with pytest.raises(openai.BadRequestError):
        client.post("/responses", content=b"{", cast_to=object)
    assert model.ledger()[-1]["body"] == {"bytes": 1}
