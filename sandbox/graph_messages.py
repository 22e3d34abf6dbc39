"""The Graph API of messages: sends them, marks them read, and writes everything into the ledger."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox import guards, ledger, requests, sending, state
from sandbox.answers import Answer, hang_up
from sandbox.errors import GraphError
from sandbox.faults import Fault
from sandbox.people import Number
from sandbox.requests import MarkRead, Send
from sandbox.state import Sandbox
from sandbox.store import loads

Json = dict[str, Any]


async def post_messages(request: Request) -> Response:
    """Sends a message, or marks one as read; whatever happens is in the ledger."""
    sandbox = state.of(request)
    phone_number_id: str = request.path_params["phone_number_id"]
    raw = await request.body()
    entry: Json = {"phone_number_id": phone_number_id, "request": _readable(raw)}
    entry |= {"accepted": False, "wamid": None, "customer_id": None, "fault": None}
    try:
        number = guards.authorised_number(sandbox, request, phone_number_id)
        asked = requests.read(guards.parsed(raw))
        if isinstance(asked, MarkRead):
            return _mark_read(sandbox, number, asked, entry)
        sending.check(sandbox, number, asked)
    except GraphError as error:
        return _refuse(sandbox, error, entry)
    fault = sandbox.faults.take("messages", number.phone_number_id)
    if fault is None or fault.kind == "async_failure":
        return await _accept(sandbox, number, asked, entry, fault)
    return await _disturbed(sandbox, number, asked, entry, fault, request)


def _refuse(sandbox: Sandbox, error: GraphError, entry: Json) -> Response:
    asked = entry["request"]
    kind = "send"
    if isinstance(asked, dict) and "status" in asked:
        kind = "typing" if "typing_indicator" in asked else "mark_read"
    body = error.body()
    with sandbox.store.transaction():
        ledger.record(sandbox.store, kind, entry | {"http_status": error.http_status, "answer": body})
    return Answer(body, error.http_status)


def _mark_read(sandbox: Sandbox, number: Number, asked: MarkRead, entry: Json) -> Response:
    body = {"success": True}
    with sandbox.store.transaction():
        message = sending.mark_read(sandbox, number, asked)
        entry |= {"accepted": True, "wamid": message.id, "customer_id": message.customer_id}
        entry |= {"http_status": 200, "answer": body}
        ledger.record(sandbox.store, "typing" if asked.typing else "mark_read", entry)
    return Answer(body)


async def _accept(sandbox: Sandbox, number: Number, send: Send, entry: Json, fault: Fault | None) -> Response:
    """Keeps the message; the ledger has no answer when the fault will leave it out."""
    receipts = sandbox.faults.take("statuses", number.phone_number_id)
    planned = sending.plan(sandbox, number, send, fault, receipts)
    with sandbox.store.transaction():
        message = sending.accept(sandbox, number, send, planned)
        body = sending.answer(send, message)
        entry |= {"accepted": True, "wamid": message.id, "customer_id": message.customer_id}
        entry |= {"fault": None if fault is None else fault.kind}
        ledger.record(sandbox.store, "send", entry | _told(fault, 200, body))
    if planned.receipts == "before_answer":
        sandbox.receipts.keep_appointments()
        await sandbox.courier.first_attempts(message.lane)
    return Answer(body)


async def _disturbed(
    sandbox: Sandbox, number: Number, send: Send, entry: Json, fault: Fault, request: Request
) -> Response:
    """A send that is refused, or whose answer comes late or never."""
    error = GraphError(fault.code or 131016, fault.details, http_status=fault.http_status)
    entry["fault"] = fault.kind
    if fault.kind == "error":
        return _refuse(sandbox, error, entry)
    if fault.accept:
        response = await _accept(sandbox, number, send, entry, fault)
    else:
        body = error.body()
        response = Answer(body, error.http_status)
        with sandbox.store.transaction():
            ledger.record(sandbox.store, "send", entry | _told(fault, error.http_status, body))
    await asyncio.sleep(fault.seconds)
    if not fault.answer:
        await hang_up(request)
    return response


def _told(fault: Fault | None, http_status: int, body: Json) -> Json:
    silent = fault is not None and not fault.answer
    return {"http_status": None if silent else http_status, "answer": None if silent else body}


def _readable(raw: bytes) -> Any:
    """The body for the ledger: as JSON when it is some, else as text."""
    try:
        return loads(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")
