"""Here a message gets answered: one turn takes all that waits in a conversation, decides, and queues one reply."""

import logging
import time
from typing import Any

from src.core.instance import Instance
from src.core.telemetry import STAGE_SECONDS, TURN_ENDS, correlation, note, timed, wide
from src.messages import hearing, outbox
from src.messages.actions.desk import Behalf, Desk
from src.messages.actions.outcome import Lapsed
from src.messages.brain import consented, ladder
from src.messages.brain.money import Payer
from src.messages.brain.pace import MustWait
from src.messages.brain.thought import FAQ, Asker, Thought
from src.messages.claim import Claim, claim
from src.messages.decide import decide
from src.messages.decision import DecisionKind, Draft
from src.messages.gather import Gathered, gather
from src.messages.language import detect, of_agent
from src.messages.lease import Lease
from src.messages.settle import settle, settle_empty, wait_until

log = logging.getLogger(__name__)

FAILURES = 3  # turns that may fail before a person is called
HEARING_SECONDS = 20.0  # for fetching and transcribing what a turn must hear


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
    try:
        found = _gathered(instance, lease)
        if found is None or not found.ids:
            with instance.database.transaction() as session:
                settle_empty(session, lease, found)
            return None
        correlation.set(found.correlation_id)
        note(wait_ms=max(0, found.now - found.asked_at), **_about(found))
        STAGE_SECONDS.labels("wait").observe(max(0, found.now - found.asked_at) / 1000)
        with STAGE_SECONDS.labels("draft").time(), timed("draft_ms"):
            thought, desk = _think(instance, lease, found)
    except MustWait as wait:
        with instance.database.transaction() as session:
            wait_until(session, lease, wait.until)
        return None
    with timed("settle_ms"), instance.database.transaction() as session:
        reply_ids = settle(session, lease, found, thought, desk)
        # The first part is claimed in the same commit: one less until it leaves.
        return claim(session, instance, reply_ids[0]) if reply_ids else None


def _gathered(instance: Instance, lease: Lease) -> Gathered | None:
    """All that waits; what is no text is listened to and looked at first, also what comes meanwhile."""
    ends = time.monotonic() + HEARING_SECONDS
    found = _look(instance, lease)
    while found is not None and found.unheard and time.monotonic() < ends:
        with timed("hear_ms"):
            hearing.hear(instance, lease.conversation_id, ends)
        found = _look(instance, lease)
    return found


def _look(instance: Instance, lease: Lease) -> Gathered | None:
    with timed("gather_ms"), instance.database.read() as session:
        return gather(session, lease.conversation_id, instance.settings.reply_max_age)


def _about(found: Gathered) -> dict[str, Any]:
    return {
        "agent_id": found.agent_id,
        "agent_version": found.version,
        "messages": len(found.ids),
        "late": len(found.late),
        "failures": found.failures,
    }


def _think(instance: Instance, lease: Lease, found: Gathered) -> tuple[Thought, Desk]:
    config, question = found.config, found.question
    language = detect(question, of_agent(config.language))
    behalf = Behalf(found.agent_id, lease.conversation_id, found.customer)
    desk = Desk(instance, behalf, config, language)
    if found.failures >= FAILURES:
        draft = Draft(DecisionKind.UNANSWERABLE, language, "failed", text="no_answer")
        decision = decide(draft, config, question)
        return Thought(draft, decision, FAQ, "the turn failed again and again"), desk
    deed = consented.carried_out(instance, question, config, desk)
    if isinstance(deed, Thought):
        return deed, desk
    payer = Payer(found.agent_id, found.customer_key)
    asker = Asker(payer, found.version, "answer", lease.conversation_id, found.asked_at)
    if isinstance(deed, Lapsed):
        return consented.lapsed(ladder.think(instance, question, config, asker, desk)), desk
    return ladder.think(instance, question, config, asker, desk, deed), desk
