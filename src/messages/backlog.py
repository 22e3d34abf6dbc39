"""What waits, as Prometheus gauges: one query a figure, so that tables and dashboard cannot disagree."""

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import Connection, func, select

from src.core.database import now_ms
from src.core.models import conversations, replies
from src.core.states import Holder, ReplyState

_OPEN = (ReplyState.QUEUED, ReplyState.SENDING, ReplyState.UNCERTAIN)


def gauges(session: Connection) -> str:
    """Prometheus text of the instance's depths (rows) and ages (s)."""
    registry = CollectorRegistry()
    c = conversations.c
    waiting = Gauge("released_conversations", "Conversations by holder", ["holder"], registry=registry)
    by_holder = session.execute(select(c.holder, func.count()).group_by(c.holder))
    held: dict[str, int] = {row[0]: row[1] for row in by_holder}
    for holder in Holder:
        waiting.labels(holder.value).set(held.get(holder, 0))
    depth = Gauge(
        "released_outbox_depth", "Replies that are under way, by state", ["state"], registry=registry
    )
    statement = (
        select(replies.c.state, func.count()).where(replies.c.state.in_(_OPEN)).group_by(replies.c.state)
    )
    under_way: dict[str, int] = {row[0]: row[1] for row in session.execute(statement)}
    for state in _OPEN:
        depth.labels(state.value).set(under_way.get(state, 0))
    age = Gauge(
        "released_inbox_oldest_age_seconds",
        "Age of the oldest message the bot owes an answer",
        registry=registry,
    )
    open_turns = c.due_at.is_not(None) & (c.holder == Holder.BOT)
    oldest = session.execute(select(now_ms() - func.min(c.unanswered_since)).where(open_turns)).scalar()
    age.set((oldest or 0) / 1000)
    due = Gauge("released_inbox_depth", "Conversations that the bot owes an answer", registry=registry)
    due.set(session.execute(select(func.count()).where(open_turns)).scalar_one())
    return generate_latest(registry).decode()
