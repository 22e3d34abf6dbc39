"""Records what became of a reply: Meta's statuses move it forwards only, whatever order they come in."""

from collections.abc import Sequence

from sqlalchemy import Connection, or_, select, update

from src.core.database import AnyRow, insert_into, now_ms
from src.core.errors import MetaBusy
from src.core.meta_client import error_for, retry_seconds
from src.core.meta_types import Status
from src.core.models import Author, receipts, replies
from src.core.security import Keyring
from src.core.states import LEGAL, ReplyState, move
from src.messages import handoff

MAX_ATTEMPTS = 12  # of a reply that Meta keeps calling busy; a person decides then
_REACHED = {
    "sent": ReplyState.SENT,
    "delivered": ReplyState.DELIVERED,
    "read": ReplyState.READ,
    "played": ReplyState.READ,
}


def record(session: Connection, keyring: Keyring, statuses: Sequence[Status]) -> bool:
    """Records every status that is new; True when one of them lets a waiting reply go. Safe to call twice."""
    freed = False
    for status in statuses:
        wamid_key = keyring.lookup(f"wamid:{status.wamid}")
        if _is_new(session, wamid_key, status):
            row = _find(session, wamid_key, status.tracker)
            if row is not None:
                freed |= _apply(session, row, wamid_key, status.status, status.code)
    return freed


def _is_new(session: Connection, wamid_key: bytes, status: Status) -> bool:
    statement = insert_into(session.dialect.name, receipts).on_conflict_do_nothing().returning(receipts.c.id)
    row = {
        "wamid_key": wamid_key,
        "status": status.status,
        "tracker": status.tracker,
        "code": status.code,
        "at": status.at,
        "received_at": now_ms(),
    }
    return session.execute(statement.values(row)).first() is not None


def _find(session: Connection, wamid_key: bytes, tracker: str | None) -> AnyRow | None:
    c = replies.c
    same = or_(c.tracker == tracker, c.wamid_key == wamid_key) if tracker else c.wamid_key == wamid_key
    columns = (c.id, c.conversation_id, c.turn_id, c.part, c.state, c.attempts, c.author, c.wamid_key)
    # Locked, because the thread that sends may be about to settle the same reply.
    row: AnyRow | None = session.execute(select(*columns).where(same).with_for_update()).first()
    return row


def _apply(session: Connection, row: AnyRow, wamid_key: bytes, status: str, code: int | None) -> bool:
    if status == "failed":
        return _fail(session, row, code or 0)
    target = _REACHED.get(status)
    if target is None or target not in LEGAL[row.state]:
        return False
    known = {"wamid_key": wamid_key} if row.wamid_key is None else {}
    moved = move(session, replies, [row.id], row.state, target, sent_at=now_ms(), lease_until=None, **known)
    if moved and target != ReplyState.SENT:
        _free_next(session, row)
    return moved > 0


def _free_next(session: Connection, row: AnyRow) -> None:
    """The next part may go as soon as this one has arrived."""
    c = replies.c
    session.execute(
        update(replies)
        .where(c.turn_id == row.turn_id, c.part == row.part + 1, c.state == ReplyState.QUEUED)
        .values(next_attempt_at=now_ms())
    )


def _fail(session: Connection, row: AnyRow, code: int) -> bool:
    """An asynchronous failure is judged by the same table as one at the door."""
    if row.state not in (ReplyState.SENDING, ReplyState.UNCERTAIN, ReplyState.SENT):
        return False
    error = error_for(code, "")
    if isinstance(error, MetaBusy) and row.attempts < MAX_ATTEMPTS:
        later = now_ms() + int(retry_seconds(error, row.attempts) * 1000)
        moved = move(session, replies, [row.id], row.state, ReplyState.QUEUED,
                     next_attempt_at=later, wamid_key=None, lease_until=None, reason=f"Meta {code}")
        return moved > 0
    give_up(session, row, row.state, f"Meta {code}")
    return False


def give_up(session: Connection, row: AnyRow, origin: ReplyState, reason: str) -> None:
    """The reply will not arrive: a person gets the conversation, and with it the rest of the answer."""
    moved = move(session, replies, [row.id], origin, ReplyState.FAILED, reason=reason, lease_until=None)
    if moved and row.author == Author.BOT:
        handoff.call_person(session, row.conversation_id, "a reply failed")


def catch_up(session: Connection, reply_id: int, wamid_key: bytes) -> None:
    """Applies the statuses that came before the send's answer and carried no tracker."""
    c = receipts.c
    for found in session.execute(select(c.status, c.code).where(c.wamid_key == wamid_key).order_by(c.id)).all():
        row = session.execute(select(replies).where(replies.c.id == reply_id).with_for_update()).one()
        _apply(session, row, wamid_key, found.status, found.code)
