"""Writes down that a reply is being sent, before it is: whoever does so first sends it, and nobody else."""

import logging
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from src.core import access
from src.core.database import AnyRow, now_ms
from src.core.instance import Instance
from src.core.meta_client import ANSWER_SECONDS, CONNECT_SECONDS, Line
from src.core.models import Author, conversations, numbers, replies, turns
from src.core.states import ReplyState, move
from src.core.telemetry import TOO_LATE, correlation
from src.messages import gate, handoff

log = logging.getLogger(__name__)

LEASE_MS = int((CONNECT_SECONDS + ANSWER_SECONDS + 10) * 1000)  # longer than any call to Meta can last
_LOOK_AGAIN_MS = 1_000
TOKEN_WAIT_MS = 60_000  # at most: a good token makes due what waits for one

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
        *access.COLUMNS,
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


def claim(session: Connection, instance: Instance, reply_id: int) -> Claim | None:
    """Writes down that the reply is being sent; None when it may not go, or not yet, or another has it."""
    row = session.execute(_REPLY, {"id": reply_id}).first()
    if row is None or row.state != ReplyState.QUEUED:
        return None
    known = {"id": row.conversation_id, **access.given(instance)}
    conversation = session.execute(_CONVERSATION, known).first()
    if conversation is None:  # its customer was erased meanwhile
        return None
    now: int = conversation.now
    if (why := gate.refusal(row, conversation, now, instance.settings.reply_max_age)) is not None:
        _withhold(session, row, why)
        return None
    if gate.must_wait(session, row, now):
        _put_off(session, row, now + _LOOK_AGAIN_MS, row.reason)
        return None
    sender = access.line_of(instance, conversation.phone_number_id, conversation)
    if conversation.any_refused and access.is_refused(session, instance, sender.access_token):
        _put_off(session, row, now + TOKEN_WAIT_MS, access.WAITS)
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
    return _claimed(row, _address(conversation.customer), sender, tracker, attempt)


def _claimed(row: AnyRow, address: dict[str, str], line: Line, tracker: str, attempt: int) -> Claim:
    return Claim(
        reply_id=row.id,
        ids=_ids(row) | {"attempt": attempt},
        content=row.content,
        address=address,
        line=line,
        tracker=tracker,
        attempt=attempt,
        asked_at=row.asked_at,
        queued_at=row.created_at,
        is_first=row.author == Author.BOT and row.part == 0,
        correlation_id=row.correlation_id,
    )


def _put_off(session: Connection, row: AnyRow, until: int, reason: str | None) -> None:
    still = update(replies).where(replies.c.id == row.id, replies.c.state == row.state)
    session.execute(still.values(next_attempt_at=until, reason=reason))


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
        if why in ("too late", "window closed") and row.author != Author.ALERT:
            TOO_LATE.inc()
            handoff.call_person(session, row.conversation_id, why)
