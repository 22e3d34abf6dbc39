"""When a call of the model may start: conversations reserve slots, and every call passes one gate a second and agent."""

import logging
import random
import time
from dataclasses import dataclass
from math import ceil
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, case, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql import Executable
from sqlalchemy.types import String

from src.core.brain_tables import paces
from src.core.database import Database, insert_into, now_ms
from src.core.models import conversations
from src.core.money_telemetry import PACE_WAIT_SECONDS

log = logging.getLogger(__name__)

# At one call a second: between two slots, and between two starts at least. What is late catches up by the difference.
SPACING_MS, GATE_MS = 1_050, 1_025
GRACE_MS = 1_500  # for so long a slot that has passed is kept
_COURTESY = (
    0.01  # of the spacing: who waits at the gate lets others go first; less, the longer ago its slot was
)
_FRESH_S = 0.04  # a start that was written down longer ago than that is written down anew,
_ANEW = 3  # so often at most: where every commit takes long, all starts are late alike
_LATE_S = 0.02  # a request that left so long after its start moves the gate

_C, _P = conversations.c, paces.c
_AGENT, _SPACING = bindparam("agent", type_=String), bindparam("spacing", type_=BigInteger)
_APART, _HERE = bindparam("apart", type_=BigInteger), bindparam("here", type_=BigInteger)
_NOW = now_ms()

_HELD = (
    select(_C.slot_at, _P.next_at, _P.started_at, _P.pushed, _NOW.label("now"))
    .join_from(conversations, paces, _P.agent_id == _AGENT, isouter=True)
    .where(_C.id == _HERE)
    .with_for_update(of=conversations)
)
_NEXT = case((_P.next_at > _NOW, _P.next_at), else_=_NOW)
_RESERVE = (
    update(paces)
    .where(_P.agent_id == _AGENT)
    .values(next_at=_NEXT + _SPACING)
    .returning(_P.next_at - _SPACING, _P.pushed)
)
_OPENS = select(_P.started_at + _APART, _NOW).where(_P.agent_id == _AGENT)
_GATE = update(paces).where(_P.agent_id == _AGENT).values(started_at=_NOW).returning(_P.started_at)
_OPEN = _P.started_at <= _NOW - _APART
_EARLIEST = case((_P.next_at > _NOW + _SPACING, _P.next_at), else_=_NOW + _SPACING)
_ENTER_BY_SLOT = _GATE.where(_OPEN).values(next_at=_EARLIEST)
# Without a slot of its own it takes everybody's time: all who hold one come a slot later.
_ENTER_BETWEEN = _GATE.where(_OPEN).values(
    next_at=_NEXT + _SPACING, pushed=_P.pushed + case((_P.next_at > _NOW, _SPACING), else_=0)
)
_ENTER_ANEW = _GATE.where(_P.started_at == bindparam("mine", type_=BigInteger))


class MustWait(Exception):
    """A call may not start yet; it may be tried again at `until` (ms, the database's clock)."""

    def __init__(self, until: int) -> None:
        super().__init__(f"until {until}")
        self.until = until


@dataclass(frozen=True)
class Start:
    """A call that was let through the gate. `left` is to be called at the moment when its request has gone."""

    _database: Database
    _given: dict[str, Any]
    _at: float  # of time.monotonic()

    def left(self) -> None:
        """Keeps the next call away from when this one really left, where that was late: a busy machine, a new connection.

        Never raises: the request is on its way, and paid.
        """
        if time.monotonic() - self._at <= _LATE_S:
            return
        try:
            _write(self._database, _ENTER_ANEW, self._given)
        except SQLAlchemyError as error:
            log.warning("late_start_not_noted", extra={"error": type(error).__name__})


def reserve(session: Connection, agent_id: str, conversation_id: int, rps: float) -> int:
    """When the conversation's next call may start (ms, the database's clock); past or present means now.

    It is the slot that the conversation holds already, at most 1.5 s past (or longer, while the gate stands open for
    it), else the agent's next free one. The row of the conversation is locked from here on.
    """
    given = {**_given(agent_id, rps), "here": conversation_id}
    row = session.execute(_HELD, given).one()
    if row.slot_at is not None and row.pushed is not None:
        slot: int = row.slot_at + row.pushed
        is_open = row.now - row.started_at >= given["apart"]
        # A slot behind the next free one was another agent's, which had this number before.
        if slot < row.next_at and (row.now - slot <= GRACE_MS or is_open):
            return slot
    if row.pushed is None:
        _begin(session, agent_id)
    slot, pushed = session.execute(_RESERVE, given).one()
    session.execute(update(conversations).where(_C.id == conversation_id).values(slot_at=slot - pushed))
    return slot


def release(session: Connection, conversation_id: int) -> None:
    """The conversation's slot was used, or is not needed any more. Safe to call twice."""
    held = update(conversations).where(_C.id == conversation_id, _C.slot_at.is_not(None))
    session.execute(held.values(slot_at=None))


def start(database: Database, agent_id: str, rps: float, patience_ms: int, slot: int | None = None) -> Start:
    """Returns when a call may start now; the caller starts it at once, with its request ready, and says when it `left`.

    `slot` is what `reserve` gave; a call without one goes between, and all that are reserved come a slot later. Sleeps
    outside of transactions. Raises `MustWait` when the gate would open only after `patience_ms`.
    """
    began = time.monotonic()
    given = _given(agent_id, rps)
    enter = _ENTER_BETWEEN if slot is None else _ENTER_BY_SLOT
    while (entered := _enter(database, enter, given)) is None:
        seen = _look(database, given)
        if seen is None:
            continue
        opens_at, now = seen
        wait = max(0.0, opens_at - now + _courtesy(slot, now, given["spacing"])) / 1000
        if time.monotonic() - began + wait > patience_ms / 1000:
            raise MustWait(opens_at)
        time.sleep(wait)
    PACE_WAIT_SECONDS.observe(time.monotonic() - began)
    return entered


def _given(agent_id: str, rps: float) -> dict[str, Any]:
    return {"agent": agent_id, "spacing": ceil(SPACING_MS / rps), "apart": ceil(GATE_MS / rps)}


def _enter(database: Database, enter: Executable, given: dict[str, Any]) -> Start | None:
    """Compare and set: of all that try, one may start. A commit that took long would bring it too near to the next."""
    started_at, at = _write(database, enter, given)
    for _ in range(_ANEW):
        if started_at is None or time.monotonic() - at <= _FRESH_S:
            break
        started_at, at = _write(database, _ENTER_ANEW, {**given, "mine": started_at})
    return None if started_at is None else Start(database, {**given, "mine": started_at}, at)


def _write(database: Database, enter: Executable, given: dict[str, Any]) -> tuple[int | None, float]:
    """The start that was written down, None when the gate was shut; and when that was (of time.monotonic())."""
    with database.transaction() as session:
        started_at: int | None = session.execute(enter, given).scalar()
        written = time.monotonic()
    return started_at, written


def _look(database: Database, given: dict[str, Any]) -> tuple[int, int] | None:
    """When the gate opens, and the time (ms); None where there was none yet: it is made, and stands open."""
    with database.read() as session:
        row = session.execute(_OPENS, given).first()
    if row is None:
        with database.transaction() as session:
            _begin(session, given["agent"])
        return None
    return row[0], row[1]


def _begin(session: Connection, agent_id: str) -> None:
    row = {"agent_id": agent_id, "next_at": 0, "started_at": 0, "pushed": 0}
    session.execute(insert_into(session.dialect.name, paces).values(row).on_conflict_do_nothing())


def _courtesy(slot: int | None, now: int, spacing: int) -> float:
    """How long (ms) to let others go first who wait at the gate: the earlier one's slot was, the shorter."""
    most = _COURTESY * spacing
    if slot is None:
        return random.uniform(0, 2 * most)  # noqa: S311  # no secret: two that wait must not keep step
    return most / (1 + max(0, now - slot) / spacing)
