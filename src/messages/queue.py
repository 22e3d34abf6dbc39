"""Queues what is to be sent to a customer, in its order."""

import secrets
from typing import Any

from sqlalchemy import Connection, insert

from src.core.models import Author, replies
from src.core.states import ReplyState


def queue_replies(
    session: Connection,
    conversation_id: int,
    turn_id: int | None,
    author: Author,
    contents: list[dict[str, Any]],
    asked_at: int,
    now: int,
) -> list[int]:
    """Queues one reply a content, to be sent in this order, and returns their ids."""
    ids = []
    for part, content in enumerate(contents):
        row = {
            "conversation_id": conversation_id,
            "turn_id": turn_id,
            "part": part,
            "author": author,
            "state": ReplyState.QUEUED,
            "content": content,
            "tracker": secrets.token_hex(12),
            "attempts": 0,
            "next_attempt_at": now,
            "asked_at": asked_at,
            "created_at": now,
        }
        ids.append(session.execute(insert(replies).values(row).returning(replies.c.id)).scalar_one())
    return ids
