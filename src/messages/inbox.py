"""Stores what Meta delivers: each message once, its conversation due, all in the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from sqlalchemy import BigInteger, Connection, Update, bindparam, case, func, insert, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite

from src.core.database import AnyRow, now_ms
from src.core.meta_types import Batch, Inbound
from src.core.models import conversations, messages, notices, seen
from src.core.security import Keyring
from src.core.states import Holder, MessageState
from src.core.telemetry import DUPLICATES, MOVES

BURST_MAX_MS = 6_000  # a customer who keeps writing is answered at the latest after this
# Kinds that ask for nothing.
_NO_ANSWER = frozenset({"reaction", "system", "edit", "revoke", "request_welcome"})


@dataclass(frozen=True)
class _Known:
    """A message with the keyed hashes by which its customer is found, each reckoned once."""

    message: Inbound
    user_key: bytes | None
    wa_key: bytes | None
    customer: dict[str, str]
    customer_key: bytes  # tells whether what is known of the customer has changed

    @property
    def number(self) -> str:
        return self.message.phone_number_id


_Found = dict[tuple[str, bytes], AnyRow]  # conversations by number and each of their customer's keys


def store(session: Connection, keyring: Keyring, batches: Sequence[Batch], burst_wait_ms: int) -> int:
    """Stores the messages that were never seen, and everything else but statuses; returns how many messages are new.

    Safe to call twice with the same batches.
    """
    now: int = session.execute(select(now_ms())).scalar_one()
    if others := [other for batch in batches for other in batch.others]:
        session.execute(
            insert(notices), [{"field": o.field, "content": o.content, "received_at": now} for o in others]
        )
    arrived = [message for batch in batches for message in batch.messages]
    fresh = [_know(keyring, message) for message in _unseen(session, keyring, arrived, now)]
    if not fresh:
        return 0
    found = _conversations(session, fresh, now)
    rows = [_row(known.message, conversation_id, now) for known, conversation_id in zip(fresh, found, strict=True)]
    session.execute(insert(messages), rows)
    MOVES.labels(messages.name, MessageState.RECEIVED.value).inc(len(rows))
    _make_due(session, rows, now, burst_wait_ms)
    return len(rows)


def _unseen(session: Connection, keyring: Keyring, arrived: list[Inbound], now: int) -> list[Inbound]:
    if not arrived:
        return []
    first = {keyring.seen(message.wamid): message for message in reversed(arrived)}
    statement = _dialect(session).insert(seen).on_conflict_do_nothing().returning(seen.c.key)
    rows = [{"key": key, "seen_at": now} for key in first]
    new = {bytes(key) for key in session.execute(statement, rows).scalars()}
    DUPLICATES.inc(len(arrived) - len(new))
    return [message for key, message in reversed(first.items()) if key in new]


def _dialect(session: Connection) -> Any:
    return postgresql if session.dialect.name == "postgresql" else sqlite


def _know(keyring: Keyring, message: Inbound) -> _Known:
    ids = {"wa_id": message.wa_id, "user_id": message.user_id}
    customer = {key: found for key, found in {**ids, **message.profile}.items() if found}
    return _Known(
        message,
        keyring.lookup(f"user:{message.user_id}") if message.user_id else None,
        keyring.lookup(f"wa:{message.wa_id}") if message.wa_id else None,
        customer,
        keyring.lookup("customer:" + orjson.dumps(customer, option=orjson.OPT_SORT_KEYS).decode()),
    )


def _conversations(session: Connection, fresh: list[_Known], now: int) -> list[int]:
    """The conversation's id for each message; made where there is none."""
    found: _Found = {}
    _load(session, fresh, found)
    unknown = [known for known in fresh if _find(known, found) is None]
    if unknown:
        rows = [_new_conversation(known, now) for known in unknown]
        session.execute(_dialect(session).insert(conversations).on_conflict_do_nothing(), rows)
        _load(session, unknown, found)
    ids = []
    for known in fresh:
        row = _find(known, found)
        assert row is not None
        if row.customer_key != known.customer_key:
            _learn(session, known, row)
            _load(session, [known], found)
        ids.append(row.id)
    return ids


def _load(session: Connection, some: list[_Known], found: _Found) -> None:
    c = conversations.c
    numbers = c.phone_number_id.in_({known.number for known in some})
    columns = select(c.id, c.phone_number_id, c.user_key, c.wa_key, c.customer_key)
    # Two index look-ups; one condition with OR would read every conversation of the number.
    statement = union_all(
        columns.where(numbers, c.user_key.in_({known.user_key for known in some if known.user_key})),
        columns.where(numbers, c.wa_key.in_({known.wa_key for known in some if known.wa_key})),
    )
    for row in session.execute(statement):
        for key in (row.user_key, row.wa_key):
            if key is not None:
                found[row.phone_number_id, bytes(key)] = row


def _find(known: _Known, found: _Found) -> AnyRow | None:
    """The user_id decides; a conversation known by the number alone serves until both are seen together."""
    for key in (known.user_key, known.wa_key):
        if key is not None and (known.number, key) in found:
            return found[known.number, key]
    return None


def _new_conversation(known: _Known, now: int) -> dict[str, Any]:
    return {
        "phone_number_id": known.number,
        "user_key": known.user_key,
        "wa_key": known.wa_key,
        "customer": known.customer,
        "customer_key": known.customer_key,
        "holder": Holder.BOT,
        "fence": 0,
        "redrafts": 0,
        "failures": 0,
        "last_at": now,
        "created_at": now,
    }


def _learn(session: Connection, known: _Known, row: AnyRow) -> None:
    """Keeps what the message newly tells of its customer; identifiers once known are not forgotten."""
    c = conversations.c
    old: dict[str, str] = session.execute(select(c.customer).where(c.id == row.id)).scalar_one()
    if known.wa_key is not None and known.wa_key != row.wa_key:  # the number has moved to this user
        elsewhere = (c.phone_number_id == known.number, c.wa_key == known.wa_key, c.id != row.id)
        session.execute(update(conversations).where(*elsewhere).values(wa_key=None))
    session.execute(
        update(conversations)
        .where(c.id == row.id)
        .values(
            customer={**old, **known.customer},
            customer_key=known.customer_key,
            user_key=known.user_key or row.user_key,
            wa_key=known.wa_key or row.wa_key,
        )
    )


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
