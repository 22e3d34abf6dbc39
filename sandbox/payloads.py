"""The bodies of webhooks, as Meta writes them (Webhooks, messages)."""

from typing import Any

from sandbox.chats import Message
from sandbox.people import Customer, Number
from sandbox.store import dumps

Node = dict[str, Any]

_PRICING = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "service"}


def inbound(waba_id: str, parts: list[tuple[Number, Customer, list[Message]]]) -> str:
    """The body that brings messages, with a change for each customer and number."""
    return _envelope(waba_id, [_inbound(*part) for part in parts])


def _inbound(number: Number, customer: Customer, messages: list[Message]) -> Node:
    contact: Node = {"profile": _profile(customer)} | _ids(customer, "wa_id", "user_id")
    nodes = [
        _ids(customer, "from", "from_user_id")
        | {"id": message.id, "timestamp": str(int(message.at)), **message.content}
        for message in messages
    ]
    return _value(number) | {"contacts": [contact], "messages": nodes}


def status(
    waba_id: str,
    number: Number,
    customer: Customer | None,
    message: Message,
    name: str,
    at: float,
    priced: bool,
) -> str:
    """The body that brings one status of a message of the business's; contacts are absent from `failed`."""
    node: Node = {"id": message.id, "status": name, "timestamp": str(int(at))} | message.recipient
    if message.tracker is not None:
        node["biz_opaque_callback_data"] = message.tracker
    if priced:
        node["pricing"] = _PRICING
    if name == "failed":
        node["errors"] = [message.error]
    value: Node = {"statuses": [node]}
    if customer is not None and name != "failed":
        profile = _profile(customer) if name in ("delivered", "read") else {"name": customer.name}
        value["contacts"] = [{"profile": profile} | _ids(customer, "wa_id", "user_id")]
    return _envelope(waba_id, [_value(number) | value])


def _profile(customer: Customer) -> Node:
    profile = {"name": customer.name}
    return profile if customer.username is None else profile | {"username": customer.username}


def _ids(customer: Customer, wa_id: str, user_id: str) -> Node:
    """What Meta tells of who somebody is: what is not known is absent."""
    known = {wa_id: customer.wa_id, user_id: customer.user_id}
    return {key: value for key, value in known.items() if value is not None}


def recipient(customer: Customer) -> dict[str, str]:
    """How statuses name the customer."""
    return _ids(customer, "recipient_id", "recipient_user_id")


def _value(number: Number) -> Node:
    metadata = {"display_phone_number": number.digits, "phone_number_id": number.phone_number_id}
    return {"messaging_product": "whatsapp", "metadata": metadata}


def _envelope(waba_id: str, values: list[Node]) -> str:
    changes = [{"value": value, "field": "messages"} for value in values]
    return dumps({"object": "whatsapp_business_account", "entry": [{"id": waba_id, "changes": changes}]})
