"""What became of a message, step by step, as the tables remember it: states, times, ids; never what was said."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from src.core.database import AnyRow
from src.core.models import conversations, messages, receipts, replies, turns
from src.core.states import Holder, ReplyState

Step = dict[str, Any]  # {at (ms, UTC), source, event, …}


@dataclass
class Trail:
    """One message's life, or that of all that one turn answered; `ids` are the values a log line may name."""

    conversation_id: int
    steps: list[Step] = field(default_factory=list)
    ids: dict[str, set[Any]] = field(default_factory=dict)

    def add(self, at: int, event: str, **facts: Any) -> None:
        """Adds a step from the database."""
        told = {name: value for name, value in facts.items() if value is not None}
        self.steps.append({"at": at, "source": "database", "event": event, **told})

    def know(self, name: str, value: Any) -> None:
        """A log line with this value is part of the trail."""
        if value is not None:
            self.ids.setdefault(name, set()).add(value)


def of_turn(session: Connection, turn_id: int) -> Trail | None:
    """The trail of the turn, from its messages to the receipts of its replies; None when there is no such turn."""
    turn = session.execute(select(turns).where(turns.c.id == turn_id)).first()
    if turn is None:
        return None
    trail = Trail(turn.conversation_id)
    here = messages.c.conversation_id == turn.conversation_id
    _add_messages(session, trail, here & (messages.c.turn_id == turn_id))
    _add_turn(trail, turn)
    _add_replies(session, trail, replies.c.turn_id == turn_id)
    _add_holder(session, trail)
    return trail


def of_message(session: Connection, message_id: int) -> Trail | None:
    """The trail of the message, with its turn once it has one; None when there is no such message."""
    row = session.execute(select(messages).where(messages.c.id == message_id)).first()
    if row is None:
        return None
    if row.turn_id is not None and (trail := of_turn(session, row.turn_id)) is not None:
        return trail
    trail = Trail(row.conversation_id)
    _add_messages(session, trail, messages.c.id == message_id)
    _add_holder(session, trail)
    return trail


def _add_messages(session: Connection, trail: Trail, which: ColumnElement[bool]) -> None:
    c = messages.c
    columns = (c.id, c.kind, c.state, c.sent_at, c.received_at, c.correlation_id)
    for row in session.execute(select(*columns).where(which).order_by(c.id)):
        trail.know("message_id", row.id)
        trail.know("correlation_id", row.correlation_id)
        trail.add(row.sent_at, "message_written", message_id=row.id, clock="Meta, whole seconds")
        facts = {"kind": row.kind, "state": row.state, "correlation_id": row.correlation_id}
        trail.add(row.received_at, "message_stored", message_id=row.id, **facts)


def _add_turn(trail: Trail, turn: AnyRow) -> None:
    trail.know("turn_id", turn.id)
    trail.know("correlation_id", turn.correlation_id)
    trail.add(
        turn.created_at,
        "turn_settled",
        turn_id=turn.id,
        agent_id=turn.agent_id,
        agent_version=turn.agent_version,
        decision=turn.decision,
        brain=turn.brain,
        messages=turn.messages,
        correlation_id=turn.correlation_id,
    )


def _add_replies(session: Connection, trail: Trail, which: ColumnElement[bool]) -> None:
    for row in session.execute(select(replies).where(which).order_by(replies.c.id)):
        trail.know("reply_id", row.id)
        trail.add(row.created_at, "reply_queued", reply_id=row.id, part=row.part, author=row.author)
        later = row.next_attempt_at if row.state == ReplyState.QUEUED else None
        facts = {"attempts": row.attempts, "next_attempt_at": later, "reason": row.reason}
        trail.add(row.sent_at or row.created_at, f"reply_is_{row.state}", reply_id=row.id, **facts)
        if row.wamid_key is not None:
            _add_receipts(session, trail, row)


def _add_receipts(session: Connection, trail: Trail, reply: AnyRow) -> None:
    c = receipts.c
    for row in session.execute(select(receipts).where(c.wamid_key == reply.wamid_key).order_by(c.id)):
        facts = {"status": row.status, "code": row.code, "meta_at": row.at}
        trail.add(row.received_at, "receipt_stored", reply_id=reply.id, **facts)


def _add_holder(session: Connection, trail: Trail) -> None:
    """Who has the conversation now, when it is not the bot."""
    c = conversations.c
    row = session.execute(select(c.holder, c.reason, c.held_at).where(c.id == trail.conversation_id)).one()
    if row.holder != Holder.BOT and row.held_at is not None:
        trail.add(row.held_at, f"conversation_is_{row.holder}", reason=row.reason)
