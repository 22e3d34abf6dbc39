"""The tables of what belongs to a conversation beside its messages: media, actions, notes, alerts to people."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.types import String
from sqlmodel import SQLModel

from src.core.columns import Word, column, part_of, row_id, table_of, time
from src.core.keyring import Purpose
from src.core.sealed import Sealed, SealedBytes


class MediaState(StrEnum):
    """What became of a file that a customer sent."""

    FETCHED = "fetched"
    REFUSED = "refused"  # its size or type is not taken
    FAILED = "failed"  # Meta did not give it


class ActionState(StrEnum):
    """What became of a tool's call."""

    PROPOSED = "proposed"  # the customer was asked
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    EXPIRED = "expired"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    TOLD = "told"  # it only read: nobody was asked
    MISSED = "missed"  # … and brought nothing


class AlertState(StrEnum):
    """What became of a call to a person."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"  # nobody waits any more, or the owner has taken the channel away


class Media(SQLModel, table=True):
    """A file that a customer sent, as we fetched it."""

    message_id: int = column(BigInteger, ForeignKey("message.id"), primary_key=True)
    state: MediaState = column(Word(MediaState))
    mime: str | None = column(String(100), nullable=True)
    size: int | None = column(Integer, nullable=True)
    content: bytes | None = column(SealedBytes("media.content"), nullable=True)
    reason: str | None = column(String(40), nullable=True)
    created_at: int = time(index=True)


class Action(SQLModel, table=True):
    """A tool of the owner's that the model wants called: asked, confirmed, run, once."""

    __table_args__ = (Index("action_conversation", "conversation_id", "id"),)
    id: int = row_id()
    conversation_id: int = column(BigInteger, ForeignKey("conversation.id"))
    turn_id: int | None = column(BigInteger, nullable=True)
    call_id: str = column(String(40), unique=True)
    tool: str = column(String(48))
    arguments: dict[str, Any] = column(Sealed("action.arguments", Purpose.CONTENT, "{}"))
    state: ActionState = column(Word(ActionState))
    result: dict[str, Any] | None = column(Sealed("action.result", Purpose.CONTENT, "{}"), nullable=True)
    created_at: int = time()
    settled_at: int | None = time(nullable=True)


class Note(SQLModel, table=True):
    """What people write about a conversation, for people."""

    __table_args__ = (Index("note_conversation", "conversation_id", "id"),)
    id: int = row_id()
    conversation_id: int = column(BigInteger, ForeignKey("conversation.id"))
    text: str = column(Sealed("note.text", Purpose.CONTENT, '""'))
    created_at: int = time()


class Alert(SQLModel, table=True):
    """A call to a person that a conversation waits: one for each channel and hand-off."""

    __table_args__ = (
        UniqueConstraint("conversation_id", "held_at", "channel"),
        part_of("alert_due", "next_attempt_at", where="state = 'queued'"),
    )
    id: int = row_id()
    conversation_id: int = column(BigInteger, ForeignKey("conversation.id"))
    held_at: int = time()  # of the hand-off
    channel: str = column(String(16))  # webhook, email, whatsapp
    reason: str = column(String(40))
    state: AlertState = column(Word(AlertState))
    attempts: int = column(Integer)
    next_attempt_at: int = time()
    error: str | None = column(String(200), nullable=True)
    created_at: int = time()
    settled_at: int | None = time(nullable=True)


media = table_of(Media)
actions = table_of(Action)
notes = table_of(Note)
alerts = table_of(Alert)
