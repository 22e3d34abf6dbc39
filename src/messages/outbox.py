"""Delivers replies: claimed before the call to Meta, settled by its answer or by a status."""

import logging
import time

from sqlalchemy import Connection, literal_column, select, update

from src.core import access
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
from src.core.meta_client import retry_seconds
from src.core.meta_tokens import refuses_token
from src.core.models import Author, replies
from src.core.states import ReplyState, move
from src.core.telemetry import REPLY_SECONDS, SENDS, STAGE_SECONDS, correlation
from src.messages import fees, handoff, receipts
from src.messages.claim import Claim, claim

log = logging.getLogger(__name__)

UNCERTAIN_ENDS_MS = 600_000  # then a person is told


# When the next reply may be tried (ms); it may be past. Nothing while none is queued. Written as a literal, the state
# lets SQLite see that the index of what is due has it.
NEXT_DUE = (
    select(replies.c.next_attempt_at)
    .where(replies.c.state == literal_column("'queued'"))
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
        claimed = claim(session, instance, reply_id)
    if claimed is not None:
        send(instance, claimed)


def send(instance: Instance, claimed: Claim) -> None:
    """Sends what was claimed in a transaction that is committed by now, and settles it."""
    correlation.set(claimed.correlation_id)
    began = time.perf_counter()
    try:
        wamid = instance.meta.send(claimed.line, claimed.address, claimed.content, claimed.tracker)
    except MetaError as error:
        SENDS.labels(type(error).__name__.removeprefix("Meta").lower()).inc()
        told = {"code": error.code, "kind": type(error).__name__, "meta_ms": _ms_since(began)}
        log.info("send_failed", extra={**claimed.ids, **told})
        with instance.database.transaction() as session:
            _settle_failure(session, instance, claimed, error)
    else:
        meta_ms = _ms_since(began)
        with instance.database.transaction() as session:
            now = _settle_sent(session, instance, claimed, wamid)
        _tell_sent(claimed, now, meta_ms)


def _ms_since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)


def _tell_sent(claimed: Claim, now: int, meta_ms: float) -> None:
    whole_ms, queued_ms = max(0, now - claimed.asked_at), max(0, now - claimed.queued_at)
    SENDS.labels("accepted").inc()
    if claimed.is_first:
        REPLY_SECONDS.observe(whole_ms / 1000)
        STAGE_SECONDS.labels("send").observe(queued_ms / 1000)
    told = {"meta_ms": meta_ms, "send_ms": queued_ms, "whole_ms": whole_ms}
    log.info("reply_sent", extra={**claimed.ids, **told})


def _settle_sent(session: Connection, instance: Instance, claimed: Claim, wamid: str) -> int:
    """Meta has accepted it, at the time that is returned (ms). A status may have said so before."""
    wamid_key = instance.keyring.lookup(f"wamid:{wamid}")
    c = replies.c
    mine = c.tracker == claimed.tracker
    now: int = session.execute(select(now_ms())).scalar_one()
    sent = {"sent_at": now, "lease_until": None, "wamid_key": wamid_key}
    is_news = any(
        move(session, replies, [claimed.reply_id], origin, ReplyState.SENT, mine, **sent)
        for origin in receipts.UNSETTLED
    )
    if not is_news:
        session.execute(update(replies).where(c.id == claimed.reply_id, mine).values(wamid_key=wamid_key))
    receipts.catch_up(session, wamid_key)
    if is_news:
        fees.record(session, instance.settings, [claimed.reply_id])
    return now


def _settle_failure(session: Connection, instance: Instance, claimed: Claim, error: MetaError) -> None:
    c = replies.c
    mine = c.tracker == claimed.tracker
    now: int = session.execute(select(now_ms())).scalar_one()
    if isinstance(error, MetaUncertain):
        move(
            session,
            replies,
            [claimed.reply_id],
            ReplyState.SENDING,
            ReplyState.UNCERTAIN,
            mine,
            sent_at=now,
            lease_until=None,
            next_attempt_at=now + UNCERTAIN_ENDS_MS,
            reason=error.reason,
        )
        return
    row = session.execute(select(replies).where(c.id == claimed.reply_id, mine).with_for_update()).first()
    if row is None or row.state not in (ReplyState.SENDING, ReplyState.UNCERTAIN):
        return  # a status knows better
    if refuses_token(error):
        if access.refuse(session, instance, claimed.line.access_token):
            log.error("token_refused", extra={"phone_number_id": claimed.line.phone_number_id})
        # Another token may count by now; where none does, the next claim waits for one.
        _queue_again(session, row, now)
        return
    exhausted = isinstance(error, MetaBusy) and claimed.attempt >= receipts.MAX_ATTEMPTS
    if isinstance(error, MetaRejected) or exhausted:
        receipts.give_up(session, row, row.state, f"Meta {error.code}")
    elif isinstance(error, MetaBusy | MetaDenied | MetaUnreachable):
        later = now + int(retry_seconds(error, claimed.attempt) * 1000)
        _queue_again(session, row, later, reason=str(error)[:200])


def _queue_again(session: Connection, row: AnyRow, at: int, **more: str) -> None:
    move(
        session, replies, [row.id], row.state, ReplyState.QUEUED, next_attempt_at=at, lease_until=None, **more
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
        select(c.id, c.conversation_id, c.author).where(
            c.state == ReplyState.UNCERTAIN, c.next_attempt_at < now
        )
    )
    for row in ended.all():
        if row.author != Author.ALERT:
            handoff.call_person(session, row.conversation_id, "a reply is uncertain")
        session.execute(update(replies).where(c.id == row.id).values(next_attempt_at=None))
