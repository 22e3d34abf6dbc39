"""Forgets pictures a day after they were answered; everything else of a customer's goes with its message."""

from sqlalchemy import Select, delete, select

from src.core.conversation_tables import media
from src.core.database import now_ms
from src.core.instance import Instance
from src.core.models import messages, turns

ANSWERED_HOURS = 24  # a customer may come back to a picture the same day
_HOUR_MS = 3600 * 1000
_BATCH = 100  # files that one transaction deletes at most: they may be large

_C = media.c
_ANSWERED = (
    select(_C.message_id)
    .join(messages, messages.c.id == _C.message_id)
    .join(turns, turns.c.id == messages.c.turn_id)
    .where(_C.mime.startswith("image/"), turns.c.created_at < now_ms() - ANSWERED_HOURS * _HOUR_MS)
)


def forget_media(instance: Instance) -> dict[str, int]:
    """How many files were forgotten. Safe to call twice."""
    return {"answered": _forget(instance, _ANSWERED)}


def _forget(instance: Instance, found: Select[tuple[int]]) -> int:
    first = delete(media).where(_C.message_id.in_(found.limit(_BATCH)))
    total = 0
    while True:
        with instance.database.transaction() as session:
            gone = session.execute(first).rowcount
        total += gone
        if gone < _BATCH:
            return total
