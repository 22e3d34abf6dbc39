"""Hands a conversation to a person and back; while a person has it, the bot is silent."""

from sqlalchemy import Connection, select, update

from src.core.database import AnyRow, now_ms
from src.core.errors import ConversationNotFound, WindowClosed
from src.core.models import Author, conversations, messages, replies
from src.core.states import Holder, MessageState, ReplyState, move
from src.core.telemetry import HANDOFFS
from src.messages import window
from src.messages.queue import queue_replies


def call_person(session: Connection, conversation_id: int, reason: str) -> None:
    """Marks the conversation as waiting for a person and withholds what the bot still wanted to send."""
    called = session.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id, conversations.c.holder != Holder.PERSON)
        .values(holder=Holder.WAITING, reason=reason, held_at=now_ms())
    )
    HANDOFFS.labels(reason).inc(called.rowcount)
    _withhold(session, conversation_id, reason)


def _withhold(session: Connection, conversation_id: int, reason: str) -> None:
    c = replies.c
    queued = session.execute(
        select(c.id).where(
            c.conversation_id == conversation_id, c.state == ReplyState.QUEUED, c.author == Author.BOT
        )
    )
    move(session, replies, list(queued.scalars()), ReplyState.QUEUED, ReplyState.WITHHELD, reason=reason)


def take_over(session: Connection, conversation_id: int) -> None:
    """A person has the conversation: from this commit on, no send of the bot starts. Safe to call twice."""
    _lock(session, conversation_id)
    session.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(holder=Holder.PERSON, reason=None, held_at=now_ms())
    )
    _withhold(session, conversation_id, "a person took over")


def release(session: Connection, conversation_id: int) -> None:
    """Gives the conversation back to the bot, which answers what is still open. Safe to call twice."""
    _lock(session, conversation_id)
    c = messages.c
    open_since = session.execute(
        select(c.received_at)
        .where(c.conversation_id == conversation_id, c.state == MessageState.RECEIVED)
        .order_by(c.id)
        .limit(1)
    ).scalar()
    session.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(
            holder=Holder.BOT,
            reason=None,
            held_at=None,
            failures=0,
            unanswered_since=open_since,
            due_at=now_ms() if open_since is not None else None,
        )
    )


def reply(session: Connection, conversation_id: int, text: str) -> int:
    """Queues a person's words and returns the reply's id; what was open counts as answered.

    Raises `WindowClosed`: after 24 h of silence WhatsApp takes only templates.
    """
    row = _lock(session, conversation_id)
    now: int = session.execute(select(now_ms())).scalar_one()
    if not window.is_open(row.last_inbound_at, now):
        raise WindowClosed(
            "the customer wrote more than 24 hours ago: WhatsApp takes only templates until they write again"
        )
    take_over(session, conversation_id)
    c = messages.c
    for state in (MessageState.RECEIVED, MessageState.EXPIRED):
        found = session.execute(select(c.id).where(c.conversation_id == conversation_id, c.state == state))
        move(session, messages, list(found.scalars()), state, MessageState.ANSWERED)
    session.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(due_at=None, unanswered_since=None, last_at=now)
    )
    content = {"type": "text", "text": {"body": text, "preview_url": False}}
    return queue_replies(session, conversation_id, None, Author.PERSON, [content], now, now)[0]


def _lock(session: Connection, conversation_id: int) -> AnyRow:
    statement = select(conversations).where(conversations.c.id == conversation_id).with_for_update()
    row = session.execute(statement).first()
    if row is None:
        raise ConversationNotFound(
            f"no conversation has the id {conversation_id}; GET /conversation lists them"
        )
    return row
