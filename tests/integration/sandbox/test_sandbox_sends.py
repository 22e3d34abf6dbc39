"""What a business sends is accepted, refused or failed as Meta would do it."""

import time

import pytest

from tests.integration.sandbox.sandbox_world import TOKEN, Callback, Json, Meta, serving
from tests.world import eventually

TEXT: Json = {"to": "34611203344", "text": {"body": "Hola"}}
HOUR = 3600


@pytest.mark.parametrize("token", [None, "", "another"])
def test_a_wrong_token_is_refused_everywhere(shop: Meta, token: str | None) -> None:
    for method, path in (
        ("POST", f"/v26.0/{shop.number}/messages"),
        ("POST", "/v26.0/sandbox/phone_numbers"),
        ("GET", "/v26.0/sandbox/phone_numbers"),
        ("GET", f"/v26.0/{shop.number}"),
    ):
        status, answer = shop.call(method, path, TEXT if method == "POST" else None, token)
        assert (status, answer["error"]["code"]) == (401, 190)


def test_without_a_configured_token_any_bearer_will_do(callback: Callback) -> None:
    with serving(callback, access_token=None) as meta:
        assert meta.post(TEXT, "whatever")[0] == 200
        assert meta.post(TEXT, None)[1]["error"]["code"] == 190


def test_an_unknown_id_is_a_missing_object(shop: Meta) -> None:
    for method, path in (
        ("POST", "/v26.0/123/messages"),
        ("POST", "/v26.0/123/phone_numbers"),
        ("GET", "/v26.0/123/phone_numbers"),
        ("GET", "/v26.0/123"),
    ):
        status, answer = shop.call(method, path, TEXT if method == "POST" else None)
        assert (status, answer["error"]["code"], answer["error"]["error_subcode"]) == (400, 100, 33)
        assert "'123' does not exist" in answer["error"]["message"]


@pytest.mark.parametrize("version", ["v21.0", "v26.0", "v30.1"])
def test_any_version_will_do(shop: Meta, version: str) -> None:
    assert (
        shop.call("POST", f"/{version}/{shop.number}/messages", {"messaging_product": "whatsapp"} | TEXT)[0]
        == 200
    )
    assert shop.call("POST", f"/26/{shop.number}/messages", TEXT)[0] == 404


def test_numbers_keep_their_ids(shop: Meta) -> None:
    account = shop.call("GET", "/api/state")[1]["waba_id"]
    asked = {"cc": "34", "phone_number": "600 000 001", "verified_name": "Pan"}
    status, first = shop.call("POST", f"/v26.0/{account}/phone_numbers", asked)
    assert status == 200
    assert first["id"].isdecimal()
    assert (
        shop.call("POST", "/v26.0/sandbox/phone_numbers", {"cc": "", "phone_number": "+34600000001"})[1]
        == first
    )
    listed = shop.call("GET", "/v26.0/sandbox/phone_numbers")[1]["data"]
    assert {"id": first["id"], "name": "Pan"} in [
        {"id": one["id"], "name": one["verified_name"]} for one in listed
    ]
    wanted = shop.call("GET", f"/v26.0/{first['id']}?fields=display_phone_number,unknown")[1]
    assert wanted == {"id": first["id"], "display_phone_number": "+34600000001"}
    assert shop.call("GET", f"/v26.0/{first['id']}")[1]["quality_rating"] == "GREEN"
    assert shop.ledger("register")[-1]["phone_number_id"] == first["id"]
    for wrong in ({}, {"cc": "34", "phone_number": "abc"}):
        assert shop.call("POST", "/v26.0/sandbox/phone_numbers", wrong)[1]["error"]["code"] == 100


def test_a_closed_window_is_accepted_and_fails_afterwards(meta: Meta) -> None:
    meta.writes("both", type="text", text="¿Abren hoy?", timestamp=time.time() - 25 * HOUR)
    wamid = meta.send("both")
    meta.quiet()
    (failed,) = meta.callback.statuses()
    assert (failed["id"], failed["status"], failed["errors"][0]["code"]) == (wamid, "failed", 131047)
    assert "contacts" not in meta.callback.values()[-1]
    assert (meta.chat()[-1]["status"], meta.chat()[-1]["error"]["code"]) == ("failed", 131047)
    meta.writes("both", type="text", text="¿Y mañana?", timestamp=time.time() - 23 * HOUR)
    wamid = meta.send("both")
    meta.quiet()
    assert meta.names(wamid) == ["sent", "delivered"]


def test_customers_can_read_by_themselves(callback: Callback) -> None:
    with serving(callback, read_delay=0.01) as meta:
        meta.writes()
        wamid = meta.send()
        meta.quiet()
        assert meta.names(wamid) == ["sent", "delivered", "read"]


def test_a_read_before_the_delivery_skips_it(callback: Callback) -> None:
    with serving(callback, sent_delay=300.0, delivered_delay=600.0) as meta:
        meta.writes()
        wamid = meta.send()
        meta.call("POST", f"{meta.chat_path()}/read")
        meta.quiet()
        assert meta.names(wamid) == ["sent", "read"]
        assert ["pricing" in status for status in callback.statuses()] == [True, True]


def test_marking_read_marks_all_before_it(meta: Meta) -> None:
    first, second, third = (meta.writes() for _ in range(3))
    asked = {"status": "read", "message_id": second["id"]}
    assert meta.post(asked) == (200, {"success": True})
    assert [one["status"] for one in meta.chat()] == ["read", "read", "delivered"]
    entry = meta.ledger("mark_read")[-1]
    assert (entry["wamid"], entry["customer_id"]) == (second["id"], meta.customers["both"]["id"])
    assert entry["accepted"] is True
    assert meta.post({"status": "read", "message_id": meta.send()})[0] == 400
    typing = {"status": "read", "message_id": third["id"], "typing_indicator": {"type": "text"}}
    assert meta.post(typing)[0] == 200
    assert [one["status"] for one in meta.chat()][:3] == ["read"] * 3
    assert meta.ledger("typing")[-1]["wamid"] == third["id"]
    assert first["id"] != second["id"]


def test_a_pair_is_limited_when_that_is_turned_on(meta: Meta) -> None:
    assert meta.call("POST", "/api/pair_limit", {"on": True})[1] == {"on": True}
    answers = [meta.post(TEXT)[0] for _ in range(46)]
    assert answers == [200] * 45 + [400]
    assert meta.post(TEXT)[1]["error"]["code"] == 131056
    assert meta.post(TEXT | {"to": "5215512345678"})[0] == 200
    meta.call("POST", "/api/pair_limit", {"on": False})
    assert meta.post(TEXT)[0] == 200


def test_a_reaction_has_only_the_status_sent(meta: Meta) -> None:
    message = meta.writes()
    wamid = meta.send("both", type="reaction", reaction={"message_id": message["id"], "emoji": "👍"})
    meta.quiet()
    assert meta.names(wamid) == ["sent"]
    assert [(one["id"], one["reaction"]) for one in meta.chat()] == [(message["id"], "👍")]
    meta.send("both", type="reaction", reaction={"message_id": message["id"], "emoji": ""})
    assert "reaction" not in meta.chat()[0]
    stranger = {"type": "reaction", "reaction": {"message_id": message["id"], "emoji": "👍"}}
    assert meta.post({"to": "5215512345678"} | stranger)[1]["error"]["code"] == 131009


def test_fifty_sends_at_once_all_arrive_with_their_statuses(meta: Meta) -> None:
    meta.writes()
    wamids = [meta.send() for _ in range(50)]
    meta.quiet()
    eventually(lambda: len(meta.callback.statuses()) == 100)
    assert {(one["id"], one["status"]) for one in meta.callback.statuses()} == {
        (wamid, status) for wamid in wamids for status in ("sent", "delivered")
    }
    assert [entry["wamid"] for entry in meta.ledger("send")] == wamids
    assert TOKEN not in str(meta.ledger("send"))
