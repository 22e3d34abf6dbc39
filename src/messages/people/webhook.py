"""Tells people by a signed POST to an address of the owner's."""

import orjson

from src.core import outgoing
from src.core.outgoing import OutgoingFailed, OutgoingRefused
from src.core.security import webhook_headers
from src.core.settings import Settings
from src.messages.people.alerts import Call
from src.messages.people.outcome import SENT, Outcome, again, failed

SECONDS = 10.0
_MAX_BYTES = 65_536  # of an answer of which only the status counts
_GONE = 410  # Standard Webhooks: the receiver wants no more of this


def tell(settings: Settings, call: Call) -> Outcome:
    """Sends the alert; every status from 200 to 299 is a yes."""
    url, secret = call.handoff.webhook, call.handoff.webhook_secret
    assert url is not None
    body = orjson.dumps(payload(settings, call))
    headers = {"Content-Type": "application/json"}
    if secret is not None:
        headers |= webhook_headers(secret, call.key, call.now // 1000, body)
    private = settings.outgoing_private
    try:
        answer = outgoing.call(
            "POST", url, body, headers, seconds=SECONDS, max_bytes=_MAX_BYTES, private=private
        )
    except OutgoingRefused:
        return again("address refused")  # a name may lead elsewhere an hour later
    except OutgoingFailed as error:
        return again(error.reason)
    if 200 <= answer.status < 300:
        return SENT
    return failed("gone") if answer.status == _GONE else again(f"status {answer.status}")


def payload(settings: Settings, call: Call) -> dict[str, object]:
    """What is sent: ids, the reason, times in ms; of the customer only the name, and none of their words."""
    found: dict[str, object] = {
        "event": "handoff",
        "id": call.key,
        "conversation_id": call.conversation_id,
        "agent_id": call.agent_id,
        "reason": call.reason,
        "waiting_since": call.waiting_since,
        "window_closes_at": call.window_closes_at,
        "customer": {} if call.customer is None else {"name": call.customer},
    }
    if settings.public_url:
        found["url"] = f"{settings.public_url}/conversation/{call.conversation_id}"
    return found
