"""Settles a turn: messages answered and replies queued, both or neither, and only while the lease is ours."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, func, insert, select

from src.core.database import now_ms
from src.core.models import Author, conversations, messages, turns
from src.core.states import Holder, MessageState, move
from src.core.telemetry import LEASES_LOST, TOO_LATE, TURNS, note
from src.messages import handoff, notice
from src.messages.actions.desk import Desk
from src.messages.brain.thought import TOOL_FAILED, Thought
from src.messages.compose import compose
from src.messages.decision import Clarify, HandOff, Reply, unanswered
from src.messages.gather import Gathered
from src.messages.intents import OPTED_OUT
from src.messages.lease import Lease, give_back
from src.messages.queue import queue_replies

REDRAFTS = 2  # how often a newer message makes a draft stale, before what is there gets answered
_EARLY_MS = 120  # a turn that waits for its slot is taken up this much earlier: it has to be gathered again


def settle(session: Connection, lease: Lease, found: Gathered, thought: Thought, desk: Desk) -> list[int]:
    """The ids of the replies that are queued now; what the turn's tools did is written down with it.

    Nothing is settled when a person has taken over, or a newer message has made the draft stale.
    """
    state = give_back(session, lease)
    if state is None:
        LEASES_LOST.inc()
        note(outcome="lost")
        return []
    if state.holder != Holder.BOT:
        note(outcome="taken_over")  # a person was faster
        return []
    newer = _newer(session, lease.conversation_id, max(found.ids))
    if newer is not None and state.redrafts < REDRAFTS:
        set_on(session, lease, redrafts=state.redrafts + 1)
        note(outcome="stale")
        return []
    if thought.draft.reason == OPTED_OUT:
        handoff.withhold(session, lease.conversation_id, "opted out")
    turn_id, now = _record(session, lease, found, thought, desk)
    desk.settle(session, turn_id, thought.decision)
    _close(session, lease, found, thought, turn_id, now, newer)
    reply_ids = queue_replies(
        session,
        lease.conversation_id,
        turn_id,
        Author.BOT,
        _composed(session, lease, found, thought, desk),
        found.asked_at,
        now,
    )
    if (reason := _why_a_person(thought)) is not None:
        handoff.begin_waiting(session, lease.conversation_id, reason)
    note(
        outcome="settled", turn_id=turn_id, replies=len(reply_ids), redrafts=state.redrafts, **_noted(thought)
    )
    return reply_ids


def _composed(
    session: Connection, lease: Lease, found: Gathered, thought: Thought, desk: Desk
) -> list[dict[str, Any]]:
    composed = compose(thought.decision)
    if desk.instance.settings.tells_of_itself and notice.is_due(session, lease.conversation_id):
        return notice.with_notice(composed, thought.draft.language, found.config.name)
    return list(composed)


def _close(
    session: Connection,
    lease: Lease,
    found: Gathered,
    thought: Thought,
    turn_id: int,
    now: int,
    newer: int | None,
) -> None:
    """The messages are answered, and the conversation is due again only for what came meanwhile."""
    move(session, messages, found.ids, MessageState.RECEIVED, MessageState.ANSWERED, turn_id=turn_id)
    expire(session, found)
    set_on(
        session,
        lease,
        due_at=now if newer is not None else None,
        unanswered_since=newer,
        redrafts=0,
        failures=0,
        misses=found.question.misses + 1 if unanswered(thought.decision) else 0,
        slot_at=None,
        last_at=now,
    )


def _why_a_person(thought: Thought) -> str | None:
    """Why the bot is silent from here on; the reply that says so is already queued and still goes."""
    if isinstance(thought.decision, HandOff):
        return "asked for a person"
    missed = unanswered(thought.decision)
    if missed is not None and missed.calls_person:
        return TOOL_FAILED if thought.why == TOOL_FAILED else "no answer in the FAQs"
    return None


def _noted(thought: Thought) -> dict[str, Any]:
    ranked = thought.draft.ranked
    return {
        "decision": thought.decision.kind,
        "brain": thought.draft.brain,
        "rung": thought.rung,
        "model": thought.model,
        "model_calls": len(thought.calls),
        "model_ms": sum(call.ms for call in thought.calls),
        "cost": thought.cost,
        "confidence": round(ranked[0].score, 3) if ranked else None,
    }


def settle_empty(session: Connection, lease: Lease, found: Gathered | None) -> None:
    """Nothing to say: what is too old waits for a person, and what came meanwhile, or for a paused agent, stays due."""
    if give_back(session, lease) is None:
        LEASES_LOST.inc()
        note(outcome="lost")
        return
    note(outcome="nothing" if found is None else "too_late")
    if found is not None:
        expire(session, found)
        handoff.call_person(session, lease.conversation_id, "too late")
    still = _newer(session, lease.conversation_id, 0)
    set_on(session, lease, unanswered_since=still, **({"due_at": None} if still is None else {}))


def wait_until(session: Connection, lease: Lease, until: int) -> None:
    """The turn goes back: its call of the model may start at `until` (ms), and it is due a little earlier."""
    if give_back(session, lease) is None:
        LEASES_LOST.inc()
        note(outcome="lost")
        return
    set_on(session, lease, due_at=until - _EARLY_MS)
    note(outcome="waits")


def put_off(session: Connection, lease: Lease) -> None:
    """A turn has failed: the conversation is due again, later each time."""
    state = give_back(session, lease)
    if state is not None:
        later = now_ms() + 2000 * 2 ** min(state.failures, 7)
        set_on(session, lease, failures=state.failures + 1, due_at=later)


def expire(session: Connection, found: Gathered) -> None:
    """What is too old for the bot is a person's."""
    TOO_LATE.inc(move(session, messages, found.late, MessageState.RECEIVED, MessageState.EXPIRED))


def set_on(session: Connection, lease: Lease, **values: Any) -> None:
    """Changes columns of the leased conversation."""
    session.execute(
        conversations.update().where(conversations.c.id == lease.conversation_id).values(**values)
    )


def _newer(session: Connection, conversation_id: int, last: int) -> int | None:
    """When the first message came that the draft does not know; None when there is none."""
    c = messages.c
    here = (c.conversation_id == conversation_id, c.state == MessageState.RECEIVED, c.id > last)
    first: int | None = session.execute(select(func.min(c.received_at)).where(*here)).scalar()
    return first


def _record(
    session: Connection, lease: Lease, found: Gathered, thought: Thought, desk: Desk
) -> tuple[int, int]:
    calls = [call.shown() for call in thought.calls]
    row = {
        "conversation_id": lease.conversation_id,
        "agent_id": found.agent_id,
        "agent_version": found.version,
        "decision": thought.decision.kind,
        "brain": thought.draft.brain,
        "detail": {**explain(thought), "calls": calls, "tools": list(desk.tried)},
        "messages": len(found.ids),
        "model": thought.model,
        "cost": thought.cost + found.heard_cost,
        "correlation_id": found.correlation_id,
        "created_at": now_ms(),
    }
    created = session.execute(insert(turns).values(row).returning(turns.c.id, turns.c.created_at)).one()
    TURNS.labels(thought.decision.kind.value).inc()
    return created.id, created.created_at


def explain(thought: Thought) -> dict[str, Any]:
    """Why this answer, as the turn keeps it and `ask` shows it.

    {reply, source_ids, options, ranked, reason, rung, why, checks, quotes, in_prompt}.
    """
    draft, decision = thought.draft, thought.decision
    return {
        "reply": decision.text,
        "source_ids": list(decision.source_ids) if isinstance(decision, Reply) else [],
        "options": [asdict(option) for option in decision.options] if isinstance(decision, Clarify) else [],
        "ranked": [asdict(ranked) for ranked in draft.ranked],
        "reason": draft.reason,
        "rung": thought.rung,
        "why": thought.why,
        "checks": dict(thought.checks),
        "quotes": [asdict(quote) for quote in draft.quotes],
        "in_prompt": list(thought.in_prompt),
    }
