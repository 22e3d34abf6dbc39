"""Who works on a conversation: one worker at a time, for ten seconds that it must renew."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Integer, Select, bindparam, or_, select, update

from src.core.database import AnyRow, now_ms
from src.core.models import AgentStatus, agents, conversations
from src.core.states import Holder

LEASE_MS = 10_000
_C = conversations.c


@dataclass(frozen=True)
class Lease:
    """The right to settle a conversation, as long as nobody has taken a newer fence."""

    conversation_id: int
    fence: int


def _due() -> Select[tuple[int]]:
    """Conversations that the bot owes an answer, with nobody working on them."""
    free = or_(_C.lease_until.is_(None), _C.lease_until <= now_ms())
    live = (agents.c.phone_number_id == _C.phone_number_id) & (agents.c.status == AgentStatus.LIVE)
    return select(_C.id).join(agents, live).where(_C.due_at.is_not(None), _C.holder == Holder.BOT, free)


# When the next conversation is due (ms); it may be past. Nothing while nobody waits.
NEXT_DUE = _due().with_only_columns(_C.due_at).order_by(_C.due_at).limit(1)


_FIRST = _due().where(_C.due_at <= now_ms()).order_by(_C.due_at).limit(bindparam("limit", type_=Integer))
_CHOSEN = _FIRST.with_for_update(skip_locked=True, of=conversations).cte("chosen")
_TAKE = (
    update(conversations)
    .where(_C.id.in_(select(_CHOSEN.c.id)))
    .values(fence=_C.fence + 1, lease_until=now_ms() + LEASE_MS)
    .returning(_C.id, _C.fence)
)


def take(session: Connection, limit: int) -> list[Lease]:
    """Leases up to `limit` conversations whose time has come, the longest waiting first."""
    return [Lease(row.id, row.fence) for row in session.execute(_TAKE, {"limit": limit})]


def renew(session: Connection, leases: Iterable[Lease]) -> None:
    """Gives the leases ten more seconds, where they were not given back and nobody has taken a newer one."""
    rows = [{"of": lease.conversation_id, "held": lease.fence} for lease in leases]
    if rows:
        mine = (_C.id == bindparam("of"), _C.fence == bindparam("held"), _C.lease_until.is_not(None))
        session.execute(update(conversations).where(*mine).values(lease_until=now_ms() + LEASE_MS), rows)


_GIVE_BACK = (
    update(conversations)
    .where(_C.id == bindparam("of"), _C.fence == bindparam("held"), _C.lease_until > now_ms())
    .values(lease_until=None)
    .returning(_C.holder, _C.redrafts, _C.failures)
)


def give_back(session: Connection, lease: Lease) -> AnyRow | None:
    """Ends the lease and returns the conversation's holder, redrafts and failures; None when it was no longer ours.

    The conversation's row is locked from here on.
    """
    return session.execute(_GIVE_BACK, {"of": lease.conversation_id, "held": lease.fence}).first()
