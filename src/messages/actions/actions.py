"""The life of an action: proposed, agreed to or not, run once. Of two that try to move it, one does."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from src.core.conversation_tables import ActionState, actions
from src.core.database import AnyRow, now_ms
from src.core.models import conversations, turns
from src.core.states import Holder
from src.core.telemetry import ACTIONS
from src.messages.actions.outcome import Call, Ended

CONFIRM_MS = 15 * 60 * 1000  # how long a proposal may be agreed to
RUN_MS = 20_000  # longer than any call can last: what still runs then was cut off

_C = actions.c
_OF_CUSTOMERS = _C.state.not_in((ActionState.TOLD, ActionState.MISSED))
_LOOK = select(actions, now_ms().label("now"))


def propose(session: Connection, conversation_id: int, turn_id: int, call: Call) -> int:
    """Writes down what the customer is asked, and returns its id; what was asked before is over."""
    _expire(session, conversation_id, ActionState.PROPOSED)
    return _insert(session, conversation_id, turn_id, call, ActionState.PROPOSED)


def end_open(session: Connection, conversation_id: int) -> None:
    """Nothing that the customer was asked, or has agreed to and that was not begun, can be begun any more."""
    _expire(session, conversation_id, ActionState.PROPOSED, ActionState.CONFIRMED)


def _expire(session: Connection, conversation_id: int, *states: ActionState) -> None:
    open_ones = (_C.conversation_id == conversation_id, _C.state.in_(states))
    over = session.execute(
        update(actions).where(*open_ones).values(state=ActionState.EXPIRED, settled_at=now_ms())
    )
    ACTIONS.labels(ActionState.EXPIRED.value).inc(over.rowcount)


def record(
    session: Connection, conversation_id: int, turn_id: int, call: Call, result: Mapping[str, str]
) -> int:
    """Writes down a call that only read, with what came of it, {text} or {reason}; returns its id."""
    state = ActionState.MISSED if "reason" in result else ActionState.TOLD
    return _insert(session, conversation_id, turn_id, call, state, result=dict(result), settled_at=now_ms())


def _insert(
    session: Connection, conversation_id: int, turn_id: int, call: Call, state: ActionState, **values: Any
) -> int:
    row = {
        "conversation_id": conversation_id,
        "turn_id": turn_id,
        "call_id": call.id,
        "tool": call.tool,
        "arguments": dict(call.arguments),
        "state": state,
        "created_at": now_ms(),
    }
    made: int = session.execute(insert(actions).values(**row, **values).returning(_C.id)).scalar_one()
    ACTIONS.labels(state.value).inc()
    return made


def by_call(session: Connection, conversation_id: int, call_id: str) -> AnyRow | None:
    """What this conversation's customer was asked with that call's id, locked; `now` stands beside it."""
    here = (_C.conversation_id == conversation_id, _C.call_id == call_id, _OF_CUSTOMERS)
    return session.execute(_LOOK.where(*here).with_for_update()).first()


def of_last_turn(session: Connection, conversation_id: int) -> AnyRow | None:
    """What the customer was asked by the last turn, locked; `now` stands beside it."""
    last = select(func.max(turns.c.id)).where(turns.c.conversation_id == conversation_id).scalar_subquery()
    here = (_C.conversation_id == conversation_id, _C.turn_id == last, _OF_CUSTOMERS)
    return session.execute(_LOOK.where(*here).order_by(_C.id.desc()).limit(1).with_for_update()).first()


def move(
    session: Connection,
    action_id: int,
    origin: ActionState,
    target: ActionState,
    *conditions: ColumnElement[bool],
    **values: Any,
) -> bool:
    """True when the action was in `origin` and is now in `target`: of two that try, one succeeds."""
    still = (_C.id == action_id, _C.state == origin, *conditions)
    settled = {"settled_at": now_ms(), **values}
    moved = session.execute(update(actions).where(*still).values(state=target, **settled)).rowcount == 1
    if moved:
        ACTIONS.labels(target.value).inc()
    return moved


def begin(session: Connection, action_id: int) -> bool:
    """True when it is ours to run, now and never again; until `settled_at` nobody else asks what became of it.

    Nothing is begun where a person has taken over, or the customer was erased.
    """
    c = conversations.c
    here = select(_C.conversation_id).where(_C.id == action_id).scalar_subquery()
    holder = session.execute(select(c.holder).where(c.id == here).with_for_update(read=True)).scalar()
    if holder != Holder.BOT:
        return False
    over = now_ms() + RUN_MS
    return move(session, action_id, ActionState.CONFIRMED, ActionState.RUNNING, settled_at=over)


def end(session: Connection, action_id: int, ended: Ended) -> bool:
    """Writes down what came of a run; False when others have given it up meanwhile."""
    result = {"text": ended.text, "reason": ended.reason, "unknown": ended.unknown}
    target = ActionState.DONE if ended.reason is None else ActionState.FAILED
    same = _C.call_id == ended.call.id
    return move(session, action_id, ActionState.RUNNING, target, same, result=result)
