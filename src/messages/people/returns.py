"""Gives conversations back to the bot after the silence of people that their owner allows."""

import logging

from sqlalchemy import Connection, select

from src.accounts.versions import load_config
from src.core.database import now_ms
from src.core.instance import Instance
from src.core.models import AgentStatus, agents, conversations
from src.core.states import Holder
from src.messages import handoff

log = logging.getLogger(__name__)

_BATCH = 1_000  # of one agent's that one round gives back at most
_A, _C = agents.c, conversations.c
_HELD = (_C.holder.in_((Holder.WAITING, Holder.PERSON)), _C.held_at.is_not(None))


def give_back_silent(instance: Instance) -> dict[str, int]:
    """Releases what waited, or was last touched by a person, too long ago; how many. Safe from two clocks."""
    with instance.database.read() as session:
        found = _silent(session)
    returned = 0
    for conversation_id, held_at in found:
        with instance.database.transaction() as session:
            came_back = handoff.release_untouched(session, conversation_id, held_at)
        if came_back:
            returned += 1
            log.info("returned_to_bot", extra={"conversation_id": conversation_id})
    return {"returned": returned}


def _silent(session: Connection) -> list[tuple[int, int]]:
    """Conversations with the time since which they have been held without a person's act."""
    there = (_A.phone_number_id == _C.phone_number_id) & (_A.status != AgentStatus.REMOVED)
    some = select(_A.id, _A.version, _A.phone_number_id, now_ms().label("now")).where(
        select(_C.id).where(there, *_HELD).exists()
    )
    found: list[tuple[int, int]] = []
    for agent in session.execute(some).all():
        minutes = load_config(session, agent.id, agent.version).handoff.return_minutes
        if minutes is not None:
            old = _C.phone_number_id == agent.phone_number_id, _C.held_at <= agent.now - minutes * 60_000
            rows = session.execute(select(_C.id, _C.held_at).where(*_HELD, *old).limit(_BATCH))
            found += [(row.id, row.held_at) for row in rows]
    return found
