"""Tells the owner by their own WhatsApp, while they have written to the bot's number within 24 hours."""

from sqlalchemy import Connection, select

from src.core.instance import Instance
from src.core.keyring import Keyring
from src.core.models import Author, conversations
from src.messages import window
from src.messages.people import letters
from src.messages.people.alerts import Call
from src.messages.people.outcome import SENT, Outcome, failed
from src.messages.queue import queue_replies


def tell(session: Connection, instance: Instance, call: Call) -> Outcome:
    """Queues a message in the owner's own conversation with the number, as the caller settles the alert."""
    own = call.handoff.whatsapp
    assert own is not None
    c = conversations.c
    here = c.phone_number_id == call.phone_number_id, c.wa_key == own_key(instance.keyring, own)
    row = session.execute(select(c.id, c.last_inbound_at).where(*here)).first()
    if row is None:
        return failed("never wrote")
    if row.id == call.conversation_id:
        return failed("their own conversation")
    if not window.is_open(row.last_inbound_at, call.now):
        return failed("window closed")
    words = letters.line(call, instance.settings.public_url)
    content = {"type": "text", "text": {"body": words, "preview_url": False}}
    queue_replies(session, row.id, None, Author.ALERT, [content], call.now, call.now)
    return SENT


def own_key(keyring: Keyring, number: str) -> bytes:
    """The keyed hash by which the conversation of an E.164 number is found."""
    return keyring.lookup(f"wa:{number.removeprefix('+')}")
