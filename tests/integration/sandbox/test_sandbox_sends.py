"""What a business sends is accepted, refused or failed as Meta would do it."""

import time
from collections.abc import Iterator

import pytest
from sandbox_world import TOKEN, Callback, Json, Meta, eventually, serving

TEXT: Json = {"to": "34611203344", "text": {"body": "Hola"}}
HOUR = 3600


def button(**changes: object) -> Json:
    return {"type": "reply", "reply": {"id": "1", "title": "Sí"} | changes}


def buttons(*them: Json, **interactive: object) -> Json:
    asked = {"type": "button", "body": {"text": "¿Te refieres a…?"}, "action": {"buttons": list(them)}}
    return {"to": "34611203344", "type": "interactive", "interactive": asked | interactive}


def rows(count: int, start: int = 0) -> list[Json]:
    return [{"id": f"r{start + one}", "title": f"Fila {one}"} for one in range(count)]


def listing(*sections: Json, button: object = "Ver") -> Json:
    asked = {
        "type": "list",
        "body": {"text": "¿Cuál?"},
        "action": {"button": button, "sections": list(sections)},
    }
    return {"to": "34611203344", "type": "interactive", "interactive": asked}


REFUSED: list[tuple[str, Json, int]] = [
    ("another product", TEXT | {"messaging_product": "telegram"}, 100),
    ("no product", TEXT | {"messaging_product": None}, 100),
    ("nobody to send to", {"text": {"body": "Hola"}}, 100),
    ("an address that is no text", TEXT | {"to": 34611203344}, 100),
    ("a word for a number", TEXT | {"to": "Lucía"}, 131009),
    ("a group", TEXT | {"recipient_type": "group"}, 100),
    ("no user id", {"recipient": "34611203344", "text": {"body": "Hola"}}, 131009),
    ("a type that nobody knows", TEXT | {"type": "telegram"}, 100),
    ("a type that is not emulated", TEXT | {"type": "image", "image": {"id": "1"}}, 131051),
    ("a template", TEXT | {"type": "template", "template": {"name": "hello_world"}}, 131051),
    ("no text at all", {"to": "34611203344"}, 100),
    ("a text without body", TEXT | {"text": {}}, 100),
    ("a text that is no object", TEXT | {"text": "Hola"}, 100),
    ("a body that is no text", TEXT | {"text": {"body": 7}}, 100),
    ("an empty text", TEXT | {"text": {"body": "  "}}, 100),
    ("a text of 4097 characters", TEXT | {"text": {"body": "a" * 4097}}, 100),
    ("half an emoji", TEXT | {"text": {"body": "\ud800"}}, 100),
    ("a tracker of 513", TEXT | {"biz_opaque_callback_data": "a" * 513}, 100),
    ("a context without id", TEXT | {"context": {}}, 100),
    ("a reaction to nothing", TEXT | {"type": "reaction", "reaction": {"emoji": "👍"}}, 131008),
    (
        "a reaction to a stranger's",
        TEXT | {"type": "reaction", "reaction": {"message_id": "wamid.x"}},
        131009,
    ),
    (
        "an emoji that is no text",
        TEXT | {"type": "reaction", "reaction": {"message_id": "w", "emoji": 1}},
        131009,
    ),
    ("a message to itself", TEXT | {"to": "+34910000147"}, 131021),
    ("another interactive type", buttons(button(), type="flow"), 131051),
    ("no body", buttons(button(), body=None), 131008),
    ("a body that is no object", buttons(button(), body="¿?"), 131009),
    ("a body of 1025", buttons(button(), body={"text": "a" * 1025}), 131009),
    ("an empty body", buttons(button(), body={"text": " "}), 131009),
    ("a media header", buttons(button(), header={"type": "image", "image": {"id": "1"}}), 131009),
    ("a header of 61", buttons(button(), header={"type": "text", "text": "a" * 61}), 131009),
    ("a footer of 61", buttons(button(), footer={"text": "a" * 61}), 131009),
    ("no button", buttons(), 131009),
    ("four buttons", buttons(*(button(id=str(n), title=str(n)) for n in range(4))), 131009),
    ("buttons that are no list", buttons(action={"buttons": {}}), 131009),
    ("a button of another type", buttons({"type": "url"}), 131009),
    ("a button title of 21", buttons(button(title="a" * 21)), 131009),
    ("a button title that is no text", buttons(button(title=1)), 131009),
    ("a button without title", buttons(button(title=None)), 131008),
    ("a button id of 257", buttons(button(id="a" * 257)), 131009),
    ("two buttons of one id", buttons(button(), button(title="No")), 131009),
    ("two buttons of one title", buttons(button(), button(id="2")), 131009),
    ("no list button", listing({"rows": rows(1)}, button=None), 131008),
    ("a list button of 21", listing({"rows": rows(1)}, button="a" * 21), 131009),
    ("no section", listing(), 131009),
    ("eleven sections", listing(*({"title": f"S{n}", "rows": rows(1, n)} for n in range(11))), 131009),
    ("two sections without titles", listing({"rows": rows(1)}, {"rows": rows(1, 1)}), 131008),
    ("a section title of 25", listing({"title": "a" * 25, "rows": rows(1)}), 131009),
    ("a section without rows", listing({"rows": []}), 131009),
    ("eleven rows", listing({"title": "A", "rows": rows(6)}, {"title": "B", "rows": rows(5, 6)}), 131009),
    ("a row id of 201", listing({"rows": [{"id": "a" * 201, "title": "x"}]}), 131009),
    ("a row title of 25", listing({"rows": [{"id": "1", "title": "a" * 25}]}), 131009),
    ("a description of 73", listing({"rows": [{"id": "1", "title": "x", "description": "a" * 73}]}), 131009),
    ("two rows of one id", listing({"rows": rows(1) + rows(1)}), 131009),
    ("another status", {"status": "played", "message_id": "wamid.x"}, 100),
    ("a read of nothing", {"status": "read"}, 100),
    ("a read of an unknown message", {"status": "read", "message_id": "wamid.x"}, 100),
    ("another typing", {"status": "read", "message_id": "w", "typing_indicator": {"type": "audio"}}, 100),
]

ACCEPTED: list[tuple[str, Json]] = [
    ("4096 characters", TEXT | {"text": {"body": "a" * 4096}, "biz_opaque_callback_data": "a" * 512}),
    ("spaces in a number", TEXT | {"to": "+34 611-20.33 (44)"}),
    ("an answer to a message", TEXT | {"type": "text", "context": {"message_id": "wamid.old"}}),
    (
        "three full buttons",
        buttons(
            *(button(id=f"{n}" + "a" * 255, title=f"{n}" + "a" * 19) for n in range(3)),
            body={"text": "a" * 1024},
            header={"type": "text", "text": "a" * 60},
            footer={"text": "a" * 60},
        ),
    ),
    (
        "a full list",
        listing(
            *(
                {
                    "title": f"{n}" + "a" * 23,
                    "rows": [{"id": f"{n}" + "a" * 199, "title": "a" * 24, "description": "a" * 72}],
                }
                for n in range(10)
            ),
            button="a" * 20,
        ),
    ),
    ("one section without title", listing({"rows": rows(10)})),
]


@pytest.fixture(scope="module")
def shop() -> Iterator[Meta]:
    """One sandbox for all that needs no fresh one."""
    callback = Callback()
    with serving(callback) as meta:
        yield meta
    callback.stop()


@pytest.mark.parametrize(("body", "code"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_meta_refuses(shop: Meta, body: Json, code: int) -> None:
    before = len(shop.ledger("send"))
    status, answer = shop.post(body)
    error = answer["error"]
    assert (status, error["code"], error["type"]) == (400, code, "OAuthException")
    assert error["message"].startswith(f"(#{code}) ")
    assert error["fbtrace_id"]
    entries = [*shop.ledger("send")[before:], *shop.ledger("mark_read")[-1:], *shop.ledger("typing")[-1:]]
    assert {"answer": answer, "http_status": 400, "accepted": False, "wamid": None} in [
        {key: entry[key] for key in ("answer", "http_status", "accepted", "wamid")} for entry in entries
    ]


@pytest.mark.parametrize("body", [case[1] for case in ACCEPTED], ids=[case[0] for case in ACCEPTED])
def test_what_meta_accepts(shop: Meta, body: Json) -> None:
    status, answer = shop.post(body)
    assert status == 200, answer
    assert answer["messages"][0]["id"].startswith("wamid.")


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"to": NaN}', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object(shop: Meta, raw: bytes) -> None:
    status, answer = shop.call("POST", f"/v26.0/{shop.number}/messages", raw)
    assert (status, answer["error"]["code"]) == (400, 100)
    assert shop.ledger("send")[-1]["accepted"] is False


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
