"""Collects what a turn must answer: all that waits, what was said before, and the agent's FAQs."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from src.accounts.agents import live_agent, load_config
from src.core.agent_config import AgentConfig
from src.core.database import AnyRow, now_ms
from src.core.models import Author, conversations, messages, replies, turns
from src.core.states import MessageState
from src.messages import window
from src.messages.decision import DecisionKind
from src.messages.question import Option, Question, Said

_TURN_MAX = 200  # messages that one turn covers at most
_MEMORY = 6  # messages of each side that a turn remembers


@dataclass(frozen=True)
class Gathered:
    """What one turn stands on. `late` are messages that are too old for the bot."""

    agent_id: str
    version: int
    config: AgentConfig
    question: Question
    ids: tuple[int, ...]
    late: tuple[int, ...]
    asked_at: int
    failures: int
    correlation_id: str | None


def gather(session: Connection, conversation_id: int, reply_max_age: int) -> Gathered | None:
    """What the turn must answer; None when nothing waits, or when no live agent is there to answer it."""
    conversation = session.execute(select(conversations).where(conversations.c.id == conversation_id)).one()
    agent = live_agent(session, conversation.phone_number_id)
    waiting = _waiting(session, conversation_id)
    if agent is None or not waiting:
        return None
    now: int = session.execute(select(now_ms())).scalar_one()
    late = tuple(row.id for row in waiting if window.is_late(row.sent_at, now, reply_max_age))
    open_rows = [row for row in waiting if row.id not in late]
    return Gathered(
        agent_id=agent[0],
        version=agent[1],
        config=load_config(session, *agent),
        question=_question(session, conversation_id, open_rows),
        ids=tuple(row.id for row in open_rows),
        late=late,
        asked_at=min((row.received_at for row in open_rows), default=now),
        failures=conversation.failures,
        correlation_id=waiting[-1].correlation_id,
    )


def _waiting(session: Connection, conversation_id: int) -> list[AnyRow]:
    c = messages.c
    statement = select(messages).where(c.conversation_id == conversation_id, c.state == MessageState.RECEIVED)
    found = list(session.execute(statement.order_by(c.id).limit(_TURN_MAX)))
    return sorted(found, key=lambda row: (row.sent_at // 1000, row.id))


def _question(session: Connection, conversation_id: int, rows: list[AnyRow]) -> Question:
    texts = [text for row in rows if (text := words_of(row.kind, row.content))]
    tapped = [tap for row in rows if (tap := _tap(row.content))]
    unreadable = [row.kind for row in rows if row.kind not in ("text", "interactive", "button")]
    return Question(
        texts=tuple(texts),
        context=_memory(session, conversation_id, rows[0].id if rows else 0),
        tapped=tuple(tapped),
        offered=_offered(session, conversation_id),
        unreadable=tuple(unreadable),
    )


def words_of(kind: str, content: Any) -> str | None:
    """The customer's own words in Meta's message object: a text, a caption, a template's button."""
    node = content.get(kind) if isinstance(content, dict) else None
    if not isinstance(node, dict):
        return None
    words = (
        node.get("body") if kind == "text" else node.get("caption") or (kind == "button" and node.get("text"))
    )
    return words if isinstance(words, str) and words.strip() else None


def _chosen(content: Any) -> dict[str, Any] | None:
    interactive = content.get("interactive")
    chosen = interactive.get(interactive.get("type")) if isinstance(interactive, dict) else None
    return chosen if isinstance(chosen, dict) else None


def _tap(content: Any) -> str | None:
    tap = (_chosen(content) or {}).get("id")
    return tap if isinstance(tap, str) else None


def _memory(session: Connection, conversation_id: int, before: int) -> tuple[Said, ...]:
    m, r = messages.c, replies.c
    asked = session.execute(
        select(m.received_at, m.kind, m.content)
        .where(m.conversation_id == conversation_id, m.id < before)
        .order_by(m.id.desc())
        .limit(_MEMORY)
    )
    answered = session.execute(
        select(r.created_at, r.content)
        .where(r.conversation_id == conversation_id)
        .order_by(r.id.desc())
        .limit(_MEMORY)
    )
    said = [
        (row.received_at, Said("customer", text))
        for row in asked
        if (text := said_by_customer(row.kind, row.content))
    ]
    said += [(row.created_at, Said("bot", text)) for row in answered if (text := shown_text(row.content))]
    return tuple(one for _, one in sorted(said, key=lambda pair: pair[0]))


def said_by_customer(kind: str, content: Any) -> str | None:
    """The words of a customer's message as a person reads them: their own, or the label they tapped."""
    title = (_chosen(content) or {}).get("title")
    return words_of(kind, content) or (title if isinstance(title, str) else None)


def shown_text(content: Any) -> str | None:
    """The words of a reply of ours, as the customer reads them."""
    body = content.get("text") or (content.get("interactive") or {}).get("body") or {}
    return body.get("body") or body.get("text")


def _offered(session: Connection, conversation_id: int) -> tuple[Option, ...]:
    """The options of our last question, as long as nobody has said anything since."""
    newest = session.execute(
        select(replies.c.turn_id, replies.c.author)
        .where(replies.c.conversation_id == conversation_id)
        .order_by(replies.c.id.desc())
        .limit(1)
    ).first()
    if newest is None or newest.author != Author.BOT:
        return ()
    turn = session.execute(select(turns.c.decision, turns.c.detail).where(turns.c.id == newest.turn_id)).one()
    if turn.decision != DecisionKind.CLARIFY:
        return ()
    return tuple(Option(**option) for option in turn.detail["options"])
