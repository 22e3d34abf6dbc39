"""Stores what Meta delivers: each message once, its conversation due, all in the caller's transaction."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Update,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)

from src.core.database import insert_into, now_ms
from src.core.keyring import Keyring
from src.core.meta_types import Batch, Inbound
from src.core.models import conversations, messages, notices, seen
from src.core.states import MessageState
from src.core.telemetry import DUPLICATES, MOVES, STAGE_SECONDS
from src.messages.customers import conversations_of

BURST_MAX_MS = 6_000  # a customer who keeps writing is answered at the latest after this
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
    arrived = [message for batch in batches for message in batch.messages]
    fresh = _unseen(session, keyring, arrived, now)
    if not fresh:
        return 0
    found = conversations_of(session, keyring, fresh, now)
    rows = [
        _row(message, conversation_id, now) for message, conversation_id in zip(fresh, found, strict=True)
    ]
    session.execute(insert(messages), rows)
    for row in rows:
        STAGE_SECONDS.labels("meta").observe(max(0, now - row["sent_at"]) / 1000)
    MOVES.labels(messages.name, MessageState.RECEIVED.value).inc(len(rows))
    _make_due(session, rows, now, burst_wait_ms)
    return len(rows)


def _unseen(session: Connection, keyring: Keyring, arrived: list[Inbound], now: int) -> list[Inbound]:
    if not arrived:
        return []
    first = {keyring.seen(message.wamid): message for message in reversed(arrived)}
    rows = [{"key": key, "seen_at": now} for key in first]
    new = {bytes(key) for key in session.execute(_mark_seen(session.dialect.name), rows).scalars()}
    DUPLICATES.inc(len(arrived) - len(new))
    return [message for key, message in reversed(first.items()) if key in new]


@cache
def _mark_seen(dialect: str) -> Any:
    return insert_into(dialect, seen).on_conflict_do_nothing().returning(seen.c.key)


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
