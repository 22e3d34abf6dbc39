"""May this reply go, and may it go now?"""

from sqlalchemy import Connection, bindparam, select

from src.core.database import AnyRow
from src.core.models import Author, replies
from src.core.states import Holder, ReplyState
from src.messages import window

PART_WAIT_MS = 5_000  # the next part goes when the one before was delivered, or this long after it was sent
UNCERTAIN_BLOCKS_MS = 30_000  # later replies wait this long for a status of an uncertain one

_C = replies.c
_UNFINISHED = (ReplyState.QUEUED, ReplyState.SENDING, ReplyState.UNCERTAIN, ReplyState.SENT)
_EARLIER = select(_C.state, _C.turn_id, _C.sent_at).where(
    _C.conversation_id == bindparam("of"), _C.id < bindparam("before"), _C.state.in_(_UNFINISHED)
)


def refusal(row: AnyRow, conversation: AnyRow, now: int, reply_max_age: int) -> str | None:
    """Why the reply must not be sent any more; None when it may."""
    if not window.is_open(conversation.last_inbound_at, now):
        return "window closed"
    if row.author != Author.BOT:
        return None
    if conversation.holder == Holder.PERSON:
        return "a person took over"
    return "too late" if window.is_late(row.asked_at, now, reply_max_age) else None


def must_wait(session: Connection, row: AnyRow, now: int) -> bool:
    """Replies of one conversation go in their order; a part waits for the one before it."""
    for other in session.execute(_EARLIER, {"of": row.conversation_id, "before": row.id}):
        if other.state in (ReplyState.QUEUED, ReplyState.SENDING):
            return True
        if other.state == ReplyState.UNCERTAIN and other.sent_at + UNCERTAIN_BLOCKS_MS > now:
            return True
        is_part_before = (
            row.turn_id is not None and other.turn_id == row.turn_id and other.state == ReplyState.SENT
        )
        if is_part_before and other.sent_at + PART_WAIT_MS > now:
            return True
    return False
