"""Customers are known by a number, by a user id, or by both; what is not known is absent."""

import pytest

from tests.integration.sandbox.sandbox_world import Json, Meta

KINDS = ("phone", "username", "both")


def ids(customer: Json, wa_id: str, user_id: str) -> Json:
    known = {wa_id: customer["wa_id"], user_id: customer["user_id"]}
    return {key: value for key, value in known.items() if value is not None}


def part(node: Json, *keys: str) -> Json:
    return {key: node[key] for key in keys if key in node}


@pytest.mark.parametrize("kind", KINDS)
def test_a_customer_is_named_by_what_meta_knows(meta: Meta, kind: str) -> None:
    meta.writes(kind)
    value = meta.callback.values()[-1]
    customer = meta.customers[kind]
    assert part(value["contacts"][0], "wa_id", "user_id") == ids(customer, "wa_id", "user_id")
    assert part(value["messages"][0], "from", "from_user_id") == ids(customer, "from", "from_user_id")
    assert value["contacts"][0]["profile"].get("username") == customer["username"]
    assert value["metadata"] == {"display_phone_number": "34910000147", "phone_number_id": meta.number}


@pytest.mark.parametrize("kind", KINDS)
def test_statuses_name_the_recipient_likewise(meta: Meta, kind: str) -> None:
    meta.writes(kind)
    meta.send(kind, text={"body": "A las nueve."}, biz_opaque_callback_data="ours-7")
    meta.quiet()
    meta.call("POST", f"{meta.chat_path(kind)}/read")
    meta.quiet()
    statuses = meta.callback.statuses()
    assert [status["status"] for status in statuses] == ["sent", "delivered", "read"]
    for status in statuses:
        assert part(status, "recipient_id", "recipient_user_id") == ids(
            meta.customers[kind], "recipient_id", "recipient_user_id"
        )
        assert status["biz_opaque_callback_data"] == "ours-7"
        assert status["timestamp"].isdecimal()
    assert ["pricing" in status for status in statuses] == [True, True, False]
    profiles = [value["contacts"][0]["profile"] for value in meta.callback.values()[-3:]]
    username = meta.customers[kind]["username"]
    assert [profile.get("username") for profile in profiles] == [None, username, username]


def test_a_number_is_answered_with_wa_id_and_a_user_id_with_user_id(meta: Meta) -> None:
    both = meta.customers["both"]
    text = {"text": {"body": "Hola"}}
    plus = "+" + both["wa_id"]
    assert meta.post({"to": plus} | text)[1]["contacts"] == [{"input": plus, "wa_id": both["wa_id"]}]
    by_user = meta.post({"recipient": both["user_id"]} | text)[1]["contacts"]
    assert by_user == [{"input": both["user_id"], "user_id": both["user_id"]}]


def test_to_wins_over_recipient(meta: Meta) -> None:
    meta.writes("both")
    meta.writes("username")
    address = {"to": meta.customers["both"]["wa_id"], "recipient": meta.customers["username"]["user_id"]}
    meta.post(address | {"text": {"body": "¿Quién lo lee?"}})
    assert [message["text"] for message in meta.chat("both")][-1] == "¿Quién lo lee?"
    assert len(meta.chat("username")) == 1


def test_nobody_at_the_address_fails_afterwards(meta: Meta) -> None:
    for address in ({"to": "34600999888"}, {"recipient": "ES.1234567890"}):
        status, answer = meta.post(address | {"text": {"body": "¿Hola?"}, "biz_opaque_callback_data": "t"})
        assert status == 200
        meta.quiet()
        (failed,) = [one for one in meta.callback.statuses() if one["id"] == answer["messages"][0]["id"]]
        assert (failed["status"], failed["errors"][0]["code"]) == ("failed", 131026)
        assert failed["biz_opaque_callback_data"] == "t"
        assert "contacts" not in meta.callback.values()[-1]


def test_customers_of_every_kind_can_be_made(meta: Meta) -> None:
    for kind in KINDS:
        status, made = meta.call("POST", "/api/customers", {"kind": kind})
        assert status == 201
        assert (made["wa_id"] is None, made["user_id"] is None) == (kind == "username", kind == "phone")
        assert made["name"]
    named = {"name": "Inés", "kind": "phone", "wa_id": "+34 600 11 22 33", "username": "ines"}
    assert meta.call("POST", "/api/customers", named)[1]["wa_id"] == "34600112233"
    assert meta.call("POST", "/api/customers", named)[0] == 409


def test_wrong_customers_are_refused(meta: Meta) -> None:
    for wrong in ({"kind": "ghost"}, {"wa_id": "nobody"}, {"name": 7}, {"name": "\ud800"}):
        assert meta.call("POST", "/api/customers", wrong)[0] == 400
