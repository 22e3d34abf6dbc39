"""Turns of the last days as they were put to the bot, and what it said then: read again, changing nothing."""

from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from src.core.conversation_tables import ActionState, actions
from src.core.database import now_ms
from src.core.models import messages, turns
from src.messages.actions.consent import tapped
from src.messages.decide import MISSES
from src.messages.decision import DecisionKind
from src.messages.gather import question_of
from src.messages.question import Question

_DAY_MS = 24 * 3600 * 1000
_A, _M, _T = actions.c, messages.c, turns.c


@dataclass(frozen=True)
class Past:
    """A turn: when it was (ms), by which version of the agent, what was asked, what was decided.

    With `used_tools` the owner's systems had a part in it, or the customer answered whether they may be changed: what
    the FAQs or a model say without them is no answer to the same question.

    `detail` is what the turn kept of its answer: {reply, source_ids, options, ranked, reason …}.
    """

    turn_id: int
    at: int
    version: int
    question: Question
    decision: DecisionKind
    detail: dict[str, Any]
    used_tools: bool


def turns_since(session: Connection, agent_id: str, days: int, limit: int) -> list[int]:
    """The ids of the agent's last turns of so many days, at most `limit`, oldest first."""
    recent = (_T.agent_id == agent_id, _T.created_at > now_ms() - days * _DAY_MS)
    found = session.execute(select(_T.id).where(*recent).order_by(_T.id.desc()).limit(limit)).scalars()
    return list(reversed(found.all()))


def recall(session: Connection, turn_id: int) -> Past | None:
    """The turn with the context that it had; None when what the customer wrote is not there any more."""
    turn = session.execute(select(turns).where(_T.id == turn_id)).first()
    if turn is None:
        return None
    mine = (_M.conversation_id == turn.conversation_id, _M.turn_id == turn_id)
    rows = sorted(
        session.execute(select(messages).where(*mine)), key=lambda row: (row.sent_at // 1000, row.id)
    )
    if not rows:
        return None
    before = turn.created_at - 1  # the turn's own replies were queued at its time
    question = question_of(
        session, turn.conversation_id, rows, before, _misses(session, turn.conversation_id, turn_id)
    )
    kind = DecisionKind(turn.decision)
    used_tools = (
        bool(turn.detail.get("tools"))
        or tapped(question.tapped) is not None
        or _has_actions(session, turn.conversation_id, turn_id)
    )
    return Past(turn_id, turn.created_at, turn.agent_version, question, kind, turn.detail, used_tools)


def _has_actions(session: Connection, conversation_id: int, turn_id: int) -> bool:
    """Did the turn call or propose a tool, or follow one that had asked the customer?"""
    before = select(func.max(_T.id)).where(_T.conversation_id == conversation_id, _T.id < turn_id)
    asked = (_A.turn_id == before.scalar_subquery(), _A.state.not_in((ActionState.TOLD, ActionState.MISSED)))
    here = (_A.conversation_id == conversation_id, or_(_A.turn_id == turn_id, and_(*asked)))
    return session.execute(select(_A.id).where(*here).limit(1)).first() is not None


def _misses(session: Connection, conversation_id: int, turn_id: int) -> int:
    """How many questions in a row had no answer before this turn; the last of three calls a person, and counts anew."""
    earlier = (_T.conversation_id == conversation_id, _T.id < turn_id)
    newest = select(_T.decision).where(*earlier).order_by(_T.id.desc()).limit(4 * MISSES)
    said = session.execute(newest).scalars()
    return len(list(takewhile(lambda one: one == DecisionKind.UNANSWERABLE, said))) % MISSES
