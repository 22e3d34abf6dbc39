"""A request is judged by Meta's rules, up to the last character."""

import pytest

from tests.integration.sandbox.sandbox_world import Json, Meta

TEXT: Json = {"to": "34611203344", "text": {"body": "Hola"}}


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
