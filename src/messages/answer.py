"""Here a message gets answered: one turn takes all that waits in a conversation, decides, and queues one reply."""

import logging
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, func, insert, select

from src.core.agent_config import AgentConfig
from src.core.database import now_ms
from src.core.instance import Instance
from src.core.models import Author, conversations, messages, turns
from src.core.states import Holder, MessageState, move
from src.core.telemetry import (
    HANDOFFS,
    LEASES_LOST,
    STAGE_SECONDS,
    TOO_LATE,
    TURN_ENDS,
    TURNS,
    correlation,
    note,
    timed,
    wide,
)
from src.messages import faq_answerer, handoff, outbox
from src.messages.claim import Claim, claim
from src.messages.compose import compose
from src.messages.decide import decide
from src.messages.decision import Clarify, Decision, DecisionKind, Draft, Reply
from src.messages.gather import Gathered, gather
from src.messages.lease import Lease, give_back
from src.messages.question import Question
from src.messages.queue import queue_replies

log = logging.getLogger(__name__)

REDRAFTS = 2  # how often a newer message makes a draft stale, before what is there gets answered
FAILURES = 3  # turns that may fail before a person is called
_CALLS_A_PERSON = (DecisionKind.HANDOFF, DecisionKind.UNANSWERABLE)


def think(question: Question, config: AgentConfig) -> tuple[Draft, Decision]:
    """What the bot would say to this question, and why; turns, `ask` and evaluation all come here."""
    draft = faq_answerer.draft(question, config)
    return draft, decide(draft, config, question)


def take_turn(instance: Instance, lease: Lease) -> None:
    """Answers all that waits in the leased conversation, and starts to deliver. Safe to call twice."""
    claimed = None
    with wide(log, "turn_ended", conversation_id=lease.conversation_id, outcome="failed") as event:
        try:
            claimed = _take(instance, lease)
        finally:
            TURN_ENDS.labels(event["outcome"]).inc()
    if claimed is not None:
        outbox.send(instance, claimed)


def _take(instance: Instance, lease: Lease) -> Claim | None:
    with timed("gather_ms"), instance.database.read() as session:
        found = gather(session, lease.conversation_id, instance.settings.reply_max_age)
    if found is None or not found.ids:
        with instance.database.transaction() as session:
            _settle_empty(session, lease, found)
        return None
    correlation.set(found.correlation_id)
    note(wait_ms=max(0, found.now - found.asked_at), **_about(found))
    STAGE_SECONDS.labels("wait").observe(max(0, found.now - found.asked_at) / 1000)
    with STAGE_SECONDS.labels("draft").time():
        with timed("draft_ms"):
            draft, decision = _decide(found)
        with timed("settle_ms"), instance.database.transaction() as session:
            reply_ids = settle(session, lease, found, draft, decision)
            # The first part is claimed in the same commit: one less until it leaves.
            return claim(session, instance, reply_ids[0]) if reply_ids else None


def _about(found: Gathered) -> dict[str, Any]:
    return {
        "agent_id": found.agent_id,
        "agent_version": found.version,
        "messages": len(found.ids),
        "late": len(found.late),
        "failures": found.failures,
    }


def _decide(found: Gathered) -> tuple[Draft, Decision]:
    if found.failures < FAILURES:
        return think(found.question, found.config)
    draft = Draft(DecisionKind.UNANSWERABLE, found.config.language[:2], "the turn failed again and again")
    return draft, decide(draft, found.config, found.question)


def _settle_empty(session: Connection, lease: Lease, found: Gathered | None) -> None:
    """Nothing to say: what is too old waits for a person, and what came meanwhile, or for a paused agent, stays due."""
    if give_back(session, lease) is None:
        LEASES_LOST.inc()
        note(outcome="lost")
        return
    note(outcome="nothing" if found is None else "too_late")
    if found is not None:
        _expire(session, found)
        handoff.call_person(session, lease.conversation_id, "too late")
    still = _newer(session, lease.conversation_id, 0)
    _set(session, lease, unanswered_since=still, **({"due_at": None} if still is None else {}))


def settle(session: Connection, lease: Lease, found: Gathered, draft: Draft, decision: Decision) -> list[int]:
    """Messages answered and replies queued, both or neither, and only while the lease is ours; the replies' ids.

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
        _set(session, lease, redrafts=state.redrafts + 1)
        note(outcome="stale")
        return []
    turn_id, now = _record(session, lease, found, draft, decision)
    move(session, messages, found.ids, MessageState.RECEIVED, MessageState.ANSWERED, turn_id=turn_id)
    _expire(session, found)
    due = now if newer is not None else None
    _set(session, lease, due_at=due, unanswered_since=newer, redrafts=0, failures=0, last_at=now)
    contents = list(compose(decision))
    reply_ids = queue_replies(
        session, lease.conversation_id, turn_id, Author.BOT, contents, found.asked_at, now
    )
    if decision.kind in _CALLS_A_PERSON:
        _call_person(session, lease, decision.kind, now)
    note(
        outcome="settled",
        turn_id=turn_id,
        decision=decision.kind,
        brain=draft.brain,
        confidence=round(draft.ranked[0].score, 3) if draft.ranked else None,
        replies=len(reply_ids),
        redrafts=state.redrafts,
    )
    return reply_ids


def _expire(session: Connection, found: Gathered) -> None:
    TOO_LATE.inc(move(session, messages, found.late, MessageState.RECEIVED, MessageState.EXPIRED))


def _newer(session: Connection, conversation_id: int, last: int) -> int | None:
    """When the first message came that the draft does not know; None when there is none."""
    c = messages.c
    here = (c.conversation_id == conversation_id, c.state == MessageState.RECEIVED, c.id > last)
    first: int | None = session.execute(select(func.min(c.received_at)).where(*here)).scalar()
    return first


def _set(session: Connection, lease: Lease, **values: Any) -> None:
    session.execute(
        conversations.update().where(conversations.c.id == lease.conversation_id).values(**values)
    )


def _call_person(session: Connection, lease: Lease, kind: DecisionKind, now: int) -> None:
    """From here on the bot is silent; the reply that says so is already queued and still goes."""
    reason = "asked for a person" if kind == DecisionKind.HANDOFF else "no answer in the FAQs"
    _set(session, lease, holder=Holder.WAITING, reason=reason, held_at=now)
    HANDOFFS.labels(reason).inc()


def _record(
    session: Connection, lease: Lease, found: Gathered, draft: Draft, decision: Decision
) -> tuple[int, int]:
    row = {
        "conversation_id": lease.conversation_id,
        "agent_id": found.agent_id,
        "agent_version": found.version,
        "decision": decision.kind,
        "brain": draft.brain,
        "detail": explain(draft, decision),
        "messages": len(found.ids),
        "correlation_id": found.correlation_id,
        "created_at": now_ms(),
    }
    created = session.execute(insert(turns).values(row).returning(turns.c.id, turns.c.created_at)).one()
    TURNS.labels(decision.kind.value).inc()
    return created.id, created.created_at


def explain(draft: Draft, decision: Decision) -> dict[str, Any]:
    """Why this answer: {reply, source_ids, options, ranked, reason}, as the turn keeps it and `ask` shows it."""
    return {
        "reply": decision.text,
        "source_ids": list(decision.source_ids) if isinstance(decision, Reply) else [],
        "options": [asdict(option) for option in decision.options] if isinstance(decision, Clarify) else [],
        "ranked": [asdict(ranked) for ranked in draft.ranked],
        "reason": draft.reason,
    }


def put_off(session: Connection, lease: Lease) -> None:
    """A turn has failed: the conversation is due again, later each time."""
    state = give_back(session, lease)
    if state is not None:
        _set(
            session, lease, failures=state.failures + 1, due_at=now_ms() + 2000 * 2 ** min(state.failures, 7)
        )
