"""One conversation as a person reads it: what was said, why the bot said it, what tools did, what people noted, who was told."""

from typing import Any

from sqlalchemy import Connection, select

from src.accounts.key_holder import KeyHolder
from src.accounts.versions import load_config
from src.core.conversation_tables import ActionState, actions, alerts, notes
from src.core.database import AnyRow
from src.core.models import messages, replies, turns
from src.messages.content import said_by_customer, said_by_us
from src.messages.conversations import find_summary
from src.messages.words import cut

_LINES = 200  # of each side
_NOTES = 100
_ALERTS = 20
_ACTIONS = 100
_RESULT = 300  # characters of what a tool has answered
_TURN = (turns.c.agent_id, turns.c.agent_version, turns.c.decision, turns.c.detail)


def show_conversation(session: Connection, key_holder: KeyHolder, conversation_id: int) -> dict[str, Any]:
    """The summary with `messages` (the last 200 of each side, as they came), `actions`, `notes` and `alerts`.

    Raises `ConversationNotFound`.
    """
    found = find_summary(session, key_holder, conversation_id)
    lines = [*_from_customer(session, conversation_id), *_from_us(session, conversation_id)]
    return {
        **found,
        "messages": sorted(lines, key=lambda line: (line["at"], line["from"] != "customer")),
        "actions": _actions(session, conversation_id),
        "notes": _notes(session, conversation_id),
        "alerts": _alerts(session, conversation_id),
    }


def _from_customer(session: Connection, conversation_id: int) -> list[dict[str, Any]]:
    c = messages.c
    rows = session.execute(
        select(messages).where(c.conversation_id == conversation_id).order_by(c.id.desc()).limit(_LINES)
    )
    return [
        {
            "id": f"m{row.id}",
            "from": "customer",
            "at": row.received_at,
            "kind": row.kind,
            "text": said_by_customer(row.kind, row.content),
            "heard": row.heard,
            "state": row.state,
        }
        for row in reversed(rows.all())
    ]


def _from_us(session: Connection, conversation_id: int) -> list[dict[str, Any]]:
    c = replies.c
    rows = session.execute(
        select(replies, *_TURN)
        .join(turns, turns.c.id == c.turn_id, isouter=True)
        .where(c.conversation_id == conversation_id)
        .order_by(c.id.desc())
        .limit(_LINES)
    )
    return [
        {
            "id": f"r{row.id}",
            "from": row.author,
            "at": row.created_at,
            "text": said_by_us(row.content),
            "state": row.state,
            "reason": row.reason,
            **_why(session, row),
        }
        for row in reversed(rows.all())
    ]


def _why(session: Connection, row: AnyRow) -> dict[str, Any]:
    """The decision behind an answer of the bot's, with the FAQs that it rests on as they were then."""
    detail = row.detail or {}
    ids = detail.get("source_ids", [])
    asked = {}
    if ids:
        asked = {faq.id: faq.q for faq in load_config(session, row.agent_id, row.agent_version).faqs}
    return {
        "decision": row.decision,
        "source_ids": ids,
        "sources": [{"id": found, "q": asked.get(found)} for found in ids],
        "why": {key: value for key, value in detail.items() if key not in ("reply", "source_ids")} or None,
    }


def _actions(session: Connection, conversation_id: int) -> list[dict[str, Any]]:
    """What the owner's tools were asked to do, oldest first, the last hundred.

    {id, turn_id, at, tool, arguments, state, result, reason, unknown, settled_at}: `result` begins what the tool has
    answered, `reason` says why it brought nothing, and with `unknown` it may have been done all the same.
    """
    c = actions.c
    rows = session.execute(
        select(actions).where(c.conversation_id == conversation_id).order_by(c.id.desc()).limit(_ACTIONS)
    )
    return [_action(row, row.result or {}) for row in reversed(rows.all())]


def _action(row: AnyRow, result: dict[str, Any]) -> dict[str, Any]:
    text = result.get("text")
    return {
        "id": f"a{row.id}",
        "turn_id": row.turn_id,
        "at": row.created_at,
        "tool": row.tool,
        "arguments": row.arguments,
        "state": row.state,
        "result": cut(text, _RESULT) if text else None,
        "reason": result.get("reason"),
        "unknown": result.get("unknown", False),
        "settled_at": None if row.state == ActionState.RUNNING else row.settled_at,
    }


def _notes(session: Connection, conversation_id: int) -> list[dict[str, Any]]:
    """Oldest first, the last hundred."""
    c = notes.c
    rows = session.execute(
        select(notes).where(c.conversation_id == conversation_id).order_by(c.id.desc()).limit(_NOTES)
    )
    return [{"id": row.id, "at": row.created_at, "text": row.text} for row in reversed(rows.all())]


def _alerts(session: Connection, conversation_id: int) -> list[dict[str, Any]]:
    """Newest first: whether people were told, and why not."""
    c = alerts.c
    rows = session.execute(
        select(alerts).where(c.conversation_id == conversation_id).order_by(c.id.desc()).limit(_ALERTS)
    )
    return [
        {
            "channel": row.channel,
            "at": row.created_at,
            "reason": row.reason,
            "state": row.state,
            "attempts": row.attempts,
            "error": row.error,
            "next_attempt_at": row.next_attempt_at if row.state == "queued" else None,
        }
        for row in rows
    ]
