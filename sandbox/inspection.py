"""The part of the control API that tests use: faults, the ledger, the pair limit and the handshake."""

from dataclasses import asdict

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import arrivals, chats, courier, faults, handshake, ledger, reading, state
from sandbox.answers import Answer

_MOST_ENTRIES = 10_000


def routes() -> list[Route]:
    """The routes, relative to where the sandbox is mounted."""
    return [
        Route("/api/faults", post_fault, methods=["POST"]),
        Route("/api/faults", get_faults, methods=["GET"]),
        Route("/api/faults", delete_faults, methods=["DELETE"]),
        Route("/api/redeliver", post_redelivery, methods=["POST"]),
        Route("/api/ledger", get_ledger, methods=["GET"]),
        Route("/api/pair_limit", post_pair_limit, methods=["POST"]),
        Route("/api/handshake", post_handshake, methods=["POST"]),
    ]


async def post_fault(request: Request) -> Response:
    """Orders trouble for the next sends, for the statuses of the next sends, or for media."""
    asked = await reading.body(request)
    on = reading.choice(asked, "on", tuple(faults.KINDS))
    code = int(reading.number_between(asked, "code", 0, 10**7, -1)) if "code" in asked else None
    kind = reading.choice(asked, "kind", faults.KINDS[on], "error")
    if kind in ("error", "async_failure") and code is None and on != "media":
        raise HTTPException(400, "code must be one of Meta's error codes")
    status = (
        int(reading.number_between(asked, "http_status", 200, 599, 400)) if "http_status" in asked else None
    )
    fault = state.of(request).faults.order(
        on=on,
        kind=kind,
        times=int(reading.number_between(asked, "times", 1, 10**6, 1)),
        phone_number_id=reading.optional_text(asked, "phone_number_id"),
        code=code,
        http_status=status,
        details=reading.optional_text(asked, "details"),
        seconds=reading.number_between(asked, "seconds", 0, 600, 0),
        accept=reading.truth(asked, "accept", True),
        answer=reading.truth(asked, "answer", True),
    )
    return Answer(asdict(fault), 201)


async def get_faults(request: Request) -> Response:
    """The faults that are in force, and how many webhooks are held."""
    sandbox = state.of(request)
    held = sandbox.store.value("SELECT count(*) FROM webhooks WHERE state = 'held'")
    return Answer({"faults": sandbox.faults.view(), "held": held})


async def delete_faults(request: Request) -> Response:
    """Ends all faults and lets held statuses go. Safe to call twice."""
    sandbox = state.of(request)
    sandbox.faults.clear()
    with sandbox.store.transaction():
        sandbox.store.write("UPDATE messages SET receipts = 'normal' WHERE receipts = 'hold'")
        courier.release(sandbox.store)
    return Response(status_code=204)


async def post_redelivery(request: Request) -> Response:
    """Brings messages of customers' to the callback once more, as Meta does now and then."""
    sandbox = state.of(request)
    asked = await reading.body(request)
    way = reading.choice(asked, "as", arrivals.WAYS, "same")
    wamids = asked.get("wamids")
    messages = chats.find_all(sandbox.store, wamids) if isinstance(wamids, list) else []
    if (
        not messages
        or len(messages) != len(wamids or ())
        or any(one.author != "customer" for one in messages)
    ):
        raise HTTPException(400, "wamids must be a list of ids of customers' messages")
    arrivals.bring_again(sandbox, messages, way)
    return Response(status_code=204)


async def get_ledger(request: Request) -> Response:
    """What happened, oldest first."""
    after, limit = reading.query_number(request, "after", 0), reading.query_number(request, "limit", 1000)
    store = state.of(request).store
    found = ledger.entries(store, after, min(limit, _MOST_ENTRIES), request.query_params.get("kind"))
    return Answer({"entries": found})


async def post_pair_limit(request: Request) -> Response:
    """Turns Meta's pair rate limit on or off."""
    on = reading.truth(await reading.body(request), "on", True)
    state.of(request).pair_limit.turn(on)
    return Answer({"on": on})


async def post_handshake(request: Request) -> Response:
    """Verifies the callback as Meta does when its address is set; the answer says whether it passed."""
    sandbox = state.of(request)
    asked = await reading.body(request)
    token = reading.optional_text(asked, "verify_token") or sandbox.config.verify_token
    if token is None:
        raise HTTPException(400, "verify_token must be a text: the sandbox was started without one")
    outcome = await handshake.verify(sandbox.config.callback_url, token, sandbox.config.callback_timeout)
    with sandbox.store.transaction():
        ledger.record(sandbox.store, "handshake", outcome)
    return Answer(outcome)
