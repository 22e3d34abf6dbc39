"""Brings what customers write to the business, once or (when it is asked for) again."""

import json
import time
from collections.abc import Sequence
from typing import Any

from sandbox import chats, courier, ids, payloads, people
from sandbox.chats import Message
from sandbox.people import Customer, Number
from sandbox.state import Sandbox

WAYS = ("same", "spaced", "batch")


def written(customer: Customer, number: Number, content: dict[str, Any], at: float) -> Message:
    """A message of the customer's that nobody has seen yet."""
    return Message(
        id=ids.wamid(customer.identity, from_customer=True),
        customer_id=customer.id,
        phone_number_id=number.phone_number_id,
        author="customer",
        type=content["type"],
        content=content,
        at=at,
        status="sent",
        recipient={},
    )


def bring(sandbox: Sandbox, customer: Customer, number: Number, messages: Sequence[Message]) -> None:
    """Keeps the messages and gives the courier one webhook with all of them."""
    with sandbox.store.transaction():
        for message in messages:
            chats.add(sandbox.store, message)
            _react(sandbox, message)
        body = payloads.inbound(sandbox.config.waba_id, [(number, customer, list(messages))])
        courier.post(sandbox.store, messages[0].lane, [message.id for message in messages], None, body)


def _react(sandbox: Sandbox, message: Message) -> None:
    node = message.content.get("reaction")
    if message.type != "reaction" or not isinstance(node, dict):
        return
    target = chats.find(sandbox.store, str(node.get("message_id")))
    if target is not None:
        chats.react(sandbox.store, target, str(node.get("emoji", "")), "customer")


def bring_again(sandbox: Sandbox, messages: Sequence[Message], way: str) -> None:
    """Gives the courier these messages once more: the same bytes, other spacing, or all in one webhook."""
    with sandbox.store.transaction():
        if way == "batch":
            body = payloads.inbound(sandbox.config.waba_id, _parts(sandbox, messages))
            lane = f"again {time.time()}"
            courier.post(sandbox.store, lane, [message.id for message in messages], None, body)
            return
        for message in messages:
            body = payloads.inbound(sandbox.config.waba_id, _parts(sandbox, [message]))
            spaced = json.dumps(json.loads(body), indent=1) if way == "spaced" else body
            courier.post(sandbox.store, message.lane, [message.id], None, spaced)


def _parts(sandbox: Sandbox, messages: Sequence[Message]) -> list[tuple[Number, Customer, list[Message]]]:
    parts: dict[str, tuple[Number, Customer, list[Message]]] = {}
    for message in messages:
        number = people.find_number(sandbox.store, message.phone_number_id)
        customer = people.find_customer(sandbox.store, message.customer_id or "")
        assert number is not None, "numbers are never deleted"
        assert customer is not None, "customers are never deleted"
        parts.setdefault(message.lane, (number, customer, []))[2].append(message)
    return list(parts.values())
