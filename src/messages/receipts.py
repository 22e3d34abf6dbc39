"""Records what became of a reply: Meta's statuses move it forwards only, whatever order they come in."""

import logging
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, select, update

from src.core.database import AnyRow, insert_into, now_ms
from src.core.errors import MetaBusy
from src.core.keyring import Keyring
from src.core.meta_client import error_for, retry_seconds
from src.core.meta_types import Status
from src.core.model_settings import ModelSettings
from src.core.models import Author, receipts, replies, turns
from src.core.states import LEGAL, ReplyState, move
from src.core.telemetry import STATUSES, a_status
from src.messages import fees, handoff

log = logging.getLogger(__name__)

UNSETTLED = (ReplyState.SENDING, ReplyState.UNCERTAIN)  # whether Meta has accepted it is not known yet
MAX_ATTEMPTS = 12  # of a reply that Meta keeps calling busy; a person decides then
_REACHED = {
    "sent": ReplyState.SENT,
    "delivered": ReplyState.DELIVERED,
    "read": ReplyState.READ,
    "played": ReplyState.READ,
}
_C = replies.c
# Locked, because the thread that sends may be about to settle the same reply.
_OF_TURN = select(turns.c.correlation_id).where(turns.c.id == _C.turn_id).scalar_subquery()
_ROW = select(
    _C.id,
    _C.conversation_id,
    _C.turn_id,
    _C.part,
    _C.state,
    _C.attempts,
    _C.author,
    _C.wamid_key,
    _OF_TURN.label("correlation_id"),
).with_for_update(of=replies)
_BY_TRACKER = _ROW.where(_C.tracker == bindparam("tracker"))
_BY_WAMID = _ROW.where(_C.wamid_key == bindparam("key"))
_FREE = (
    update(replies)
    .where(_C.conversation_id == bindparam("of"), _C.id > bindparam("after"))
    .where(_C.state == ReplyState.QUEUED, _C.attempts == 0)  # a schedule that Meta's answer has set stays
    .values(next_attempt_at=bindparam("now", type_=BigInteger))
)
_EARLIER = select(receipts.c.status, receipts.c.code, receipts.c.received_at).where(
    receipts.c.wamid_key == bindparam("key")
)


def record(
    session: Connection, keyring: Keyring, settings: ModelSettings, statuses: Sequence[Status]
) -> bool:
    """Records every status that is new; True when one of them lets a waiting reply go. Safe to call twice."""
    freed, accepted = False, []
    now: int = session.execute(select(now_ms())).scalar_one()
    for status in statuses:
        wamid_key = keyring.lookup(f"wamid:{status.wamid}")
        if _is_new(session, wamid_key, status, now):
            STATUSES.labels(a_status(status.status)).inc()
            row = _find(session, wamid_key, status.tracker)
            if row is not None:
                _tell(row, status)
                freed |= _apply(session, row, wamid_key, status, now)
                if row.state in UNSETTLED and status.status in _REACHED:
                    accepted.append(row.id)
    fees.record(session, settings, accepted)
    return freed


def _tell(row: AnyRow, status: Status) -> None:
    ids = {"reply_id": row.id, "conversation_id": row.conversation_id, "turn_id": row.turn_id}
    told = {"status": a_status(status.status), "code": status.code, "correlation_id": row.correlation_id}
    log.info("receipt", extra={**ids, **told})


def _is_new(session: Connection, wamid_key: bytes, status: Status, now: int) -> bool:
    row = {
        "wamid_key": wamid_key,
        "status": status.status,
        "tracker": status.tracker,
        "code": status.code,
        "at": status.at,
        "received_at": now,
    }
    return session.execute(_note(session.dialect.name), row).first() is not None


@cache
def _note(dialect: str) -> Any:
    return insert_into(dialect, receipts).on_conflict_do_nothing().returning(receipts.c.id)


def _find(session: Connection, wamid_key: bytes, tracker: str | None) -> AnyRow | None:
    if tracker and (row := session.execute(_BY_TRACKER, {"tracker": tracker}).first()) is not None:
        return row
    return session.execute(_BY_WAMID, {"key": wamid_key}).first()


def _apply(session: Connection, row: AnyRow, wamid_key: bytes, status: Status, now: int) -> bool:
    if status.status == "failed":
        return _fail(session, row, status.code or 0, now)
    target = _REACHED.get(status.status)
    if target is None or target not in LEGAL[row.state]:
        return False
    known = {"wamid_key": wamid_key} if row.wamid_key is None else {}
    moved = move(session, replies, [row.id], row.state, target, sent_at=now, lease_until=None, **known)
    return moved > 0 and _free_next(session, row, now)


def _free_next(session: Connection, row: AnyRow, now: int) -> bool:
    """What waited for this reply is looked at again at once: the next part, or a later turn's."""
    return session.execute(_FREE, {"of": row.conversation_id, "after": row.id, "now": now}).rowcount > 0


def _fail(session: Connection, row: AnyRow, code: int, now: int) -> bool:
    """An asynchronous failure is judged by the same table as one at the door."""
    if row.state not in (*UNSETTLED, ReplyState.SENT):
        return False
    error = error_for(code, "")
    if isinstance(error, MetaBusy) and row.attempts < MAX_ATTEMPTS:
        later = now + int(retry_seconds(error, row.attempts) * 1000)
        moved = move(
            session,
            replies,
            [row.id],
            row.state,
            ReplyState.QUEUED,
            next_attempt_at=later,
            wamid_key=None,
            lease_until=None,
            reason=f"Meta {code}",
        )
        return moved > 0
    give_up(session, row, row.state, f"Meta {code}")
    return False


def give_up(session: Connection, row: AnyRow, origin: ReplyState, reason: str) -> None:
    """The reply will not arrive: a person gets the conversation, and with it the rest of the answer."""
    moved = move(session, replies, [row.id], origin, ReplyState.FAILED, reason=reason, lease_until=None)
    if moved and row.author == Author.BOT:
        handoff.call_person(session, row.conversation_id, "a reply failed")


def catch_up(session: Connection, wamid_key: bytes) -> None:
    """Applies the statuses that came before the send's answer and carried no tracker; none to a reply that is gone."""
    for found in session.execute(_EARLIER.order_by(receipts.c.id), {"key": wamid_key}).all():
        row = session.execute(_BY_WAMID, {"key": wamid_key}).first()
        if row is None:
            return
        status = Status("", found.status, 0, None, found.code)
        _tell(row, status)
        _apply(session, row, wamid_key, status, found.received_at)
