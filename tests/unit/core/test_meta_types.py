"""Every entry, change, message and status of a webhook is read; nothing is ever refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.core.meta_types import read_batch

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "entry",
                    "changes",
                    "field",
                    "value",
                    "messages",
                    "statuses",
                    "contacts",
                    "id",
                    "from",
                    "errors",
                ]
            )
            | st.text(max_size=3),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


def webhook(*values: Any, field: str = "messages") -> bytes:
    changes = [{"field": field, "value": value} for value in values]
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}
    ).encode()


def value(**more: Any) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "55"}, **more}


TEXT = {
    "id": "wamid.1",
    "from": "34611",
    "from_user_id": "ES.1",
    "timestamp": "1750030073",
    "type": "text",
    "text": {"body": "hola"},
}


def test_every_entry_change_message_and_status_is_read() -> None:
    one = value(messages=[TEXT, {**TEXT, "id": "wamid.2"}])
    two = value(
        statuses=[{"id": "wamid.9", "status": "sent", "timestamp": "1"}, {"id": "wamid.8", "status": "read"}]
    )
    body = {
        "entry": [
            {"changes": [{"field": "messages", "value": one}]},
            {"changes": [{"field": "messages", "value": two}]},
        ]
    }
    batch = read_batch(json.dumps(body).encode(), "c")
    assert [m.wamid for m in batch.messages] == ["wamid.1", "wamid.2"]
    assert [(s.wamid, s.status) for s in batch.statuses] == [("wamid.9", "sent"), ("wamid.8", "read")]
    assert batch.others == []


def test_a_customer_may_have_no_number_or_no_user_id() -> None:
    by_name = {key: found for key, found in TEXT.items() if key != "from"}
    by_number = {key: found for key, found in TEXT.items() if key != "from_user_id"}
    (one,) = read_batch(
        webhook(value(messages=[by_name], contacts=[{"profile": {"username": "ana"}, "user_id": "ES.1"}])), ""
    ).messages
    (two,) = read_batch(webhook(value(messages=[by_number], contacts=[{"wa_id": "34611"}])), "").messages
    assert (one.wa_id, one.user_id, one.profile) == (None, "ES.1", {"username": "ana"})
    assert (two.wa_id, two.user_id, two.profile) == ("34611", None, {})


def test_each_message_gets_its_own_contact() -> None:
    contacts = [
        {"wa_id": "34622", "profile": {"name": "Luis"}},
        {"user_id": "ES.1", "profile": {"name": "Ana"}},
    ]
    (one,) = read_batch(webhook(value(messages=[TEXT], contacts=contacts)), "").messages
    assert one.profile == {"name": "Ana"}


def test_times_become_milliseconds_and_a_broken_one_is_zero() -> None:
    for written, read in (("1750030073", 1750030073000), ("soon", 0), (None, 0), (-5, 0), ("9" * 30, 0)):
        (one,) = read_batch(webhook(value(messages=[{**TEXT, "timestamp": written}])), "").messages
        assert one.sent_at == read


def test_a_failed_status_tells_its_first_error_and_tracker() -> None:
    failed = {
        "id": "w",
        "status": "failed",
        "biz_opaque_callback_data": "t.1",
        "errors": [{"code": 131047}, {"code": 1}],
    }
    (one,) = read_batch(webhook(value(statuses=[failed])), "").statuses
    assert (one.code, one.tracker) == (131047, "t.1")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[1]",
        b"null",
        b"\xff\x00",
        b'{"entry":[{"changes":[{}]}]}',
        b'{"entry": [',
        b"[" * 100_000,
        b'{"object":"page"}',
    ],
)
def test_what_is_not_understood_is_kept(body: bytes) -> None:
    batch = read_batch(body, "")
    assert batch.others
    assert not batch.messages


def test_other_fields_and_messages_without_a_sender_are_kept() -> None:
    assert read_batch(webhook({"event": "APPROVED"}, field="message_template_status_update"), "").others[
        0
    ].field == ("message_template_status_update")
    assert read_batch(webhook(value(messages=[{"id": "w"}])), "").others[0].content == {"id": "w"}


def test_an_error_beside_a_message_keeps_both() -> None:
    batch = read_batch(
        webhook(value(messages=[{**TEXT, "type": "interactive"}], errors=[{"code": 131000}])), ""
    )
    assert (len(batch.messages), len(batch.others)) == (1, 1)


def test_half_an_emoji_does_not_lose_the_message() -> None:
    body = webhook(value(messages=[TEXT])).replace(b"hola", b"hola \\ud83d")
    (one,) = read_batch(body, "").messages
    assert one.content["text"]["body"] == "hola ?"


@given(JSON)
def test_no_json_whatever_makes_it_fail(anything: Any) -> None:
    batch = read_batch(json.dumps(anything).encode(), "")
    assert batch.messages or batch.statuses or batch.others or anything


@given(st.binary(max_size=200))
def test_no_bytes_whatever_make_it_fail(anything: bytes) -> None:
    assert read_batch(anything, "").messages == []
