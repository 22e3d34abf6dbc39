"""What a person sees of the conversations: who waits, and what was said."""

from typing import Any

from sqlalchemy import Connection, case, select

from src.core.database import AnyRow, now_ms
from src.core.errors import ConversationNotFound
from src.core.models import conversations, messages, replies, turns
from src.core.states import Holder
from src.messages import window
from src.messages.content import said_by_customer, said_by_us

_ORDER = case({Holder.WAITING: 0, Holder.PERSON: 1}, value=conversations.c.holder, else_=2)


def list_conversations(session: Connection, holder: Holder | None, limit: int) -> list[dict[str, Any]]:
    """Those that wait for a person first, the longest waiting before; then the newest."""
    c = conversations.c
    statement = select(conversations).order_by(
        _ORDER, case((c.holder == Holder.WAITING, c.held_at)), c.last_at.desc()
    )
    if holder is not None:
        statement = statement.where(c.holder == holder)
    now: int = session.execute(select(now_ms())).scalar_one()
    return [_summary(row, now) for row in session.execute(statement.limit(limit))]


def show_conversation(session: Connection, conversation_id: int) -> dict[str, Any]:
    """The conversation with its last 200 messages of each side, in the order in which they came."""
    row = session.execute(select(conversations).where(conversations.c.id == conversation_id)).first()
    if row is None:
        raise ConversationNotFound(
            f"no conversation has the id {conversation_id}; GET /conversation lists them"
        )
    now: int = session.execute(select(now_ms())).scalar_one()
    lines = [
        *reversed(_from_customer(session, conversation_id)),
        *reversed(_from_us(session, conversation_id)),
    ]
    return {
        **_summary(row, now),
        "messages": sorted(lines, key=lambda line: (line["at"], line["from"] != "customer")),
    }


def _summary(row: AnyRow, now: int) -> dict[str, Any]:
    return {
        "id": row.id,
        "phone_number_id": row.phone_number_id,
        "customer": row.customer,
        "holder": row.holder,
        "reason": row.reason,
        "waiting_since": row.held_at if row.holder == Holder.WAITING else None,
        "last_at": row.last_at,
        "window_open": window.is_open(row.last_inbound_at, now),
        "window_closes_at": window.closes_at(row.last_inbound_at),
    }


def _from_customer(session: Connection, conversation_id: int) -> list[dict[str, Any]]:
    """Newest first."""
    c = messages.c
    rows = session.execute(
        select(messages).where(c.conversation_id == conversation_id).order_by(c.id.desc()).limit(200)
    )
    return [
        {
            "id": f"m{row.id}",
            "from": "customer",
            "at": row.received_at,
            "kind": row.kind,
            "text": said_by_customer(row.kind, row.content),
            "state": row.state,
        }
        for row in rows
    ]


def _from_us(session: Connection, conversation_id: int) -> list[dict[str, Any]]:
    """Newest first."""
    c = replies.c
    rows = session.execute(
        select(replies, turns.c.decision, turns.c.detail)
        .join(turns, turns.c.id == c.turn_id, isouter=True)
        .where(c.conversation_id == conversation_id)
        .order_by(c.id.desc())
        .limit(200)
    )
    return [
        {
            "id": f"r{row.id}",
            "from": row.author,
            "at": row.created_at,
            "text": said_by_us(row.content),
            "state": row.state,
            "reason": row.reason,
            "decision": row.decision,
            "source_ids": (row.detail or {}).get("source_ids", []),
        }
        for row in rows
    ]
