"""Webhooks are signed over their exact bytes, and come again until they are answered with 200."""

import hashlib
import hmac
import json

import pytest

from tests.integration.sandbox.sandbox_world import SECRET, Callback, Meta, serving
from tests.ports import free_port
from tests.world import eventually


def test_the_signature_is_over_the_bytes_that_were_sent(meta: Meta) -> None:
    meta.writes(type="text", text="mañana ☕ \ud800")
    headers, body = meta.callback.received[-1]
    expected = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={expected}"
    assert headers["Content-Type"] == "application/json"
    assert body.isascii()
    assert meta.callback.messages()[-1]["text"]["body"] == "mañana ☕ \ud800"


@pytest.mark.parametrize("answer", [500, 202, 204, 301, 404])
def test_anything_but_200_is_tried_again_with_the_same_bytes(callback: Callback, answer: int) -> None:
    callback.answers = [answer, answer]
    with serving(callback, retry_delays=(0.0, 0.01)) as meta:
        meta.writes()
        meta.quiet()
        assert len({body for _, body in callback.received}) == 1
        attempts = [(one["attempt"], one["http_status"]) for one in meta.ledger("webhook")]
        assert attempts == [(1, answer), (2, answer), (3, 200)]
        assert meta.ledger("webhook")[0]["body"].encode() == callback.received[0][1]


def test_the_customer_sees_delivered_only_after_the_200(callback: Callback) -> None:
    callback.answers = [500]
    with serving(callback, retry_delays=(0.4,)) as meta:
        message = meta.writes()
        eventually(lambda: meta.ledger("webhook"))
        assert meta.chat()[0]["status"] == "sent"
        meta.quiet()
        assert (meta.chat()[0]["id"], meta.chat()[0]["status"]) == (message["id"], "delivered")


def test_a_closed_port_is_tried_until_it_opens() -> None:
    port = free_port()
    closed = Callback(port)
    closed.stop()
    with serving(closed, retry_delays=(0.0, 0.02)) as meta:
        meta.call("POST", f"{meta.chat_path()}/messages", {"type": "text", "text": "¿Hola?"})
        eventually(lambda: len(meta.ledger("webhook")) >= 3)
        assert meta.ledger("webhook")[0]["error"] == "NewConnectionError"
        assert meta.call("GET", "/api/state")[1]["pending_webhooks"] == 1
        opened = Callback(port)
        eventually(lambda: opened.messages())
        meta.quiet()
        opened.stop()


def test_a_webhook_is_given_up_in_the_end(callback: Callback) -> None:
    callback.answers = [500] * 50
    with serving(callback, retry_delays=(0.0,), give_up_after=0.0) as meta:
        meta.writes()
        meta.quiet()
        assert len(callback.received) == 1


def test_a_chat_keeps_its_order_and_chats_do_not_wait_for_each_other(meta: Meta) -> None:
    for count in range(20):
        for kind in ("both", "username"):
            meta.call("POST", f"{meta.chat_path(kind)}/messages", {"type": "text", "text": str(count)})
    meta.quiet()
    for kind in ("both", "username"):
        customer = meta.customers[kind]
        mine = [one for one in meta.callback.messages() if one["from_user_id"] == customer["user_id"]]
        assert [one["text"]["body"] for one in mine] == [str(count) for count in range(20)]


def test_several_messages_come_in_one_webhook(meta: Meta) -> None:
    asked = {"messages": [{"type": "text", "text": "Hola"}, {"type": "text", "text": "¿Abren hoy?"}]}
    status, answer = meta.call("POST", f"{meta.chat_path()}/batch", asked)
    assert status == 201
    meta.quiet()
    (value,) = meta.callback.values()
    assert [one["id"] for one in value["messages"]] == [one["id"] for one in answer["messages"]]
    assert meta.ledger("webhook")[0]["wamids"] == [one["id"] for one in answer["messages"]]
    assert [one["status"] for one in meta.chat()] == ["delivered", "delivered"]
    assert meta.call("POST", f"{meta.chat_path()}/batch", {"messages": []})[0] == 400


@pytest.mark.parametrize("way", ["same", "spaced", "batch"])
def test_webhooks_can_come_again(meta: Meta, way: str) -> None:
    first, second = meta.writes("both"), meta.writes("phone")
    meta.quiet()
    before = len(meta.callback.received)
    assert meta.call("POST", "/api/redeliver", {"wamids": [first["id"], second["id"]], "as": way})[0] == 204
    meta.quiet()
    again = [body for _, body in meta.callback.received[before:]]
    originals = [body for _, body in meta.callback.received[:before]]
    assert {one["id"] for one in meta.callback.messages()} == {first["id"], second["id"]}
    assert len(meta.callback.messages()) == 4
    if way == "same":
        assert sorted(again) == sorted(originals)
    elif way == "spaced":
        assert not set(again) & set(originals)
        assert [json.loads(body) for body in sorted(again)] == [
            json.loads(body) for body in sorted(originals)
        ]
    else:
        assert len(again) == 1


def test_only_what_customers_wrote_can_come_again(meta: Meta) -> None:
    meta.writes()
    for wrong in (None, [], ["wamid.unknown"], [meta.send()]):
        assert meta.call("POST", "/api/redeliver", {"wamids": wrong})[0] == 400


def test_the_handshake_asks_as_meta_does(callback: Callback) -> None:
    with serving(callback) as meta:
        passed = {"verified": True, "http_status": 200, "error": None}
        assert meta.call("POST", "/api/handshake", {"verify_token": "right"})[1] == passed
        assert "hub.mode=subscribe" in callback.challenges[0]
        assert meta.call("POST", "/api/handshake", {"verify_token": "wrong"})[1]["verified"] is False
        assert meta.call("POST", "/api/handshake")[0] == 400
        assert [one["verified"] for one in meta.ledger("handshake")] == [True, False]
        callback.stop()
        assert (
            meta.call("POST", "/api/handshake", {"verify_token": "right"})[1]["error"] == "NewConnectionError"
        )
