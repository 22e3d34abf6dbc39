"""Delivers replies: written down as `sending` before the call to Meta, settled by its answer or by a status."""

import logging
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from src.core.database import AnyRow, now_ms
from src.core.errors import (
    MetaBusy,
    MetaDenied,
    MetaError,
    MetaRejected,
    MetaUncertain,
    MetaUnreachable,
)
from src.core.instance import Instance
from src.core.meta_client import ANSWER_SECONDS, CONNECT_SECONDS, Line, retry_seconds
from src.core.models import Author, conversations, numbers, replies, turns
from src.core.states import ReplyState, move
from src.core.telemetry import REPLY_SECONDS, SENDS, STAGE_SECONDS, TOO_LATE, correlation
from src.messages import gate, handoff, receipts

log = logging.getLogger(__name__)

LEASE_MS = int((CONNECT_SECONDS + ANSWER_SECONDS + 10) * 1000)  # longer than any call to Meta can last
UNCERTAIN_ENDS_MS = 600_000  # then a person is told
_LOOK_AGAIN_MS = 1_000


_C = replies.c
_OF_TURN = select(turns.c.correlation_id).where(turns.c.id == _C.turn_id).scalar_subquery()
_REPLY = select(replies, _OF_TURN.label("correlation_id")).where(_C.id == bindparam("id"))
_OF_NUMBER = numbers.c.phone_number_id == conversations.c.phone_number_id
# Locked for reading: a takeover that comes now waits for the claim, one that was first is seen by it.
_CONVERSATION = (
    select(
        conversations.c.phone_number_id,
        conversations.c.customer,
        conversations.c.holder,
        conversations.c.last_inbound_at,
        numbers.c.access_token,
        now_ms().label("now"),
    )
    .join_from(conversations, numbers, _OF_NUMBER, isouter=True)
    .where(conversations.c.id == bindparam("id"))
    .with_for_update(read=True, of=conversations)
)


@dataclass(frozen=True)
class Claim:
    """A reply that is ours to send, as long as its lease."""

    reply_id: int
    ids: dict[str, Any]  # for the log
    content: dict[str, Any]
    address: dict[str, str]
    line: Line
    tracker: str
    attempt: int
    asked_at: int
    queued_at: int
    is_first: bool  # the first part of a turn's answer
    correlation_id: str | None


# When the next reply may be tried (ms); it may be past. Nothing while none is queued.
NEXT_DUE = (
    select(replies.c.next_attempt_at)
    .where(replies.c.state == ReplyState.QUEUED)
    .order_by(replies.c.next_attempt_at)
    .limit(1)
)


def due(session: Connection, now: int, limit: int) -> list[int]:
    """The ids of replies whose time has come, oldest first."""
    c = replies.c
    statement = select(c.id).where(c.state == ReplyState.QUEUED, c.next_attempt_at <= now)
    return list(session.execute(statement.order_by(c.next_attempt_at, c.id).limit(limit)).scalars())


def deliver(instance: Instance, reply_id: int) -> None:
    """Sends one reply if it may go now. Safe to call twice: whoever claims it sends it."""
    with instance.database.transaction() as session:
        found = claim(session, instance, reply_id)
    if found is not None:
        send(instance, found)


def send(instance: Instance, claim: Claim) -> None:
    """Sends what was claimed in a transaction that is committed by now, and settles it."""
    correlation.set(claim.correlation_id)
    began = time.perf_counter()
    try:
        wamid = instance.meta.send(claim.line, claim.address, claim.content, claim.tracker)
    except MetaError as error:
        SENDS.labels(type(error).__name__.removeprefix("Meta").lower()).inc()
        told = {"code": error.code, "kind": type(error).__name__, "meta_ms": _ms_since(began)}
        log.info("send_failed", extra={**claim.ids, **told})
        with instance.database.transaction() as session:
            _settle_failure(session, claim, error)
    else:
        meta_ms = _ms_since(began)
        with instance.database.transaction() as session:
            now = _settle_sent(session, instance, claim, wamid)
        _tell_sent(claim, now, meta_ms)


def _ms_since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)


def _tell_sent(claim: Claim, now: int, meta_ms: float) -> None:
    whole_ms, queued_ms = max(0, now - claim.asked_at), max(0, now - claim.queued_at)
    SENDS.labels("accepted").inc()
    if claim.is_first:
        REPLY_SECONDS.observe(whole_ms / 1000)
        STAGE_SECONDS.labels("send").observe(queued_ms / 1000)
    told = {"meta_ms": meta_ms, "send_ms": queued_ms, "whole_ms": whole_ms}
    log.info("reply_sent", extra={**claim.ids, **told})


def claim(session: Connection, instance: Instance, reply_id: int) -> Claim | None:
    """Writes down that the reply is being sent; None when it may not go, or not yet, or another has it."""
    row = session.execute(_REPLY, {"id": reply_id}).first()
    if row is None or row.state != ReplyState.QUEUED:
        return None
    conversation = session.execute(_CONVERSATION, {"id": row.conversation_id}).one()
    now: int = conversation.now
    if (why := gate.refusal(row, conversation, now, instance.settings.reply_max_age)) is not None:
        _withhold(session, row, why)
        return None
    if gate.must_wait(session, row, now):
        still = update(replies).where(replies.c.id == row.id, replies.c.state == row.state)
        session.execute(still.values(next_attempt_at=now + _LOOK_AGAIN_MS))
        return None
    attempt = row.attempts + 1
    tracker = f"{row.tracker.split('.')[0]}.{attempt}"
    if not move(
        session,
        replies,
        [row.id],
        ReplyState.QUEUED,
        ReplyState.SENDING,
        attempts=attempt,
        tracker=tracker,
        lease_until=now + LEASE_MS,
    ):
        return None
    sender = Line(conversation.phone_number_id, conversation.access_token or instance.access_token)
    return Claim(
        reply_id=row.id,
        ids=_ids(row) | {"attempt": attempt},
        content=row.content,
        address=_address(conversation.customer),
        line=sender,
        tracker=tracker,
        attempt=attempt,
        asked_at=row.asked_at,
        queued_at=row.created_at,
        is_first=row.author == Author.BOT and row.part == 0,
        correlation_id=row.correlation_id,
    )


def _ids(row: AnyRow) -> dict[str, Any]:
    return {
        "reply_id": row.id,
        "conversation_id": row.conversation_id,
        "turn_id": row.turn_id,
        "part": row.part,
        "author": row.author,
    }


def _address(customer: dict[str, str]) -> dict[str, str]:
    """Meta advises the telephone number where it is known (`to`), else the user id (`recipient`)."""
    if wa_id := customer.get("wa_id"):
        return {"to": wa_id if wa_id.startswith("+") else f"+{wa_id}"}
    return {"recipient": customer["user_id"]}


def _withhold(session: Connection, row: AnyRow, why: str) -> None:
    if move(session, replies, [row.id], ReplyState.QUEUED, ReplyState.WITHHELD, reason=why):
        correlation.set(row.correlation_id)
        log.info("reply_withheld", extra={**_ids(row), "reason": why})
        if why in ("too late", "window closed"):
            TOO_LATE.inc()
            handoff.call_person(session, row.conversation_id, why)


def _settle_sent(session: Connection, instance: Instance, claim: Claim, wamid: str) -> int:
    """Meta has accepted it, at the time that is returned (ms). A status may have said so before."""
    wamid_key = instance.keyring.lookup(f"wamid:{wamid}")
    c = replies.c
    mine = c.tracker == claim.tracker
    now: int = session.execute(select(now_ms())).scalar_one()
    sent = {"sent_at": now, "lease_until": None, "wamid_key": wamid_key}
    if not any(
        move(session, replies, [claim.reply_id], origin, ReplyState.SENT, mine, **sent)
        for origin in (ReplyState.SENDING, ReplyState.UNCERTAIN)
    ):
        session.execute(update(replies).where(c.id == claim.reply_id, mine).values(wamid_key=wamid_key))
    receipts.catch_up(session, claim.reply_id, wamid_key)
    return now


def _settle_failure(session: Connection, claim: Claim, error: MetaError) -> None:
    c = replies.c
    mine = c.tracker == claim.tracker
    now: int = session.execute(select(now_ms())).scalar_one()
    if isinstance(error, MetaUncertain):
        move(
            session,
            replies,
            [claim.reply_id],
            ReplyState.SENDING,
            ReplyState.UNCERTAIN,
            mine,
            sent_at=now,
            lease_until=None,
            next_attempt_at=now + UNCERTAIN_ENDS_MS,
            reason=error.reason,
        )
        return
    row = session.execute(select(replies).where(c.id == claim.reply_id, mine).with_for_update()).first()
    if row is None or row.state not in (ReplyState.SENDING, ReplyState.UNCERTAIN):
        return  # a status knows better
    exhausted = isinstance(error, MetaBusy) and claim.attempt >= receipts.MAX_ATTEMPTS
    if isinstance(error, MetaRejected) or exhausted:
        receipts.give_up(session, row, row.state, f"Meta {error.code}")
    elif isinstance(error, MetaBusy | MetaDenied | MetaUnreachable):
        later = now + int(retry_seconds(error, claim.attempt) * 1000)
        move(
            session,
            replies,
            [row.id],
            row.state,
            ReplyState.QUEUED,
            next_attempt_at=later,
            lease_until=None,
            reason=str(error)[:200],
        )


def sweep(session: Connection) -> None:
    """Lapsed sends become uncertain, never queued; what stays uncertain for ten minutes is shown to a person."""
    c = replies.c
    now: int = session.execute(select(now_ms())).scalar_one()
    lapsed = session.execute(select(c.id).where(c.state == ReplyState.SENDING, c.lease_until < now)).scalars()
    move(
        session,
        replies,
        list(lapsed),
        ReplyState.SENDING,
        ReplyState.UNCERTAIN,
        sent_at=now,
        lease_until=None,
        next_attempt_at=now + UNCERTAIN_ENDS_MS,
        reason="the sender died",
    )
    ended = session.execute(
        select(c.id, c.conversation_id).where(c.state == ReplyState.UNCERTAIN, c.next_attempt_at < now)
    )
    for row in ended.all():
        handoff.call_person(session, row.conversation_id, "a reply is uncertain")
        session.execute(update(replies).where(c.id == row.id).values(next_attempt_at=None))
