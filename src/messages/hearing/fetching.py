"""Fetches a message's file from Meta, and opens it only when it is what it says."""

import time
from dataclasses import dataclass
from typing import Any

from src.core.conversation_tables import MediaState
from src.core.errors import MetaBusy, MetaDenied, MetaError, MetaRejected, MetaUnreachable
from src.core.instance import Instance
from src.core.meta_client import Line, retry_seconds
from src.core.meta_media import MediaTooLarge, fetch_media
from src.messages.hearing.files import begins_as, is_taken, most_bytes, plain

FETCH_SECONDS = 15.0  # for one try
TRIES = 3  # at most: Meta shuts out who asks in vain five times an hour


@dataclass(frozen=True)
class File:
    """A customer's file; its type is declared by Meta and borne out by its first bytes."""

    mime: str
    content: bytes


class NotOpened(Exception):
    """A file was refused by its type or size, or Meta did not give it; `reason` says why."""

    def __init__(self, state: MediaState, reason: str) -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason


def fetch(instance: Instance, line: Line, kind: str, node: Any, deadline: float) -> File:
    """The file of a message of this kind, whose `node` names it. Raises `NotOpened`."""
    told = node if isinstance(node, dict) else {}
    if not is_taken(kind, str(told.get("mime_type"))):
        raise NotOpened(MediaState.REFUSED, "type")
    try:
        content, mime = _fetch(
            instance, line, str(told.get("id")), most_bytes(kind, instance.settings), deadline
        )
    except MediaTooLarge:
        raise NotOpened(MediaState.REFUSED, "too large") from None
    except MetaError as error:
        raise NotOpened(MediaState.FAILED, _reason(error)) from error
    if not (is_taken(kind, mime) and begins_as(mime, content)):
        raise NotOpened(MediaState.REFUSED, "type")
    return File(plain(mime), content)


def _fetch(
    instance: Instance, line: Line, media_id: str, max_bytes: int, deadline: float
) -> tuple[bytes, str]:
    """Tries again what may pass, as long as there is time for it. Raises MetaError's children."""
    for attempt in range(1, TRIES + 1):
        seconds = min(FETCH_SECONDS, deadline - time.monotonic())
        try:
            return fetch_media(instance.meta, line, media_id, max_bytes, seconds)
        except (MetaBusy, MetaUnreachable) as error:
            wait = retry_seconds(error, attempt)
            if attempt == TRIES or time.monotonic() + wait >= deadline:
                raise
        time.sleep(wait)
    raise AssertionError("the last try returns or raises")


def _reason(error: MetaError) -> str:
    if isinstance(error, MetaDenied):
        return "denied"
    return "gone" if isinstance(error, MetaRejected) else "away"
