"""What a conversation waits with that must be heard or seen, and where what was heard is written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, bindparam, select, update

from src.accounts.versions import load_config
from src.core import access
from src.core.agent_config import AgentConfig
from src.core.conversation_tables import MediaState, media
from src.core.database import AnyRow, insert_into, now_ms
from src.core.instance import Instance
from src.core.meta_client import Line
from src.core.models import AgentStatus, agents, conversations, messages, numbers
from src.core.states import MessageState
from src.messages import window
from src.messages.brain.money import Payer
from src.messages.hearing.fetching import File
from src.messages.hearing.heard import Heard

KINDS = ("audio", "image", "document", "video")
_MOST = 200  # as many as a turn answers

_A, _C, _M, _N = agents.c, conversations.c, messages.c, numbers.c
_HERE = bindparam("here", type_=BigInteger)
_WAITING = (
    select(_M.id, _M.kind, _M.content, _M.sent_at, _M.received_at, now_ms().label("now"))
    .where(_M.conversation_id == _HERE, _M.state == MessageState.RECEIVED, _M.heard.is_(None))
    .where(_M.kind.in_(KINDS))
    .order_by(_M.id)
    .limit(_MOST)
)
_LIVE = (_A.phone_number_id == _C.phone_number_id) & (_A.status == AgentStatus.LIVE)
_OF = (
    select(_A.id.label("agent_id"), _A.version, _C.phone_number_id, _C.user_key, _C.wa_key, *access.COLUMNS)
    .join_from(conversations, agents, _LIVE)
    .join(numbers, _N.phone_number_id == _C.phone_number_id, isouter=True)
    .where(_C.id == _HERE)
)


@dataclass(frozen=True)
class Listener:
    """For whom is listened: the agent with its version, the number that Meta gives files to, and who pays."""

    conversation_id: int
    config: AgentConfig
    line: Line
    payer: Payer


def waiting(session: Connection, conversation_id: int, reply_max_age: int) -> Sequence[AnyRow]:
    """The messages with a file that nobody has looked at, oldest first; not those that are too old for the bot."""
    rows = session.execute(_WAITING, {"here": conversation_id})
    return [row for row in rows if not window.is_late(row.sent_at, row.now, reply_max_age)]


def listener(session: Connection, instance: Instance, conversation_id: int) -> Listener | None:
    """Who listens in this conversation; None without a live agent."""
    row = session.execute(_OF, {"here": conversation_id, **access.given(instance)}).first()
    if row is None:
        return None
    return Listener(
        conversation_id,
        load_config(session, row.agent_id, row.version),
        access.line_of(instance, row.phone_number_id, row),
        Payer(row.agent_id, bytes(row.user_key or row.wa_key)),
    )


def kept(session: Connection, message_id: int) -> File | None:
    """A recording that was fetched before, with its type, when its words could not be had then."""
    c = media.c
    row = session.execute(
        select(c.content, c.mime).where(c.message_id == message_id, c.state == MediaState.FETCHED)
    ).first()
    return None if row is None or row.content is None else File(row.mime, row.content)


def settle(session: Connection, message: AnyRow, heard: Heard) -> bool:
    """Writes down what was heard; False when another has, whose word stands. Safe to call twice."""
    mine = update(messages).where(*_is(message), _M.heard.is_(None))
    return session.execute(mine.values(heard=heard.stored())).rowcount == 1


def _is(message: AnyRow) -> tuple[ColumnElement[bool], ...]:
    """That very message: SQLite gives the id of one that was erased to another."""
    return (_M.id == message.id, _M.received_at == message.received_at)


def keep(session: Connection, message: AnyRow, state: MediaState, **values: Any) -> None:
    """Writes down what became of a message's file; `content` is sealed. Safe to call twice.

    Nothing is kept where the message's customer was erased meanwhile.
    """
    there = select(_M.id).where(*_is(message)).with_for_update(read=True)
    if session.execute(there).first() is None:
        return
    row = {"message_id": message.id, "state": state, "created_at": now_ms()}
    row |= {"mime": None, "size": None, "content": None, "reason": None} | values
    insert = insert_into(session.dialect.name, media).values(row)
    changes = {key: value for key, value in row.items() if key not in ("message_id", "created_at")}
    session.execute(insert.on_conflict_do_update(index_elements=["message_id"], set_=changes))
