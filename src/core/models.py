"""The tables of agents and of a message's life. Times are milliseconds since 1970, UTC, by the database's clock."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, UniqueConstraint
from sqlalchemy.types import String
from sqlmodel import SQLModel

from src.core.columns import Word, column, part_of, row_id, table_of, time
from src.core.keyring import Purpose
from src.core.sealed import Sealed
from src.core.states import Holder, MessageState, ReplyState


class AgentStatus(StrEnum):
    """Whether an agent answers."""

    LIVE = "live"
    PAUSED = "paused"
    REMOVED = "removed"


class VersionState(StrEnum):
    """Whether a version of an agent was ever what customers are answered with."""

    DRAFT = "draft"  # made while the agent is gated; it may still go live
    PUBLISHED = "published"  # it is live, or was
    SUPERSEDED = "superseded"  # a draft that what is live has overtaken


class Author(StrEnum):
    """Who wrote a reply."""

    BOT = "bot"
    PERSON = "person"
    ALERT = "alert"  # a call to one of the owner's people, in their own conversation


class Number(SQLModel, table=True):
    """A business number and its Phone Number ID with Meta."""

    phone_number_id: str = column(String(64), primary_key=True)
    phone_number: str = column(String(20), unique=True)
    waba_id: str | None = column(String(64), nullable=True)
    access_token: str | None = column(Sealed("number.access_token"), nullable=True)
    app_secret: str | None = column(Sealed("number.app_secret"), nullable=True)
    created_at: int = time()


class Agent(SQLModel, table=True):
    """A bot of a client's, reached by one number."""

    __table_args__ = (
        part_of("agent_number_once", "phone_number", where="status <> 'removed'", unique=True),
        part_of("agent_id_once", "phone_number_id", where="status <> 'removed'", unique=True),
    )
    id: str = column(String(40), primary_key=True)
    phone_number: str = column(String(20))
    phone_number_id: str = column(String(64))
    tenant: str | None = column(String(64), nullable=True)  # None: it is for keys without a tenant alone
    status: AgentStatus = column(Word(AgentStatus))
    version: int = column(Integer)  # the live one
    next_faq: int = column(Integer)  # the number of the next FAQ's id: an id is never used again
    gated: int = column(Integer, server_default="0")  # 1: a change is a draft until it is published
    created_at: int = time()


class AgentVersion(SQLModel, table=True):
    """What an agent was told, and when; what was told is never changed afterwards."""

    __tablename__ = "agent_version"
    agent_id: str = column(String(40), ForeignKey("agent.id"), primary_key=True)
    version: int = column(Integer, primary_key=True)
    config: dict[str, Any] = column(Sealed("agent_version.config"))
    change: str = column(String(40))
    state: VersionState = column(Word(VersionState), server_default="published")
    created_at: int = time()
    report: dict[str, Any] | None = column(Sealed("agent_version.report"), nullable=True)  # of its gate


class Conversation(SQLModel, table=True):
    """A customer's thread with one number: who they are, who answers, what is due, who holds the lease."""

    __table_args__ = (
        UniqueConstraint("phone_number_id", "user_key"),
        UniqueConstraint("phone_number_id", "wa_key"),
        part_of("conversation_due", "due_at", where="due_at IS NOT NULL AND holder = 'bot'"),
        part_of("conversation_unread", "unread_id", where="unread_id IS NOT NULL AND holder = 'bot'"),
        Index("conversation_holder", "holder", "last_at"),
    )
    id: int = row_id()
    phone_number_id: str = column(String(64))
    user_key: bytes | None = column(LargeBinary(16), nullable=True)  # keyed hash of user_id
    wa_key: bytes | None = column(LargeBinary(16), nullable=True)  # keyed hash of wa_id
    customer: dict[str, Any] = column(Sealed("conversation.customer", Purpose.CONTENT, "{}"))
    customer_key: bytes = column(LargeBinary(16))  # keyed hash of `customer`: tells whether it changed
    holder: Holder = column(Word(Holder))
    reason: str | None = column(String(40), nullable=True)  # why a person is needed
    held_at: int | None = time(nullable=True)
    last_inbound_at: int | None = time(
        nullable=True
    )  # Meta's time of the newest message: the window counts from it
    last_at: int = time()
    unanswered_since: int | None = time(nullable=True)
    due_at: int | None = time(nullable=True)
    fence: int = column(Integer)
    lease_until: int | None = time(nullable=True)
    redrafts: int = column(Integer)
    failures: int = column(Integer)
    misses: int = column(Integer, server_default="0")  # turns without an answer, one after the other
    slot_at: int | None = time(nullable=True)  # of its next call of the model, without what has pushed it on
    unread_id: int | None = column(BigInteger, nullable=True)  # the newest message whose receipt we owe
    created_at: int = time()


class Message(SQLModel, table=True):
    """What a customer sent."""

    __table_args__ = (Index("message_conversation", "conversation_id", "id"),)
    id: int = row_id()
    conversation_id: int = column(BigInteger, ForeignKey("conversation.id"))
    state: MessageState = column(Word(MessageState))
    kind: str = column(String(40))
    content: dict[str, Any] = column(
        Sealed("message.content", Purpose.CONTENT, "{}")
    )  # Meta's message object
    sent_at: int = time()
    received_at: int = time()
    heard: dict[str, Any] | None = column(
        Sealed("message.heard", Purpose.CONTENT, "{}"), nullable=True
    )  # what its media say
    turn_id: int | None = column(BigInteger, nullable=True)
    correlation_id: str | None = column(String(32), nullable=True)


class Seen(SQLModel, table=True):
    """Keyed hashes of the messages that Meta has delivered; Meta repeats for seven days, we remember for 30 at least."""

    key: bytes = column(LargeBinary(16), primary_key=True)
    seen_at: int = time(index=True)


class Turn(SQLModel, table=True):
    """One decision about all that waited in a conversation."""

    __table_args__ = (Index("turn_conversation", "conversation_id", "id"),)
    id: int = row_id()
    conversation_id: int = column(BigInteger, ForeignKey("conversation.id"))
    agent_id: str = column(String(40))
    agent_version: int = column(Integer)
    decision: str = column(String(16))
    brain: str = column(String(16))
    detail: dict[str, Any] = column(
        Sealed("turn.detail", Purpose.CONTENT, "{}")
    )  # text, sources, options, ranking
    messages: int = column(Integer)
    model: str | None = column(String(64), nullable=True)
    cost: int = column(BigInteger, server_default="0")  # millionths of a US dollar
    correlation_id: str | None = column(String(32), nullable=True)
    created_at: int = time()


class Reply(SQLModel, table=True):
    """What we send to a customer: one part of a turn's answer, or a person's words."""

    __table_args__ = (
        UniqueConstraint("turn_id", "part"),
        part_of("reply_due", "state", "next_attempt_at", where="state IN ('queued', 'sending', 'uncertain')"),
        Index("reply_conversation", "conversation_id", "id"),
    )
    id: int = row_id()
    conversation_id: int = column(BigInteger, ForeignKey("conversation.id"))
    turn_id: int | None = column(BigInteger, ForeignKey("turn.id"), nullable=True)
    part: int = column(Integer)
    author: Author = column(Word(Author))
    state: ReplyState = column(Word(ReplyState))
    content: dict[str, Any] = column(
        Sealed("reply.content", Purpose.CONTENT, "{}")
    )  # Meta's message object without its address
    tracker: str = column(String(40), unique=True)
    wamid_key: bytes | None = column(LargeBinary(16), nullable=True, index=True)
    attempts: int = column(Integer)
    next_attempt_at: int | None = time(nullable=True)
    lease_until: int | None = time(nullable=True)
    asked_at: int = time()  # when the oldest message that it answers came
    sent_at: int | None = time(nullable=True)
    reason: str | None = column(String(200), nullable=True)
    created_at: int = time()


class Receipt(SQLModel, table=True):
    """A status of Meta's about a message of ours."""

    __table_args__ = (UniqueConstraint("wamid_key", "status"),)
    id: int = row_id()
    wamid_key: bytes = column(LargeBinary(16))
    status: str = column(String(16))
    tracker: str | None = column(String(48), nullable=True)
    code: int | None = column(Integer, nullable=True)
    at: int = time()
    received_at: int = time()


class Notice(SQLModel, table=True):
    """A part of a webhook that is neither message nor status, or that we do not understand: kept, never refused."""

    id: int = row_id()
    field: str = column(String(64))
    content: Any = column(Sealed("notice.content", Purpose.CONTENT, "{}"))
    received_at: int = time()


numbers = table_of(Number)
agents = table_of(Agent)
agent_versions = table_of(AgentVersion)
conversations = table_of(Conversation)
messages = table_of(Message)
seen = table_of(Seen)
turns = table_of(Turn)
replies = table_of(Reply)
receipts = table_of(Receipt)
notices = table_of(Notice)
