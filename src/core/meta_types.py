"""The shapes that Meta sends: the fields that we use, whatever else comes with them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

Node = dict[str, Any]


@dataclass(frozen=True)
class Inbound:
    """A message of a customer's, of whom at least one of `wa_id` and `user_id` is known. `sent_at` in ms."""

    phone_number_id: str
    wamid: str
    kind: str
    sent_at: int
    wa_id: str | None
    user_id: str | None
    profile: dict[str, str]  # name, username, parent_user_id, as far as they are given
    content: Node
    correlation: str


@dataclass(frozen=True)
class Status:
    """What Meta tells of a message of ours. `at` in ms; `code` is the first error's."""

    wamid: str
    status: str
    at: int
    tracker: str | None
    code: int | None


@dataclass(frozen=True)
class Other:
    """A change that is neither message nor status, or that has no shape we know."""

    field: str
    content: Any


@dataclass
class Batch:
    """Everything that one webhook brings; `correlation` follows it through the logs."""

    correlation: str
    messages: list[Inbound] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)


def read_batch(body: bytes, correlation: str) -> Batch:
    """Every entry, change, message and status of a webhook; what is not understood is among the `others`.

    Never raises: a webhook with a right signature is stored, whatever it says.
    """
    batch = Batch(correlation)
    try:
        notification = _loads(body)
    except (ValueError, RecursionError):
        batch.others.append(Other("unreadable", body.decode("utf-8", "replace")))
        return batch
    changes = list(_changes(notification))
    if not changes:
        batch.others.append(Other("unknown", notification))
    for name, value in changes:
        _read_change(batch, name, value)
    return batch


def _loads(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        # orjson refuses lone surrogates, which people's telephones do send; they become question marks.
        lenient = json.loads(body.decode("utf-8", "replace"))
        return orjson.loads(json.dumps(lenient, ensure_ascii=False).encode("utf-8", "replace"))


def _changes(notification: Any) -> Iterator[tuple[str, Any]]:
    for entry in _nodes(_get(notification, "entry")):
        for change in _nodes(entry.get("changes")):
            yield _text(change.get("field")) or "unknown", change.get("value")


def _read_change(batch: Batch, name: str, value: Any) -> None:
    messages, statuses = _get(value, "messages"), _get(value, "statuses")
    known = name == "messages" and (isinstance(messages, list) or isinstance(statuses, list))
    if not known or _get(value, "errors"):
        batch.others.append(Other(name[:64], value))
    if name != "messages":
        return
    for node in messages if isinstance(messages, list) else ():
        inbound = _inbound(value, node, batch.correlation)
        batch.messages.append(inbound) if inbound else batch.others.append(Other("messages", node))
    for node in statuses if isinstance(statuses, list) else ():
        status = _status(node)
        batch.statuses.append(status) if status else batch.others.append(Other("statuses", node))


def _inbound(value: Any, node: Any, correlation: str) -> Inbound | None:
    number = _text(_get(_get(value, "metadata"), "phone_number_id"))
    wamid, wa_id, user_id = (_text(_get(node, key)) for key in ("id", "from", "from_user_id"))
    if not (isinstance(node, dict) and number and wamid and (wa_id or user_id)):
        return None
    contact = _contact(value, wa_id, user_id)
    profile = {
        "name": _text(_get(contact.get("profile"), "name")),
        "username": _text(_get(contact.get("profile"), "username")),
        "parent_user_id": _text(node.get("from_parent_user_id")) or _text(contact.get("parent_user_id")),
    }
    return Inbound(
        phone_number_id=number,
        wamid=wamid,
        kind=(_text(node.get("type")) or "unknown")[:40],
        sent_at=_milliseconds(node.get("timestamp")),
        wa_id=wa_id or _text(contact.get("wa_id")),
        user_id=user_id or _text(contact.get("user_id")),
        profile={key: found for key, found in profile.items() if found},
        content=node,
        correlation=correlation,
    )


def _contact(value: Node, wa_id: str | None, user_id: str | None) -> Node:
    contacts = list(_nodes(value.get("contacts")))
    for contact in contacts:
        if (user_id and contact.get("user_id") == user_id) or (wa_id and contact.get("wa_id") == wa_id):
            return contact
    return contacts[0] if len(contacts) == 1 and len(value.get("messages") or ()) == 1 else {}


def _status(node: Any) -> Status | None:
    wamid, status = _text(_get(node, "id")), _text(_get(node, "status"))
    if not (wamid and status):
        return None
    first = next(_nodes(node.get("errors")), {})
    code = first.get("code")
    return Status(
        wamid=wamid,
        status=status[:16],
        at=_milliseconds(node.get("timestamp")),
        tracker=(_text(node.get("biz_opaque_callback_data")) or "")[:48] or None,
        code=code if isinstance(code, int) and abs(code) < 2**31 else None,
    )


def _nodes(value: Any) -> Iterator[Node]:
    return (node for node in (value if isinstance(value, list) else ()) if isinstance(node, dict))


def _get(node: Any, key: str) -> Any:
    return node.get(key) if isinstance(node, dict) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _milliseconds(seconds: Any) -> int:
    """Meta's timestamps are strings of whole seconds; 0 when there is none."""
    try:
        found = int(seconds)
    except (TypeError, ValueError):
        return 0
    return found * 1000 if 0 <= found < 2**40 else 0
