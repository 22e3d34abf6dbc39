"""Delivers alerts: taken in one transaction, told without one, settled in the next."""

import logging

from src.core.instance import Instance
from src.core.telemetry import ALERTS
from src.messages.people import alerts, mail, webhook, whatsapp
from src.messages.people.alerts import Call
from src.messages.people.outcome import Outcome

log = logging.getLogger(__name__)


def deliver(instance: Instance, alert_id: int) -> None:
    """Tells a person once, if it is still needed. Safe to call twice: whoever takes the alert tells it.

    A process that dies in between leaves the alert to its lease: it is told again then, under the same key.
    """
    with instance.database.transaction() as session:
        call = alerts.take(session, instance.keyring, alert_id)
        if call is not None and call.channel == "whatsapp":
            # Queued and settled in one commit: the outbox sends it, once.
            outcome = alerts.settle(session, call, whatsapp.tell(session, instance, call))
    if call is None:
        return
    if call.channel != "whatsapp":
        told = _tell(instance, call)
        with instance.database.transaction() as session:
            outcome = alerts.settle(session, call, told)
    ALERTS.labels(call.channel, outcome.word).inc()
    ids = {"alert_id": call.alert_id, "conversation_id": call.conversation_id, "agent_id": call.agent_id}
    about = {"channel": call.channel, "attempt": call.attempt, "outcome": outcome.word}
    log.info("alert_tried", extra={**ids, **about, "reason": outcome.reason})


def _tell(instance: Instance, call: Call) -> Outcome:
    if call.channel == "webhook":
        return webhook.tell(instance.settings, call)
    return mail.tell(instance.settings, call)
