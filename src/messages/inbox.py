"""Stores what Meta delivers: each message once, its conversation due, all in the caller's transaction."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Connection,
    Update,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from src.core.database import now_ms
from src.core.meta_types import Batch, Inbound
from src.core.models import conversations, messages, notices, seen
from src.core.security import Keyring
from src.core.states import Holder, MessageState
from src.core.telemetry import DUPLICATES, MOVES

BURST_MAX_MS = 6_000  # a customer who keeps writing is answered at the latest after this
_SEEN_AT_ONCE = 500
# Kinds that ask for nothing.
_NO_ANSWER = frozenset({"reaction", "system", "edit", "revoke", "request_welcome"})


def store(session: Connection, keyring: Keyring, batches: Sequence[Batch], burst_wait_ms: int) -> int:
    """Stores the messages that were never seen, and everything else but statuses; returns how many messages are new.

    Safe to call twice with the same batches.
    """
    now: int = session.execute(select(now_ms())).scalar_one()
    if others := [other for batch in batches for other in batch.others]:
        session.execute(
            insert(notices), [{"field": o.field, "content": o.content, "received_at": now} for o in others]
        )
    fresh = _unseen(session, keyring, [m for batch in batches for m in batch.messages], now)
    if not fresh:
        return 0
    found = _conversations(session, keyring, fresh, now)
    rows = [_row(message, found[message.wamid], now) for message in fresh]
    session.execute(insert(messages), rows)
    MOVES.labels(messages.name, MessageState.RECEIVED.value).inc(len(rows))
    _make_due(session, rows, now, burst_wait_ms)
    return len(rows)


def _unseen(session: Connection, keyring: Keyring, inbound: list[Inbound], now: int) -> list[Inbound]:
    first = {keyring.seen(message.wamid): message for message in reversed(inbound)}
    keys = list(first)
    dialect = postgresql if session.dialect.name == "postgresql" else sqlite
    new: set[bytes] = set()
    for start in range(0, len(keys), _SEEN_AT_ONCE):
        rows = [{"key": key, "seen_at": now} for key in keys[start : start + _SEEN_AT_ONCE]]
        statement = dialect.insert(seen).values(rows).on_conflict_do_nothing().returning(seen.c.key)
        new.update(bytes(key) for key in session.execute(statement).scalars())
    DUPLICATES.inc(len(inbound) - len(new))
    return [message for key, message in reversed(first.items()) if key in new]


def _conversations(session: Connection, keyring: Keyring, inbound: list[Inbound], now: int) -> dict[str, int]:
    """The conversation's id for each wamid; made where there is none."""
    known: dict[tuple[str, bytes], Any] = {}
    _load(session, keyring, inbound, known)
    unknown = [message for message in inbound if _find(keyring, message, known) is None]
    if unknown:
        dialect = postgresql if session.dialect.name == "postgresql" else sqlite
        fresh = [_new_conversation(keyring, message, now) for message in unknown]
        session.execute(dialect.insert(conversations).on_conflict_do_nothing(), fresh)
        _load(session, keyring, unknown, known)
    for message in inbound:
        _learn(session, keyring, message, known)
    return {message.wamid: _find(keyring, message, known).id for message in inbound}


def _keys(keyring: Keyring, message: Inbound) -> tuple[bytes | None, bytes | None]:
    return (
        keyring.lookup(f"user:{message.user_id}") if message.user_id else None,
        keyring.lookup(f"wa:{message.wa_id}") if message.wa_id else None,
    )


def _load(session: Connection, keyring: Keyring, inbound: list[Inbound], known: dict[tuple[str, bytes], Any]) -> None:
    pairs = [_keys(keyring, message) for message in inbound]
    c = conversations.c
    statement = select(c.id, c.phone_number_id, c.user_key, c.wa_key, c.customer_key).where(
        c.phone_number_id.in_({message.phone_number_id for message in inbound}),
        or_(c.user_key.in_({user for user, _ in pairs if user}), c.wa_key.in_({wa for _, wa in pairs if wa})),
    )
    for row in session.execute(statement):
        for key in (row.user_key, row.wa_key):
            if key is not None:
                known[row.phone_number_id, bytes(key)] = row


def _find(keyring: Keyring, message: Inbound, known: dict[tuple[str, bytes], Any]) -> Any:
    """The user_id decides; a conversation known by the number alone serves until both are seen together."""
    for key in _keys(keyring, message):
        if key is not None and (message.phone_number_id, key) in known:
            return known[message.phone_number_id, key]
    return None


def _customer(message: Inbound) -> dict[str, str]:
    ids = {"wa_id": message.wa_id, "user_id": message.user_id}
    return {key: found for key, found in {**ids, **message.profile}.items() if found}


def _customer_key(keyring: Keyring, customer: dict[str, str]) -> bytes:
    return keyring.lookup("customer:" + orjson.dumps(customer, option=orjson.OPT_SORT_KEYS).decode())


def _new_conversation(keyring: Keyring, message: Inbound, now: int) -> dict[str, Any]:
    user_key, wa_key = _keys(keyring, message)
    customer = _customer(message)
    return {
        "phone_number_id": message.phone_number_id,
        "user_key": user_key,
        "wa_key": wa_key,
        "customer": customer,
        "customer_key": _customer_key(keyring, customer),
        "holder": Holder.BOT,
        "fence": 0,
        "redrafts": 0,
        "failures": 0,
        "last_at": now,
        "created_at": now,
    }


def _learn(session: Connection, keyring: Keyring, message: Inbound, known: dict[tuple[str, bytes], Any]) -> None:
    """Keeps what the message newly tells of its customer; identifiers once known are not forgotten."""
    row = _find(keyring, message, known)
    if row.customer_key == _customer_key(keyring, _customer(message)):
        return
    c = conversations.c
    old: dict[str, str] = session.execute(select(c.customer).where(c.id == row.id)).scalar_one()
    customer = {**old, **_customer(message)}
    user_key, wa_key = _keys(keyring, message)
    if wa_key is not None and wa_key != row.wa_key:  # the number has moved to this user
        session.execute(
            update(conversations)
            .where(c.phone_number_id == message.phone_number_id, c.wa_key == wa_key, c.id != row.id)
            .values(wa_key=None)
        )
    session.execute(
        update(conversations)
        .where(c.id == row.id)
        .values(
            customer=customer,
            customer_key=_customer_key(keyring, _customer(message)),
            user_key=user_key or row.user_key,
            wa_key=wa_key or row.wa_key,
        )
    )
    _load(session, keyring, [message], known)


def _row(message: Inbound, conversation_id: int, now: int) -> dict[str, Any]:
    ignored = message.kind in _NO_ANSWER or bool(message.content.get("group_id"))
    return {
        "conversation_id": conversation_id,
        "state": MessageState.IGNORED if ignored else MessageState.RECEIVED,
        "kind": message.kind,
        "content": message.content,
        "sent_at": message.sent_at or now,
        "received_at": now,
        "correlation_id": message.correlation,
    }


def _make_due(session: Connection, rows: Iterable[dict[str, Any]], now: int, burst_wait_ms: int) -> None:
    """Each conversation is due when its customer has been silent for the burst wait, 6 s after the first at most."""
    newest: dict[int, int] = {}
    for row in rows:
        if row["state"] == MessageState.RECEIVED:
            newest[row["conversation_id"]] = max(newest.get(row["conversation_id"], 0), row["sent_at"])
    if newest:
        # In one order, so that two web processes never wait for each other.
        each = [{"conversation": found, "sent": newest[found]} for found in sorted(newest)]
        session.execute(_due_update(), [{**one, "now": now, "wait": burst_wait_ms} for one in each])


@cache
def _due_update() -> Update:
    c, now, sent = conversations.c, bindparam("now", type_=BigInteger), bindparam("sent", type_=BigInteger)
    since = func.coalesce(c.unanswered_since, now)
    quiet, latest = now + bindparam("wait", type_=BigInteger), since + BURST_MAX_MS
    here = messages.c.conversation_id == bindparam("conversation")
    newest = select(func.max(messages.c.id)).where(here).scalar_subquery()
    return (
        update(conversations)
        .where(c.id == bindparam("conversation"))
        .values(
            last_inbound_at=case((c.last_inbound_at > sent, c.last_inbound_at), else_=sent),
            last_at=now,
            unanswered_since=since,
            due_at=case((latest < quiet, latest), else_=quiet),
            unread_id=newest,
        )
    )
