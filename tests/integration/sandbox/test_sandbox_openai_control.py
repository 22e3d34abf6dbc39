"""Rules are ordered, seen and ended; the ledger holds every request, with the time at which it came."""

import threading
import time
from typing import Any

import openai
import pytest

from tests.integration.sandbox.test_sandbox_openai_endpoints import asked, completed, responded
from tests.model_world import Model, model_server

Json = dict[str, Any]


def outcome(model: Model, /, *said: str, **more: Any) -> int:
    """The status of a request."""
    try:
        responded(model, *said, **more)
    except openai.APIStatusError as error:
        return error.status_code
    return 200


def test_the_first_rule_that_fits_wins_as_often_as_it_says(model: Model) -> None:
    model.orders("responses", "overloaded", contains="domingo", times=1)
    model.orders("responses", "error_500", model="gpt-6.1-terra")
    model.orders("responses", "rate_limit", times=2)
    assert outcome(model, "¿abren el domingo?") == 503
    assert [outcome(model, "¿abren el domingo?") for _ in range(3)] == [429, 429, 200]
    assert outcome(model, "hola", model="gpt-6.1-terra") == 500
    assert completed(model, "hola").choices, "another endpoint has rules of its own"
    (left,) = model.control("GET", "rules")[1]["rules"]
    assert (left["act"], left["times"]) == ("error_500", None)
    model.lawful()
    assert outcome(model, "hola", model="gpt-6.1-terra") == 200
    assert model.control("GET", "rules")[1]["rules"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"on": "images", "act": "echo_faq"},
        {"on": "responses", "act": "sing"},
        {"on": "embeddings", "act": "obey"},
        {"on": "responses", "act": "reply"},
        {"on": "transcriptions", "act": "reply", "content": {}},
        {"on": "chat", "act": "wish"},
        {"on": "chat", "act": "wish", "name": "f", "arguments": "{}"},
        {"on": "chat", "act": "hang", "seconds": -1},
        {"on": "chat", "act": "error", "status": 200},
        {"on": "chat", "act": "cut", "times": 0},
        {"on": "chat", "act": "cut", "time": 1},
    ],
)
def test_wrong_rules_are_refused(model: Model, wrong: Json) -> None:
    status, answer = model.control("POST", "rules", wrong)
    assert status == 400
    assert answer["detail"]
    assert model.control("GET", "rules")[1]["rules"] == []


def test_the_ledger_tells_when_what_and_for_whom() -> None:
    with model_server() as model:
        before = time.time() * 1000
        responded(model, "hola", prompt_cache_key="asst_1.7")
        completed(model, "hola")
        after = time.time() * 1000
        first, second = model.ledger()
        assert before <= first["at"] < second["at"] <= after
        assert (first["path"], first["model"], first["agent"]) == ("/v1/responses", "gpt-6-luna", "asst_1.7")
        assert first["body"]["store"] is False
        assert first["body"]["input"] == asked("hola")
        assert (first["status"], first["act"]) == (200, None)
        assert (second["path"], second["agent"]) == ("/v1/chat/completions", None)
        assert model.control("GET", f"ledger?after={first['seq']}&limit=1")[1]["entries"] == [second]
        assert model.control("GET", "ledger?after=x")[0] == 400


def test_a_request_is_in_the_ledger_before_it_is_answered(model: Model) -> None:
    model.orders("responses", "hang", seconds=30, times=1)
    known = len(model.ledger())
    with pytest.raises(openai.APITimeoutError):
        model.client().with_options(timeout=0.3).responses.create(model="gpt-6-luna", input="hola")
    entry = model.ledger()[known]
    assert (entry["act"], entry["status"]) == ("hang", None)


def test_many_callers_at_once_are_all_in_the_ledger() -> None:
    with model_server() as model:
        client = model.client()

        def call() -> None:
            for _ in range(5):
                client.responses.create(model="gpt-6-luna", input="hola", store=False)

        callers = [threading.Thread(target=call) for _ in range(6)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        entries = model.ledger()
        assert len(entries) == 30
        assert {entry["status"] for entry in entries} == {200}
