"""What the telephone can do: write, tap, feel, read, and look at its chats."""

import pytest
import urllib3

from tests.integration.sandbox.sandbox_world import Callback, Json, Meta, serving

BUTTONS: Json = {
    "type": "interactive",
    "interactive": {
        "type": "button",
        "body": {"text": "¿Te refieres a…?"},
        "action": {"buttons": [{"type": "reply", "reply": {"id": "faq-1", "title": "Horario"}}]},
    },
}
LIST: Json = {
    "type": "interactive",
    "interactive": {
        "type": "list",
        "body": {"text": "¿Te refieres a…?"},
        "action": {
            "button": "Ver",
            "sections": [
                {
                    "rows": [
                        {"id": "faq-1", "title": "Horario", "description": "¿A qué hora abren?"},
                        {"id": "faq-2", "title": "Precio"},
                    ]
                }
            ],
        },
    },
}


def test_a_tap_on_a_button(meta: Meta) -> None:
    meta.writes()
    asked = meta.send("both", **BUTTONS)
    assert meta.chat()[-1]["interactive"] == BUTTONS["interactive"]
    meta.send("both", text={"body": "Otra cosa."})
    tap = meta.writes(type="button_reply", message_id=asked, id="faq-1")
    shown = {key: tap[key] for key in ("type", "from", "reply", "context")}
    reply = {"id": "faq-1", "title": "Horario"}
    assert shown == {"type": "button_reply", "from": "customer", "reply": reply, "context": asked}
    message = meta.callback.messages()[-1]
    assert message["interactive"] == {"type": "button_reply", "button_reply": reply}
    assert message["context"] == {"from": "34910000147", "id": asked}


def test_a_tap_on_a_row(meta: Meta) -> None:
    meta.writes("username")
    asked = meta.send("username", **LIST)
    meta.writes("username", type="list_reply", message_id=asked, id="faq-1")
    reply = {"id": "faq-1", "title": "Horario", "description": "¿A qué hora abren?"}
    assert meta.callback.messages()[-1]["interactive"] == {"type": "list_reply", "list_reply": reply}
    meta.writes("username", type="list_reply", message_id=asked, id="faq-2")
    assert meta.callback.messages()[-1]["interactive"]["list_reply"] == {"id": "faq-2", "title": "Precio"}


def test_a_tap_on_nothing(meta: Meta) -> None:
    written = meta.writes()["id"]
    asked = meta.send("both", **LIST)
    other = meta.send("phone", **BUTTONS)
    for wrong in (
        {"message_id": asked, "id": "faq-9", "type": "list_reply"},
        {"message_id": asked, "id": "faq-1", "type": "button_reply"},
        {"message_id": written, "id": "faq-1", "type": "button_reply"},
        {"message_id": other, "id": "faq-1", "type": "button_reply"},
        {"message_id": "wamid.unknown", "id": "faq-1", "type": "button_reply"},
    ):
        assert meta.call("POST", f"{meta.chat_path()}/messages", wrong)[0] == 404


def test_a_reply_quotes_a_message(meta: Meta) -> None:
    own = meta.writes()
    theirs = meta.send()
    assert meta.writes(type="text", text="¿Seguro?", context=theirs)["context"] == theirs
    assert meta.callback.messages()[-1]["context"] == {"from": "34910000147", "id": theirs}
    meta.writes(type="text", text="Digo…", context=own["id"])
    assert meta.callback.messages()[-1]["context"] == {
        "from": meta.customers["both"]["wa_id"],
        "id": own["id"],
    }
    hidden = meta.writes("username")
    meta.writes("username", type="text", text="Digo…", context=hidden["id"])
    assert meta.callback.messages()[-1]["context"] == {"id": hidden["id"]}
    quoting = meta.send("both", text={"body": "Sí"}, context={"message_id": own["id"]})
    assert (meta.chat()[-1]["id"], meta.chat()[-1]["context"]) == (quoting, own["id"])


def test_a_reaction_is_no_message_of_the_chat(meta: Meta) -> None:
    meta.writes()
    theirs = meta.send()
    felt = meta.writes(type="reaction", message_id=theirs, emoji="❤️")
    assert (felt["type"], felt["emoji"], felt["message_id"]) == ("reaction", "❤️", theirs)
    assert meta.callback.messages()[-1]["reaction"] == {"message_id": theirs, "emoji": "❤️"}
    assert [one.get("reaction") for one in meta.chat()] == [None, "❤️"]
    meta.writes(type="reaction", message_id=theirs, emoji="")
    assert meta.callback.messages()[-1]["reaction"] == {"message_id": theirs}
    assert "reaction" not in meta.chat()[-1]


@pytest.mark.parametrize("kind", ["image", "audio", "sticker", "location"])
def test_other_kinds(meta: Meta, kind: str) -> None:
    assert meta.writes(type=kind)["type"] == kind
    assert meta.callback.messages()[-1][kind]


def test_any_node_at_all(meta: Meta) -> None:
    meta.writes(
        type="raw", message={"type": "order", "order": {"catalog_id": "1"}, "from": None, "id": "mine"}
    )
    message = meta.callback.messages()[-1]
    assert (message["order"], message["from"]) == ({"catalog_id": "1"}, None)
    assert message["id"].startswith("wamid.")
    for odd in (
        {"type": "reaction"},
        {"type": "reaction", "reaction": {}},
        {"type": "interactive"},
        {"type": "text"},
    ):
        meta.writes(type="raw", message=odd)
    assert [one["type"] for one in meta.chat()] == ["order", "interactive", "text"]


def test_what_cannot_be_written(meta: Meta) -> None:
    path = f"{meta.chat_path()}/messages"
    wrongs: list[object] = [
        {},
        {"type": "telegram"},
        {"type": "text"},
        {"type": "text", "text": ""},
        {"type": "text", "text": "Hola", "timestamp": "now"},
        {"type": "text", "text": "Hola", "timestamp": True},
        {"type": "raw"},
        {"type": "raw", "message": {"text": {"body": "Hola"}}},
        [],
        b"{",
    ]
    for wrong in wrongs:
        status, answer = meta.call("POST", path, wrong)
        assert status == 400
        assert answer["detail"]
    theirs = meta.send()
    assert meta.call("POST", path, {"type": "reaction", "message_id": theirs, "emoji": 1})[0] in (400, 404)
    for nowhere in (f"/api/chats/cus_nobody/{meta.number}", f"/api/chats/{meta.customers['both']['id']}/123"):
        assert meta.call("GET", nowhere)[0] == 404


def test_chats_are_listed_with_what_is_unread(meta: Meta) -> None:
    meta.writes("phone")
    meta.writes("both")
    meta.quiet()
    meta.send("phone", text={"body": "Uno"})
    meta.send("phone", text={"body": "Dos"})
    chats = meta.call("GET", "/api/chats")[1]["chats"]
    assert [(chat["customer_id"], chat["unread"]) for chat in chats] == [
        (meta.customers["phone"]["id"], 2),
        (meta.customers["both"]["id"], 0),
    ]
    assert chats[0]["last_message"]["text"] == "Dos"
    assert meta.call("POST", f"{meta.chat_path('phone')}/read")[0] == 204
    (mine,) = meta.call("GET", f"/api/chats?customer_id={meta.customers['phone']['id']}")[1]["chats"]
    assert (mine["unread"], mine["phone_number_id"]) == (0, meta.number)


def test_numbers_are_made_once_and_can_be_renamed(meta: Meta) -> None:
    status, again = meta.call("POST", "/api/numbers", {"phone_number": "34 910 000 147"})
    assert (status, again["phone_number_id"], again["name"]) == (201, meta.number, "Zarpa")
    assert (
        meta.call("PATCH", f"/api/numbers/{meta.number}", {"name": "Zarpa y Cía"})[1]["name"] == "Zarpa y Cía"
    )
    assert [one["name"] for one in meta.call("GET", "/api/state")[1]["numbers"]] == ["Zarpa y Cía"]
    assert meta.call("PATCH", "/api/numbers/123", {"name": "Nadie"})[0] == 404
    assert meta.call("POST", "/api/numbers", {"phone_number": "nobody"})[0] == 400
    assert meta.call("POST", "/api/numbers", {"phone_number": "34910000001"})[1]["name"] == "+34910000001"


def test_it_may_stand_below_a_path(callback: Callback) -> None:
    with serving(callback, under="/sandbox") as meta:
        meta.writes()
        meta.send()
        meta.quiet()
        assert [one["status"] for one in meta.chat()] == ["delivered", "delivered"]
        for path in ("/", "/static/server.js"):
            assert urllib3.request("GET", meta.url + path).status == 200


def test_the_telephone_is_served(meta: Meta) -> None:
    page = urllib3.request("GET", meta.url + "/")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    script = urllib3.request("GET", meta.url + "/static/server.js")
    assert (script.status, script.headers["Cache-Control"]) == (200, "no-cache")
    assert meta.call("GET", "/nowhere") == (404, {"detail": "Not Found"})
