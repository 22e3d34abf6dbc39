"""The control API: what the telephone in the browser and tests ask of the sandbox; Meta has none."""

import sqlite3
import time
from dataclasses import asdict
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sandbox import arrivals, chats, courier, ids, media, people, reading, state, writing
from sandbox.answers import Answer
from sandbox.chats import Message
from sandbox.people import Customer, Number
from sandbox.state import Sandbox

Json = dict[str, Any]

BATCH = 1000  # Meta: at most 1000 updates in one webhook
_SHOWN = frozenset(
    {"image/jpeg", "image/png", "image/webp", "audio/ogg", "audio/mp4", "audio/mpeg", "video/mp4"}
)


def routes() -> list[Route]:
    """The routes, relative to where the sandbox is mounted."""
    chat = "/api/chats/{customer_id}/{phone_number_id}"
    return [
        Route("/api/state", get_state, methods=["GET"]),
        Route("/api/numbers", post_number, methods=["POST"]),
        Route("/api/numbers/{phone_number_id}", patch_number, methods=["PATCH"]),
        Route("/api/customers", post_customer, methods=["POST"]),
        Route("/api/chats", get_chats, methods=["GET"]),
        Route(chat, get_chat, methods=["GET"]),
        Route(chat + "/messages", post_message, methods=["POST"]),
        Route(chat + "/batch", post_batch, methods=["POST"]),
        Route(chat + "/read", post_read, methods=["POST"]),
        Route("/api/media/{media_id}", get_media, methods=["GET"]),
        Route("/api/events", get_events, methods=["GET"]),
    ]


async def get_state(request: Request) -> Response:
    """Who is there, and what is still on its way."""
    sandbox = state.of(request)
    return Answer(
        {
            "numbers": [asdict(number) for number in people.all_numbers(sandbox.store)],
            "customers": [customer.view() for customer in people.all_customers(sandbox.store)],
            "waba_id": sandbox.config.waba_id,
            "callback_url": sandbox.config.callback_url,
            "pending_webhooks": courier.pending(sandbox.store),
            "pending_statuses": sandbox.store.value("SELECT count(*) FROM due_statuses"),
        }
    )


async def post_number(request: Request) -> Response:
    """Registers a number. Safe to call twice."""
    store = state.of(request).store
    asked = await reading.body(request)
    digits = ids.digits_of(reading.text(asked, "phone_number"))
    if digits is None:
        raise HTTPException(400, "phone_number must be a telephone number")
    with store.transaction():
        number = people.add_number(store, digits, reading.optional_text(asked, "name"))
    return Answer(asdict(number), 201)


async def patch_number(request: Request) -> Response:
    """Gives a number another name."""
    store = state.of(request).store
    number = people.find_number(store, request.path_params["phone_number_id"])
    if number is None:
        raise HTTPException(404, "No such number")
    name = reading.text(await reading.body(request), "name")
    with store.transaction():
        return Answer(asdict(people.add_number(store, number.digits, name)))


async def post_customer(request: Request) -> Response:
    """Makes a customer, of whom Meta will tell the phone number, the user id, or both."""
    store = state.of(request).store
    asked = await reading.body(request)
    kind = reading.choice(asked, "kind", people.KINDS, "both")
    wa_id = reading.optional_text(asked, "wa_id")
    digits = None if wa_id is None else ids.digits_of(wa_id)
    if wa_id is not None and digits is None:
        raise HTTPException(400, "wa_id must be a telephone number")
    username = reading.optional_text(asked, "username")
    try:
        with store.transaction():
            made = people.add_customer(store, kind, reading.optional_text(asked, "name"), digits, username)
    except sqlite3.IntegrityError:
        raise HTTPException(409, "That number or username belongs to another customer") from None
    return Answer(made.view(), 201)


async def get_chats(request: Request) -> Response:
    """The chats of one customer, or of all."""
    overview = chats.overview(state.of(request).store, request.query_params.get("customer_id"))
    return Answer({"chats": overview})


async def get_chat(request: Request) -> Response:
    """Every message of one chat, oldest first."""
    customer, number = reading.chat(request)
    found = chats.in_chat(state.of(request).store, customer.id, number.phone_number_id)
    return Answer({"messages": [message.view() for message in found]})


async def post_message(request: Request) -> Response:
    """The customer writes, and the business hears of it by webhook; `timestamp` makes it an old message."""
    customer, number = reading.chat(request)
    message = _written(state.of(request), customer, number, await reading.body(request))
    arrivals.bring(state.of(request), customer, number, [message])
    return Answer(message.view(), 201)


async def post_batch(request: Request) -> Response:
    """The customer writes several messages, which one webhook brings."""
    customer, number = reading.chat(request)
    sandbox = state.of(request)
    asked = reading.objects(await reading.body(request), "messages", BATCH)
    messages = [_written(sandbox, customer, number, one) for one in asked]
    arrivals.bring(sandbox, customer, number, messages)
    return Answer({"messages": [message.view() for message in messages]}, 201)


def _written(sandbox: Sandbox, customer: Customer, number: Number, asked: Json) -> Message:
    now = time.time()
    at = reading.number_between(asked, "timestamp", 0, now + 60, now)
    node = writing.node(sandbox.store, customer, number, asked, at)
    return arrivals.written(customer, number, node, at)


async def post_read(request: Request) -> Response:
    """The customer has seen the whole chat."""
    customer, number = reading.chat(request)
    state.of(request).receipts.read_by(customer, number)
    return Response(status_code=204)


async def get_media(request: Request) -> Response:
    """A file of a chat, for the telephone; what a browser could take for a page of ours is only offered to be kept."""
    found = media.find(state.of(request).store, request.path_params["media_id"])
    if found is None:
        raise HTTPException(404, "No such file, or its time is over")
    shown = media.plain(found.mime_type) in _SHOWN
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
    headers["Content-Disposition"] = "inline" if shown else "attachment"
    return Response(
        found.content, headers=headers, media_type=found.mime_type if shown else "application/octet-stream"
    )


async def get_events(request: Request) -> Response:
    """What happens from now on, or since `Last-Event-ID`, as server-sent events."""
    stream = state.of(request).stream.follow(request.headers.get("last-event-id"))
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)
