"""What names a customer outside their own conversations: alerts in the owner's chat, webhooks that nobody understood."""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, select

from src.core.database import AnyRow
from src.core.models import Author, conversations, notices, replies
from src.messages.content import said_by_us
from src.messages.rights.person import Person

_C, _R = conversations.c, replies.c


def alerts_about(session: Connection, person: Person) -> Sequence[AnyRow]:
    """The lines by which people were told on WhatsApp that this customer waits: they stand in those people's chats."""
    told = (
        select(replies)
        .join(conversations, _C.id == _R.conversation_id)
        .where(_R.author == Author.ALERT, _C.phone_number_id.in_(person.numbers))
        .order_by(_R.id)
    )
    about = re.compile(rf"conversations show ({'|'.join(map(str, person.ids))})\b")
    return [row for row in session.execute(told) if about.search(said_by_us(row.content) or "")]


def notices_about(session: Connection, person: Person, everywhere: bool) -> Sequence[AnyRow]:
    """The kept parts of webhooks in which their number or user id stands; each is opened.

    Not `everywhere`, only those that also name a number of the person's conversations: others may be another tenant's.
    """
    rows = session.execute(select(notices).order_by(notices.c.id))
    return [row for row in rows if _names(row, person, everywhere)]


def _names(row: AnyRow, person: Person, everywhere: bool) -> bool:
    text = _text(row.field, row.content)
    theirs = everywhere or any(number in text for number in person.numbers)
    return theirs and any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in person.names)


def _text(field: str, content: Any) -> str:
    if field == "poison" and isinstance(content, str):
        try:
            return base64.b64decode(content, validate=True).decode("utf-8", "replace")
        except binascii.Error:
            return content
    return orjson.dumps(content).decode()
