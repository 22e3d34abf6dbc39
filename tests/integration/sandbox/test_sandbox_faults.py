"""Trouble comes as it was ordered, and the ledger tells exactly what happened."""

import threading
import time

import pytest
import urllib3
from urllib3.exceptions import HTTPError

from tests.integration.sandbox.sandbox_world import TOKEN, Callback, Json, Meta, serving
from tests.world import eventually

TEXT: Json = {"to": "34611203344", "text": {"body": "Hola"}}


def sends(meta: Meta) -> list[tuple[bool, int | None, str | None]]:
    return [(one["accepted"], one["http_status"], one["fault"]) for one in meta.ledger("send")]


def test_the_next_sends_are_refused_and_not_delivered(meta: Meta) -> None:
    meta.writes()
    meta.fault(on="messages", code=131056, times=2)
    meta.fault(on="messages", code=130429, http_status=429, details="Slower, please.")
    codes = [meta.post(TEXT)[1].get("error", {}).get("code") for _ in range(4)]
    assert codes == [131056, 131056, 130429, None]
    assert sends(meta) == [
        (False, 400, "error"),
        (False, 400, "error"),
        (False, 429, "error"),
        (True, 200, None),
    ]
    assert meta.ledger("send")[2]["answer"]["error"]["error_data"]["details"] == "Slower, please."
    assert [one["from"] for one in meta.chat()] == ["customer", "business"]


def test_a_fault_can_be_of_one_number(meta: Meta) -> None:
    other = meta.call("POST", "/api/numbers", {"phone_number": "+34910000002"})[1]["phone_number_id"]
    meta.fault(on="messages", code=131016, phone_number_id=other)
    assert meta.post(TEXT)[0] == 200
    status, answer = meta.call("POST", f"/v26.0/{other}/messages", {"messaging_product": "whatsapp"} | TEXT)
    assert (status, answer["error"]["code"]) == (500, 131016)


def test_faults_can_be_seen_and_ended(meta: Meta) -> None:
    meta.fault(on="messages", code=2, times=3)
    meta.post(TEXT)
    (fault,) = meta.call("GET", "/api/faults")[1]["faults"]
    assert (fault["code"], fault["times"]) == (2, 2)
    assert meta.call("DELETE", "/api/faults")[0] == 204
    assert meta.call("GET", "/api/faults")[1] == {"faults": [], "held": 0}
    assert meta.post(TEXT)[0] == 200


def test_a_transient_error_says_so(meta: Meta) -> None:
    meta.fault(on="messages", code=2)
    status, answer = meta.post(TEXT)
    assert (status, answer["error"]["is_transient"]) == (503, True)


@pytest.mark.parametrize("accept", [True, False])
def test_a_send_without_an_answer(meta: Meta, accept: bool) -> None:
    meta.writes()
    meta.fault(on="messages", kind="hang", accept=accept, answer=False)
    with pytest.raises(HTTPError):
        meta.post(TEXT)
    meta.quiet()
    assert sends(meta) == [(accept, None, "hang")]
    assert meta.ledger("send")[0]["answer"] is None
    assert [one["status"] for one in meta.callback.statuses()] == (["sent", "delivered"] if accept else [])
    assert len(meta.chat()) == (2 if accept else 1)
    assert meta.post(TEXT)[0] == 200


@pytest.mark.parametrize(("accept", "status"), [(True, 200), (False, 503)])
def test_a_late_answer(meta: Meta, accept: bool, status: int) -> None:
    meta.writes()
    meta.fault(on="messages", kind="hang", seconds=0.2, accept=accept, code=2)
    began = time.monotonic()
    assert meta.post(TEXT)[0] == status
    assert time.monotonic() - began >= 0.2
    assert sends(meta) == [(accept, status, "hang")]


def test_a_caller_that_does_not_wait(meta: Meta) -> None:
    meta.fault(on="messages", kind="hang", seconds=0.3, answer=False)
    with pytest.raises(HTTPError):
        urllib3.request(
            "POST",
            f"{meta.url}/v26.0/{meta.number}/messages",
            json={"messaging_product": "whatsapp"} | TEXT,
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=0.1,
            retries=False,
        )
    assert meta.post(TEXT)[0] == 200
    assert sends(meta) == [(True, None, "hang"), (True, 200, None)]


def test_a_failure_afterwards(meta: Meta) -> None:
    meta.writes()
    meta.fault(on="messages", kind="async_failure", code=131049)
    wamid = meta.send()
    meta.quiet()
    (failed,) = meta.callback.statuses()
    assert (failed["id"], failed["status"], failed["errors"][0]["code"]) == (wamid, "failed", 131049)
    assert meta.chat()[-1]["error"]["code"] == 131049
    assert sends(meta) == [(True, 200, "async_failure")]


def test_held_statuses_come_when_they_are_let_go(meta: Meta) -> None:
    meta.writes()
    meta.fault(on="statuses", kind="hold")
    held, free = meta.send(), meta.send()
    eventually(lambda: meta.call("GET", "/api/faults")[1]["held"] == 2)
    eventually(lambda: meta.names(free) == ["sent", "delivered"])
    assert meta.names(held) == []
    eventually(lambda: meta.call("GET", "/api/state")[1]["pending_webhooks"] == 2)
    assert [one["status"] for one in meta.chat()][1:] == ["delivered", "delivered"]
    meta.call("DELETE", "/api/faults")
    eventually(lambda: meta.names(held) == ["sent", "delivered"])
    meta.call("POST", f"{meta.chat_path()}/read")
    eventually(lambda: meta.names(held) == ["sent", "delivered", "read"])
    meta.quiet()


def test_duplicate_statuses(meta: Meta) -> None:
    meta.writes()
    meta.fault(on="statuses", kind="duplicate")
    wamid = meta.send()
    meta.quiet()
    assert meta.names(wamid) == ["sent", "sent", "delivered", "delivered"]


def test_statuses_before_the_answer(callback: Callback) -> None:
    with serving(callback, sent_delay=60.0, delivered_delay=60.0) as meta:
        meta.writes()
        meta.fault(on="statuses", kind="before_answer")
        wamid = meta.send()
        assert meta.names(wamid) == ["sent", "delivered"]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"on": "mail"},
        {"on": "messages"},
        {"on": "messages", "kind": "hold"},
        {"on": "messages", "kind": "async_failure"},
        {"on": "statuses"},
        {"on": "messages", "code": 1, "times": 0},
        {"on": "messages", "code": 1, "http_status": 99},
        {"on": "messages", "kind": "hang", "accept": "yes"},
    ],
)
def test_wrong_faults_are_refused(meta: Meta, wrong: Json) -> None:
    assert meta.call("POST", "/api/faults", wrong)[0] == 400


def test_the_ledger_is_read_in_pages(meta: Meta) -> None:
    meta.writes()
    meta.send()
    meta.quiet()
    everything = meta.call("GET", "/api/ledger")[1]["entries"]
    assert [one["kind"] for one in everything].count("webhook") == 3
    seqs = [one["seq"] for one in everything]
    assert seqs == sorted(seqs)
    page = meta.call("GET", f"/api/ledger?after={seqs[0]}&limit=2")[1]["entries"]
    assert page == everything[1:3]
    assert meta.call("GET", "/api/ledger?after=x")[0] == 400


def test_many_callers_at_once_are_all_in_the_ledger(meta: Meta) -> None:
    meta.writes()
    meta.fault(on="messages", code=131056, times=10)
    answers: list[int] = []

    def call() -> None:
        for _ in range(10):
            answers.append(meta.post(TEXT)[0])

    callers = [threading.Thread(target=call) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert (answers.count(200), answers.count(400)) == (70, 10)
    accepted = [one["wamid"] for one in meta.ledger("send") if one["accepted"]]
    assert len(set(accepted)) == 70
    assert {one["id"] for one in meta.chat() if one["from"] == "business"} == set(accepted)
