"""Alerts: the rows by which people are told that a customer waits; written with the hand-off, settled once."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, literal_column, select, update

from src.accounts.versions import load_config
from src.core.agent_config import AgentConfig, Handoff
from src.core.conversation_tables import AlertState, alerts
from src.core.database import AnyRow, insert_into, now_ms
from src.core.keyring import Keyring
from src.core.models import AgentStatus, agents, conversations
from src.core.states import Holder
from src.messages import window
from src.messages.people.outcome import Outcome, dropped

CHANNELS = ("webhook", "email", "whatsapp")
LEASE_MS = 120_000  # longer than any channel takes; after it, an alert whose process died is tried again
DELAYS_S = (5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600)  # after the first attempt, the second …
ENDS_MS = 24 * 3600 * 1000  # since the hand-off; then nobody is told any more
_LANE_FIRST = 20  # more of one lane would only wait

_L, _C, _A = alerts.c, conversations.c, agents.c
_QUEUED = _L.state == literal_column("'queued'")  # written out, so that SQLite knows its small index by it
_THERE = (_A.phone_number_id == _C.phone_number_id) & (_A.status != AgentStatus.REMOVED)
_STATES = {"sent": AlertState.SENT, "failed": AlertState.FAILED, "dropped": AlertState.DROPPED}

# When the next alert may be tried (ms); it may be past. Nothing while none is queued.
NEXT_DUE = select(_L.next_attempt_at).where(_QUEUED).order_by(_L.next_attempt_at).limit(1)

Lane = tuple[str, str]  # number and channel: what is slow for one keeps no other waiting


@dataclass(frozen=True)
class Call:
    """One attempt to tell people by one channel; `key` names the alert outside, and is the same at each attempt."""

    alert_id: int
    key: str
    channel: str
    attempt: int
    conversation_id: int
    phone_number_id: str
    agent_id: str
    config: AgentConfig
    reason: str
    waiting_since: int
    window_closes_at: int | None
    customer: str | None  # the name that they gave themselves
    now: int

    @property
    def handoff(self) -> Handoff:
        """Who is to be told, and where, as the owner says it now."""
        return self.config.handoff


def channels_of(handoff: Handoff) -> list[str]:
    """The channels by which the owner wants to be told."""
    return [channel for channel in CHANNELS if getattr(handoff, channel)]


def raise_alerts(session: Connection, conversation_id: int, held_at: int, reason: str) -> None:
    """Writes one alert for each of the owner's channels, due at once. Safe to call twice for one hand-off."""
    here = select(_A.id, _A.version).join_from(conversations, agents, _THERE)
    agent = session.execute(here.where(_C.id == conversation_id)).first()
    if agent is None:
        return
    rows = [
        {
            "conversation_id": conversation_id,
            "held_at": held_at,
            "channel": channel,
            "reason": reason,
            "state": AlertState.QUEUED,
            "attempts": 0,
            "next_attempt_at": held_at,
            "created_at": held_at,
        }
        for channel in channels_of(load_config(session, agent.id, agent.version).handoff)
    ]
    if rows:
        session.execute(insert_into(session.dialect.name, alerts).on_conflict_do_nothing(), rows)


def due(session: Connection, now: int) -> list[tuple[int, Lane]]:
    """Alerts whose time has come with their lanes, oldest first, and of each lane only the first few."""
    lane = (_C.phone_number_id, _L.channel)
    place = func.row_number().over(partition_by=lane, order_by=(_L.next_attempt_at, _L.id))
    ready = (
        select(_L.id, *lane, _L.next_attempt_at, place.label("place"))
        .join_from(alerts, conversations, _C.id == _L.conversation_id)
        .where(_QUEUED, _L.next_attempt_at <= now)
        .subquery()
    )
    first = select(ready).where(ready.c.place <= _LANE_FIRST)
    rows = session.execute(first.order_by(ready.c.next_attempt_at, ready.c.id))
    return [(row.id, (row.phone_number_id, row.channel)) for row in rows]


def take(session: Connection, keyring: Keyring, alert_id: int) -> Call | None:
    """The alert, ours for `LEASE_MS`; None when another has it, it is settled, or nobody needs to be told."""
    taken = session.execute(
        update(alerts)
        .where(_L.id == alert_id, _QUEUED, _L.next_attempt_at <= now_ms())
        .values(attempts=_L.attempts + 1, next_attempt_at=now_ms() + LEASE_MS)
        .returning(alerts)
    ).first()
    if taken is None:
        return None
    about = select(conversations, _A.id.label("agent_id"), _A.version, now_ms().label("now"))
    there = about.join_from(conversations, agents, _THERE, isouter=True)
    row = session.execute(there.where(_C.id == taken.conversation_id)).one()
    config = None if row.agent_id is None else load_config(session, row.agent_id, row.version)
    if (why := _needless(taken, row, config)) is not None or config is None:
        _close(session, taken.id, taken.attempts, dropped(why or "no agent"))
        return None
    return _call(taken, row, config, keyring)


def _needless(taken: AnyRow, row: AnyRow, config: AgentConfig | None) -> str | None:
    """Why people need not be told any more."""
    if config is None:
        return "no agent"
    if row.now > taken.held_at + ENDS_MS:
        return "too old"
    if row.holder != Holder.WAITING or row.held_at != taken.held_at:
        return "nobody waits any more"
    return None if taken.channel in channels_of(config.handoff) else "not wanted any more"


def _call(taken: AnyRow, row: AnyRow, config: AgentConfig, keyring: Keyring) -> Call:
    return Call(
        alert_id=taken.id,
        key=f"alert_{keyring.lookup(f'alert:{taken.id}').hex()}",
        channel=taken.channel,
        attempt=taken.attempts,
        conversation_id=row.id,
        phone_number_id=row.phone_number_id,
        agent_id=row.agent_id,
        config=config,
        reason=taken.reason,
        waiting_since=taken.held_at,
        window_closes_at=window.closes_at(row.last_inbound_at),
        customer=row.customer.get("name"),
        now=row.now,
    )


def settle(session: Connection, call: Call, outcome: Outcome) -> Outcome:
    """Writes down what came of the attempt; what cannot be tried again within a day has failed. Returns what is kept."""
    if outcome.word != "again":
        return _close(session, call.alert_id, call.attempt, outcome)
    now: int = session.execute(select(now_ms())).scalar_one()
    later = now + DELAYS_S[min(call.attempt, len(DELAYS_S)) - 1] * 1000
    if later > call.waiting_since + ENDS_MS:
        return _close(session, call.alert_id, call.attempt, Outcome("failed", outcome.reason))
    mine = (_L.id == call.alert_id, _QUEUED, _L.attempts == call.attempt)
    session.execute(update(alerts).where(*mine).values(next_attempt_at=later, error=outcome.reason))
    return outcome


def _close(session: Connection, alert_id: int, attempt: int, outcome: Outcome) -> Outcome:
    mine = (_L.id == alert_id, _QUEUED, _L.attempts == attempt)
    settled = {"state": _STATES[outcome.word], "error": outcome.reason, "settled_at": now_ms()}
    session.execute(update(alerts).where(*mine).values(settled))
    return outcome
