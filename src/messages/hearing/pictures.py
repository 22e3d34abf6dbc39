"""The pictures that a turn may show to the model."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from src.core.conversation_tables import MediaState, media
from src.core.openai_client import Image

SHOWN = 4  # pictures that one call of the model sees at most: each costs as much as a page of text


def images(session: Connection, message_ids: Sequence[int]) -> tuple[Image, ...]:
    """The newest pictures of these messages, at most four, oldest first."""
    c = media.c
    kept = c.content.is_not(None) & (c.state == MediaState.FETCHED) & c.mime.startswith("image/")
    newest = (
        select(c.mime, c.content)
        .where(c.message_id.in_(message_ids), kept)
        .order_by(c.message_id.desc())
        .limit(SHOWN)
    )
    found = session.execute(newest).all()
    return tuple(Image(row.mime, row.content) for row in reversed(found))
