"""Accepts what a business sends: writes it down, shows it to the customer, promises its statuses."""

import time
from dataclasses import dataclass
from typing import Any

from sandbox import chats, ids, payloads, people
from sandbox.chats import Message
from sandbox.errors import GraphError, failure
from sandbox.faults import Fault
from sandbox.people import Customer, Number
from sandbox.requests import MarkRead, Send
from sandbox.state import Sandbox

TYPING_SECONDS = 25  # Meta: Typing indicators


@dataclass(frozen=True)
class Plan:
    """What shall become of a send: who gets it, why it will fail (or None), how its statuses travel."""

    customer: Customer | None
    failure: dict[str, Any] | None
    receipts: str


def check(sandbox: Sandbox, number: Number, send: Send) -> None:
    """Raises the GraphError of a send that is well written but not possible."""
    if send.wa_id == number.digits:
        raise GraphError(131021, "The recipient must not be the sender.")
    if send.type == "reaction" and not _in_chat(sandbox, number, send):
        raise GraphError(131009, "reaction.message_id is not a message of this chat.")
    if not sandbox.pair_limit.admits(number.phone_number_id, send.wa_id or send.input, time.monotonic()):
        raise GraphError(131056)


def _in_chat(sandbox: Sandbox, number: Number, send: Send) -> bool:
    target = chats.find(sandbox.store, send.content["reaction"]["message_id"])
    customer = people.find_addressee(sandbox.store, send.wa_id, send.user_id)
    if target is None or customer is None:
        return False
    return (target.customer_id, target.phone_number_id) == (customer.id, number.phone_number_id)


def plan(sandbox: Sandbox, number: Number, send: Send, fault: Fault | None, receipts: Fault | None) -> Plan:
    """Decides what becomes of a send: Meta tells of unknown people and closed windows only afterwards."""
    customer = people.find_addressee(sandbox.store, send.wa_id, send.user_id)
    reason = None
    if fault is not None and fault.kind == "async_failure":
        reason = failure(fault.code or 131000, fault.details)
    elif customer is None:
        reason = failure(131026)
    elif not chats.window_is_open(sandbox.store, customer, number, time.time()):
        reason = failure(131047)
    return Plan(customer, reason, "normal" if receipts is None else receipts.kind)


def accept(sandbox: Sandbox, number: Number, send: Send, planned: Plan) -> Message:
    """Keeps the message and promises its statuses. Belongs to the caller's transaction."""
    customer = planned.customer
    addressed = (
        {"recipient_id": send.wa_id} if send.wa_id is not None else {"recipient_user_id": send.user_id or ""}
    )
    message = Message(
        id=ids.wamid(send.wa_id or send.input, from_customer=False),
        customer_id=None if customer is None else customer.id,
        phone_number_id=number.phone_number_id,
        author="business",
        type=send.type,
        content=send.content,
        at=time.time(),
        status="sent" if planned.failure is None else "accepted",
        recipient=addressed if customer is None else payloads.recipient(customer),
        tracker=send.tracker,
        receipts=planned.receipts,
    )
    chats.add(sandbox.store, message)
    if send.type == "reaction" and planned.failure is None:
        node = send.content["reaction"]
        target = chats.find(sandbox.store, node["message_id"])
        assert target is not None, "it was checked"
        chats.react(sandbox.store, target, node.get("emoji", ""), "business")
    sandbox.receipts.promise(message, planned.failure, at_once=planned.receipts == "before_answer")
    return message


def answer(send: Send, message: Message) -> dict[str, Any]:
    """The body of a 200: a phone number is answered with `wa_id`, a BSUID with `user_id`."""
    known = {"user_id": send.user_id} if send.wa_id is None else {"wa_id": send.wa_id}
    contact = {"input": send.input} | known
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": message.id}]}


def mark_read(sandbox: Sandbox, number: Number, request: MarkRead) -> Message:
    """Blue ticks for the message and all before it. Belongs to the caller's transaction."""
    message = chats.find(sandbox.store, request.message_id)
    if message is None or message.author != "customer" or message.phone_number_id != number.phone_number_id:
        raise GraphError(100, "message_id is not the id of a message that this number received.")
    for unread in chats.unread_until(sandbox.store, message):
        chats.move(sandbox.store, unread, "read")
    if request.typing:
        chats.tell(sandbox.store, "typing", message, message_id=message.id, seconds=TYPING_SECONDS)
    return message
