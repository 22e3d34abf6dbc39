"""The tables. Times are milliseconds since 1970, UTC, by the database's clock."""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import String, TypeDecorator
from sqlmodel import Field, SQLModel

from src.core.sealed import Sealed
from src.core.states import Holder, MessageState, ReplyState

# SQLite numbers rows by itself only in a column declared INTEGER.
_Id = BigInteger().with_variant(Integer, "sqlite")


class _Word(TypeDecorator[Any]):
    """An enum kept as its word."""

    impl = String(16)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_result_value(self, value: str | None, dialect: Any) -> StrEnum | None:
        return None if value is None else self.words(value)


class AgentStatus(StrEnum):
    """Whether an agent answers."""

    LIVE = "live"
    PAUSED = "paused"
    REMOVED = "removed"


class Author(StrEnum):
    """Who wrote a reply."""

    BOT = "bot"
    PERSON = "person"


def _id() -> Any:
    return Field(default=None, sa_column=Column(_Id, primary_key=True))


def _column(kind: Any, *args: Any, **options: Any) -> Any:
    options.setdefault("nullable", False)
    return Field(sa_column=Column(kind, *args, **options))


def _time(**options: Any) -> Any:
    return _column(BigInteger, **options)


def _part_of(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of the rows that matter: it stays small, however many others there are."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


class Number(SQLModel, table=True):
    """A business number and its Phone Number ID with Meta."""

    phone_number_id: str = _column(String(64), primary_key=True)
    phone_number: str = _column(String(20), unique=True)
    waba_id: str | None = _column(String(64), nullable=True)
    access_token: str | None = _column(Sealed("number.access_token"), nullable=True)
    app_secret: str | None = _column(Sealed("number.app_secret"), nullable=True)
    created_at: int = _time()


class Agent(SQLModel, table=True):
    """A bot of a client's, reached by one number."""

    __table_args__ = (
        _part_of("agent_number_once", "phone_number", where="status <> 'removed'", unique=True),
        _part_of("agent_id_once", "phone_number_id", where="status <> 'removed'", unique=True),
    )
    id: str = _column(String(40), primary_key=True)
    phone_number: str = _column(String(20))
    phone_number_id: str = _column(String(64))
    status: AgentStatus = _column(_Word(AgentStatus))
    version: int = _column(Integer)
    next_faq: int = _column(Integer)  # the number of the next FAQ's id: an id is never used again
    created_at: int = _time()


class AgentVersion(SQLModel, table=True):
    """What an agent was told, and when; never changed afterwards."""

    __tablename__ = "agent_version"
    agent_id: str = _column(String(40), ForeignKey("agent.id"), primary_key=True)
    version: int = _column(Integer, primary_key=True)
    config: dict[str, Any] = _column(Sealed("agent_version.config"))
    change: str = _column(String(40))
    created_at: int = _time()


class Conversation(SQLModel, table=True):
    """A customer's thread with one number: who they are, who answers, what is due, who holds the lease."""

    __table_args__ = (
        UniqueConstraint("phone_number_id", "user_key"),
        UniqueConstraint("phone_number_id", "wa_key"),
        _part_of("conversation_due", "due_at", where="due_at IS NOT NULL AND holder = 'bot'"),
        _part_of("conversation_unread", "unread_id", where="unread_id IS NOT NULL AND holder = 'bot'"),
        Index("conversation_holder", "holder", "last_at"),
    )
    id: int = _id()
    phone_number_id: str = _column(String(64))
    user_key: bytes | None = _column(LargeBinary(16), nullable=True)  # keyed hash of user_id
    wa_key: bytes | None = _column(LargeBinary(16), nullable=True)  # keyed hash of wa_id
    customer: dict[str, Any] = _column(Sealed("conversation.customer"))
    customer_key: bytes = _column(LargeBinary(16))  # keyed hash of `customer`: tells whether it changed
    holder: Holder = _column(_Word(Holder))
    reason: str | None = _column(String(40), nullable=True)  # why a person is needed
    held_at: int | None = _time(nullable=True)
    last_inbound_at: int | None = _time(
        nullable=True
    )  # Meta's time of the newest message: the window counts from it
    last_at: int = _time()
    unanswered_since: int | None = _time(nullable=True)
    due_at: int | None = _time(nullable=True)
    fence: int = _column(Integer)
    lease_until: int | None = _time(nullable=True)
    redrafts: int = _column(Integer)
    failures: int = _column(Integer)
    unread_id: int | None = _column(BigInteger, nullable=True)  # the newest message whose receipt we owe
    created_at: int = _time()


class Message(SQLModel, table=True):
    """What a customer sent."""

    __table_args__ = (Index("message_conversation", "conversation_id", "id"),)
    id: int = _id()
    conversation_id: int = _column(BigInteger, ForeignKey("conversation.id"))
    state: MessageState = _column(_Word(MessageState))
    kind: str = _column(String(40))
    content: dict[str, Any] = _column(Sealed("message.content"))  # Meta's message object
    sent_at: int = _time()
    received_at: int = _time()
    turn_id: int | None = _column(BigInteger, nullable=True)
    correlation_id: str | None = _column(String(32), nullable=True)


class Seen(SQLModel, table=True):
    """Keyed hashes of the messages that Meta has delivered; Meta repeats for seven days, we remember for 30 at least."""

    key: bytes = _column(LargeBinary(16), primary_key=True)
    seen_at: int = _time(index=True)


class Turn(SQLModel, table=True):
    """One decision about all that waited in a conversation."""

    __table_args__ = (Index("turn_conversation", "conversation_id", "id"),)
    id: int = _id()
    conversation_id: int = _column(BigInteger, ForeignKey("conversation.id"))
    agent_id: str = _column(String(40))
    agent_version: int = _column(Integer)
    decision: str = _column(String(16))
    brain: str = _column(String(16))
    detail: dict[str, Any] = _column(Sealed("turn.detail"))  # text, sources, options, ranking
    messages: int = _column(Integer)
    correlation_id: str | None = _column(String(32), nullable=True)
    created_at: int = _time()


class Reply(SQLModel, table=True):
    """What we send to a customer: one part of a turn's answer, or a person's words."""

    __table_args__ = (
        UniqueConstraint("turn_id", "part"),
        _part_of(
            "reply_due", "state", "next_attempt_at", where="state IN ('queued', 'sending', 'uncertain')"
        ),
        Index("reply_conversation", "conversation_id", "id"),
    )
    id: int = _id()
    conversation_id: int = _column(BigInteger, ForeignKey("conversation.id"))
    turn_id: int | None = _column(BigInteger, ForeignKey("turn.id"), nullable=True)
    part: int = _column(Integer)
    author: Author = _column(_Word(Author))
    state: ReplyState = _column(_Word(ReplyState))
    content: dict[str, Any] = _column(Sealed("reply.content"))  # Meta's message object without its address
    tracker: str = _column(String(40), unique=True)
    wamid_key: bytes | None = _column(LargeBinary(16), nullable=True, index=True)
    attempts: int = _column(Integer)
    next_attempt_at: int | None = _time(nullable=True)
    lease_until: int | None = _time(nullable=True)
    asked_at: int = _time()  # when the oldest message that it answers came
    sent_at: int | None = _time(nullable=True)
    reason: str | None = _column(String(200), nullable=True)
    created_at: int = _time()


class Receipt(SQLModel, table=True):
    """A status of Meta's about a message of ours."""

    __table_args__ = (UniqueConstraint("wamid_key", "status"),)
    id: int = _id()
    wamid_key: bytes = _column(LargeBinary(16))
    status: str = _column(String(16))
    tracker: str | None = _column(String(48), nullable=True)
    code: int | None = _column(Integer, nullable=True)
    at: int = _time()
    received_at: int = _time()


class Notice(SQLModel, table=True):
    """A part of a webhook that is neither message nor status, or that we do not understand: kept, never refused."""

    id: int = _id()
    field: str = _column(String(64))
    content: Any = _column(Sealed("notice.content"))
    received_at: int = _time()


class Idempotency(SQLModel, table=True):
    """The answer given to a request with an Idempotency-Key."""

    key: bytes = _column(LargeBinary(16), primary_key=True)
    request: bytes = _column(LargeBinary(16))
    answer: dict[str, Any] = _column(Sealed("idempotency.answer"))
    created_at: int = _time()


class Process(SQLModel, table=True):
    """A process of this instance, with the time of its last heartbeat."""

    id: str = _column(String(40), primary_key=True)
    kind: str = _column(String(16))  # web, worker, beat
    version: str = _column(String(20))
    host: str = _column(String(64))
    started_at: int = _time()
    seen_at: int = _time()


class Chore(SQLModel, table=True):
    """When a piece of periodic work was last taken up; several clocks agree by it."""

    name: str = _column(String(40), primary_key=True)
    begun_at: int = _time()


def _table(model: type[SQLModel]) -> Table:
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found


numbers = _table(Number)
agents = _table(Agent)
agent_versions = _table(AgentVersion)
conversations = _table(Conversation)
messages = _table(Message)
seen = _table(Seen)
turns = _table(Turn)
replies = _table(Reply)
receipts = _table(Receipt)
notices = _table(Notice)
idempotency = _table(Idempotency)
processes = _table(Process)
chores = _table(Chore)
