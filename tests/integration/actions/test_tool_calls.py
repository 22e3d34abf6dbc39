"""A tool's call reaches its owner signed and with the customer of the conversation, and brings text or a reason."""

import base64
import gzip
import hashlib
import hmac
import time
from collections.abc import Iterator
from typing import Any

import pytest

from src.core.agent_config import Tool
from src.core.security import webhook_key
from src.messages.actions.call import MAX_BYTES, MAX_TEXT, Behalf, ToolFailed, run
from tests.owner import Owner, Request, Says

SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four!").decode()
CUSTOMER = {"wa_id": "34600111222", "user_id": "ES.1", "name": "Ana", "username": "ana"}
CALL_ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def owner() -> Iterator[Owner]:
    with Owner() as found:
        yield found


def tool(owner: Owner, **more: Any) -> Tool:
    schema = {"type": "object", "properties": {"order": {"type": "string"}}}
    given = {"name": "order_status", "description": "Says where an order is.", "parameters": schema}
    return Tool(**{**given, "url": owner.url, "secret": SECRET, **more})


def calls(owner: Owner, seconds: float = 5.0, **arguments: Any) -> str:
    behalf = Behalf("asst_1", 7, CUSTOMER)
    return run(tool(owner), CALL_ID, arguments, behalf, private=owner.private, seconds=seconds)


def fails(owner: Owner, says: Says, seconds: float = 5.0) -> ToolFailed:
    owner.answer = lambda _request: says
    with pytest.raises(ToolFailed) as failed:
        calls(owner, seconds)
    return failed.value


def test_the_owner_gets_the_arguments_and_who_the_customer_is(owner: Owner) -> None:
    assert calls(owner, order="A-17", customer="someone else") == '{"status":"shipped"}'
    (request,) = owner.requests
    assert request.json == {
        "call_id": CALL_ID,
        "tool": "order_status",
        "arguments": {"order": "A-17", "customer": "someone else"},
        "customer": {"wa_id": "34600111222", "user_id": "ES.1", "name": "Ana"},
        "agent_id": "asst_1",
        "conversation_id": 7,
    }


def test_the_call_is_signed_as_standard_webhooks_and_can_be_known_again(owner: Owner) -> None:
    calls(owner, order="A-17")
    (request,) = owner.requests
    at = request.headers["webhook-timestamp"]
    signed = f"{CALL_ID}.{at}.".encode() + request.body
    right = base64.b64encode(hmac.new(webhook_key(SECRET), signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{right}"
    assert request.headers["webhook-id"] == request.headers["idempotency-key"] == CALL_ID
    assert abs(int(at) - time.time()) < 300


@pytest.mark.parametrize(
    ("says", "text"),
    [
        (Says({"a": [1, 2]}), '{"a":[1,2]}'),
        (Says("plain words"), "plain words"),
        (Says(b" In the van. ", kind="text/plain; charset=utf-8"), "In the van."),
        (Says({"a": 1}, kind="application/problem+json"), '{"a":1}'),
        (Says(b"", status=204), "ok"),
        (Says("tap\u200bped\u202e and\x07 gone\nnext"), "tapped and gone\nnext"),
    ],
)
def test_json_and_text_are_what_the_model_reads(owner: Owner, says: Says, text: str) -> None:
    owner.answer = lambda _request: says
    assert calls(owner) == text


def test_a_long_answer_is_cut(owner: Owner) -> None:
    owner.answer = lambda _request: Says("x" * (MAX_TEXT + 1))
    text = calls(owner)
    assert (len(text), text[-1]) == (MAX_TEXT, "…")


@pytest.mark.parametrize(
    ("says", "reason", "unknown"),
    [
        (Says({"error": "no"}, status=404), "status 404", False),
        (Says(b"", status=302, headers={"Location": "http://127.0.0.1:1/"}), "status 302", False),
        (Says({}, status=503), "status 503", True),
        (Says(b"<h1>Hello</h1>", kind="text/html"), "not json", True),
        (Says(b"{half", kind="application/json"), "not json", True),
        (Says(b"\xff\xfe", kind="text/plain"), "not json", True),
        (Says(b"[" * 5_000 + b"]" * 5_000), "not json", True),
        (Says(gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"}), "not json", True),
        (Says(b"0" * (MAX_BYTES + 1)), "too large", True),
    ],
)
def test_every_other_answer_has_a_reason_and_a_sentence(
    owner: Owner, says: Says, reason: str, unknown: bool
) -> None:
    failed = fails(owner, says)
    assert (failed.reason, failed.unknown) == (reason, unknown)
    assert failed.says.startswith("The tool")


def test_an_owner_who_is_slow_is_not_waited_for(owner: Owner) -> None:
    def sleeps(_request: Request) -> Says:
        time.sleep(2)
        return Says()

    owner.answer = sleeps
    with pytest.raises(ToolFailed) as failed:
        calls(owner, seconds=0.3)
    assert (failed.value.reason, failed.value.unknown) == ("slow", True)


def test_an_address_that_may_not_be_called_is_not_called(owner: Owner) -> None:
    with pytest.raises(ToolFailed) as failed:
        run(tool(owner), CALL_ID, {}, Behalf("asst_1", 7, CUSTOMER), private=None, seconds=5)
    assert (failed.value.reason, failed.value.unknown) == ("refused", False)
    assert owner.requests == []


def test_without_a_secret_nothing_is_sent(owner: Owner) -> None:
    with pytest.raises(ToolFailed):
        run(
            tool(owner, secret=None),
            CALL_ID,
            {},
            Behalf("asst_1", 7, CUSTOMER),
            private=owner.private,
            seconds=5,
        )
    assert owner.requests == []


def test_where_nobody_listens_nothing_was_done() -> None:
    with Owner() as gone:
        pass
    with pytest.raises(ToolFailed) as failed:
        calls(gone)
    assert (failed.value.reason, failed.value.unknown) == ("unreachable", False)
