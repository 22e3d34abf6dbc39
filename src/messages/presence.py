"""Shows the customer that we have read, and that an answer is being written. Nothing depends on it."""

import logging
from dataclasses import dataclass

from sqlalchemy import Connection, Integer, bindparam, exists, select, update

from src.core import access
from src.core.database import now_ms
from src.core.errors import MetaError
from src.core.instance import Instance
from src.core.models import AgentStatus, agents, conversations, messages, numbers
from src.core.states import Holder, MessageState

log = logging.getLogger(__name__)

TYPING_FROM_MS = 1_000  # an answer that takes longer is announced


_C = conversations.c
_LIVE = (agents.c.phone_number_id == _C.phone_number_id) & (agents.c.status == AgentStatus.LIVE)
_UNREAD = select(_C.id).join(agents, _LIVE).where(_C.unread_id.is_not(None), _C.holder == Holder.BOT)
# True when a conversation owes its customer a receipt.
ANY_UNREAD = _UNREAD.exists()
# Something waits that will be answered: a sticker alone is not, and nobody writes then.
_WAITS = (
    exists(messages.c.id)
    .where(
        messages.c.conversation_id == _C.id,
        messages.c.state == MessageState.RECEIVED,
        messages.c.kind != "sticker",
    )
    .label("waits")
)
_TAKE = (
    _UNREAD.add_columns(_C.unread_id, _C.phone_number_id, (_C.due_at - now_ms()).label("wait"), _WAITS)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True, of=conversations)
)
# A message with what it takes to tell Meta that we have read it.
_SHOWN = (
    select(messages.c.content, _C.phone_number_id, *access.COLUMNS)
    .join_from(messages, conversations, messages.c.conversation_id == _C.id)
    .join(numbers, numbers.c.phone_number_id == _C.phone_number_id, isouter=True)
    .where(messages.c.id == bindparam("of"))
)


@dataclass(frozen=True)
class Unread:
    """A conversation whose newest message, `message_id`, has no read receipt yet."""

    conversation_id: int
    message_id: int
    typing: bool


def take_unread(session: Connection, limit: int) -> list[Unread]:
    """Up to `limit` conversations that we owe a receipt; each is handed out once."""
    found = session.execute(_TAKE, {"limit": limit}).all()
    if found:
        session.execute(
            update(conversations).where(_C.id.in_([row.id for row in found])).values(unread_id=None)
        )
    return [Unread(row.id, row.unread_id, row.waits and (row.wait or 0) >= TYPING_FROM_MS) for row in found]


def show_read(instance: Instance, unread: Unread) -> None:
    """Blue ticks for the message and all before it, and typing where the answer takes a while."""
    with instance.database.read() as session:
        row = session.execute(_SHOWN, {"of": unread.message_id, **access.given(instance)}).first()
        if row is None:
            return
        sender = access.line_of(instance, row.phone_number_id, row)
        if row.any_refused and access.is_refused(session, instance, sender.access_token):
            return
    try:
        instance.meta.mark_read(sender, row.content["id"], unread.typing)
    except MetaError as error:
        log.info("read_receipt_failed", extra={"message_id": unread.message_id, "code": error.code})


def newest(session: Connection, conversation_id: int) -> Unread | None:
    """The conversation's newest message, to show typing for."""
    c = messages.c
    statement = select(c.id).where(c.conversation_id == conversation_id).order_by(c.id.desc()).limit(1)
    found: int | None = session.execute(statement).scalar()
    return None if found is None else Unread(conversation_id, found, True)
