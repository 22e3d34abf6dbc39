"""pywa, written by others for the real Cloud API, can talk to the sandbox and understands what it posts."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pywa_async.client import WhatsApp
from pywa_async.errors import WhatsAppError
from pywa_async.types.callback import (
    Button,
    CallbackButton,
    CallbackSelection,
    Section,
    SectionList,
    SectionRow,
)
from pywa_async.types.message import Message
from pywa_async.types.message_status import MessageStatus

from tests.integration.sandbox.sandbox_world import SECRET, TOKEN, Meta


def client(meta: Meta) -> WhatsApp:
    """pywa for the sandbox's number."""
    wa = WhatsApp(
        phone_id=meta.number,
        token=TOKEN,
        app_secret=SECRET,
        verify_token="v",
        server=None,
        filter_updates=False,
    )
    wa.api._session.base_url = f"{meta.url}/v26.0"
    return wa


def run(meta: Meta, use: Callable[[WhatsApp], Awaitable[Any]]) -> Any:
    """What `use` returns, given a fresh pywa."""

    async def inside() -> Any:
        return await use(client(meta))

    return asyncio.run(inside())


def heard(meta: Meta) -> list[Any]:
    """What pywa makes of every webhook that came, signatures checked."""

    async def inside() -> list[Any]:
        wa: Any = client(meta)  # its decorators do not fit their own types
        found: list[Any] = []

        async def keep(_: WhatsApp, update: Any) -> None:
            found.append(update)

        for listen in (wa.on_message, wa.on_message_status, wa.on_callback_button, wa.on_callback_selection):
            listen(keep)
        for headers, body in meta.callback.received:
            assert await wa.webhook_update_validator(body, headers["X-Hub-Signature-256"]) is None
            assert await wa.webhook_update_handler(body) == ("ok", 200)
        return found

    return asyncio.run(inside())


@pytest.mark.parametrize("kind", ["both", "username"])
def test_it_sends_and_understands_a_conversation(meta: Meta, kind: str) -> None:
    customer = meta.customers[kind]
    written = meta.writes(kind)
    address = customer["user_id"] if kind == "username" else customer["wa_id"]
    sent = run(meta, lambda wa: wa.send_message(address, "A las nueve.", tracker="ours-1"))
    meta.quiet()
    message, sent_status, delivered = heard(meta)
    assert isinstance(message, Message)
    assert (message.id, message.text) == (written["id"], "¿A qué hora abren?")
    assert (message.from_user.bsuid, message.from_user.wa_id) == (customer["user_id"], customer["wa_id"])
    assert isinstance(sent_status, MessageStatus)
    assert [(one.id, one.status.value, one.tracker) for one in (sent_status, delivered)] == [
        (sent.id, "sent", "ours-1"),
        (sent.id, "delivered", "ours-1"),
    ]
    assert [one["text"] for one in meta.chat(kind)] == ["¿A qué hora abren?", "A las nueve."]


def test_it_sends_buttons_and_understands_the_tap(meta: Meta) -> None:
    meta.writes()
    to = meta.customers["both"]["wa_id"]
    buttons = [Button("Horario", "faq-1"), Button("Precio", "faq-2")]
    sent = run(
        meta, lambda wa: wa.send_message(to, "¿Cuál?", header="Dudas", footer="Zarpa", buttons=buttons)
    )
    meta.writes(type="button_reply", message_id=sent.id, id="faq-2")
    meta.quiet()
    (tap,) = [one for one in heard(meta) if isinstance(one, CallbackButton)]
    assert (tap.data, tap.title) == ("faq-2", "Precio")
    assert tap.reply_to_message is not None
    assert tap.reply_to_message.id == sent.id


def test_it_sends_a_list_and_understands_the_choice(meta: Meta) -> None:
    meta.writes()
    to = meta.customers["both"]["wa_id"]
    row = SectionRow("Horario", "faq-1", "¿A qué hora abren?")
    menu = SectionList("Ver", [Section("Dudas", [row])])
    sent = run(meta, lambda wa: wa.send_message(to, "¿Cuál?", buttons=menu))
    meta.writes(type="list_reply", message_id=sent.id, id="faq-1")
    meta.quiet()
    (choice,) = [one for one in heard(meta) if isinstance(one, CallbackSelection)]
    assert (choice.data, choice.title, choice.description) == ("faq-1", "Horario", "¿A qué hora abren?")


def test_it_marks_read_types_and_reacts(meta: Meta) -> None:
    written = meta.writes()
    to = meta.customers["both"]["wa_id"]
    assert run(meta, lambda wa: wa.mark_message_as_read(written["id"])).success
    assert meta.chat()[0]["status"] == "read"
    assert run(meta, lambda wa: wa.indicate_typing(written["id"])).success
    run(meta, lambda wa: wa.send_reaction(to, "👍", written["id"]))
    assert meta.chat()[0]["reaction"] == "👍"
    assert [len(meta.ledger(kind)) for kind in ("mark_read", "typing", "send")] == [1, 1, 1]


def test_it_understands_the_errors(meta: Meta) -> None:
    meta.fault(on="messages", code=131056)

    async def failing(wa: WhatsApp) -> WhatsAppError:
        try:
            await wa.send_message(meta.customers["both"]["wa_id"], "Hola")
        except WhatsAppError as error:
            return error
        raise AssertionError("it was accepted")

    error = run(meta, failing)
    assert (error.code, error.fbtrace_id is not None) == (131056, True)


def test_it_reads_the_number(meta: Meta) -> None:
    number = run(meta, lambda wa: wa.get_business_phone_number())
    assert (number.id, number.verified_name) == (meta.number, "Zarpa")
