"""What a person sees first: which conversations wait for a person, since when, and how long one may still reply."""

import re
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, bindparam, select

from src.accounts.key_holder import KeyHolder
from src.accounts.versions import load_config, row_of
from src.core.database import AnyRow, now_ms
from src.core.errors import ConversationNotFound, Invalid
from src.core.models import AgentStatus, agents, conversations, messages, replies
from src.core.states import Holder, ReplyState
from src.messages import opt_out, window
from src.messages.content import said_by_customer, said_by_us
from src.messages.search import EVERYTHING, Narrowed, Search, narrow

_A, _C, _M, _R = agents.c, conversations.c, messages.c, replies.c
_ORDER = (Holder.WAITING, Holder.PERSON, Holder.BOT)
_CURSOR = re.compile(r"(waiting|person|bot)\.(-?\d{1,18})\.(\d{1,18})")
_THERE = (_A.phone_number_id == _C.phone_number_id) & (_A.status != AgentStatus.REMOVED)
_SUMMARY = select(conversations, _A.id.label("agent_id"), _A.version, now_ms().label("now")).join_from(
    conversations, agents, _THERE, isouter=True
)
_HERE = bindparam("here", type_=BigInteger)
_LAST_ASKED = (
    select(_M.kind, _M.content, _M.received_at.label("at"))
    .where(_M.conversation_id == _HERE)
    .order_by(_M.id.desc())
    .limit(1)
)
_LAST_SAID = (
    select(_R.author, _R.content, _R.created_at.label("at"))
    .where(_R.conversation_id == _HERE, _R.state.not_in((ReplyState.FAILED, ReplyState.WITHHELD)))
    .order_by(_R.id.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Page:
    """Which conversations to list; `after` is the `next` of the page before."""

    limit: int
    holder: Holder | None = None
    agent_id: str | None = None
    after: str | None = None
    search: Search = EVERYTHING


def list_conversations(session: Connection, key_holder: KeyHolder, page: Page) -> dict[str, Any]:
    """{conversations, next}: those that wait first, the longest waiting before; then the newest. Raises `Invalid`.

    `next` is None on the last page. Raises `AgentNotFound` for an agent that is not there.
    """
    agent = None if page.agent_id is None else row_of(session, key_holder, page.agent_id)
    narrowed = narrow(session, page.search, agent)
    begin, place, after_id = _place(page.after)
    found: list[dict[str, Any]] = []
    cursor = None
    for holder in _ORDER[_ORDER.index(begin) :]:
        if page.holder in (None, holder):
            segment = _segment(key_holder, page, holder).where(*narrowed.conditions)
            if place is not None and holder == begin:
                segment = segment.where(_after(holder, place, after_id))
            for row in _first(session, segment, narrowed, page.limit + 1 - len(found)):
                if len(found) == page.limit:
                    return {"conversations": found, "next": cursor}
                found.append({**summary(session, row), "last": _last(session, row.id)})
                cursor = f"{holder}.{row.held_at if holder == Holder.WAITING else row.last_at}.{row.id}"
    return {"conversations": found, "next": None}


def _first(session: Connection, segment: Select[Any], narrowed: Narrowed, most: int) -> list[AnyRow]:
    if narrowed.wanted is None:
        return list(session.execute(segment.limit(most)).all())
    return list(islice(filter(narrowed.wanted, session.execute(segment)), most))


def _place(after: str | None) -> tuple[Holder, int | None, int]:
    if after is None:
        return Holder.WAITING, None, 0
    match = _CURSOR.fullmatch(after)
    if match is None:
        message = "is not the `next` of a page"
        raise Invalid(f"after {message}", errors=[{"field": "after", "message": message}])
    return Holder(match[1]), int(match[2]), int(match[3])


def _segment(key_holder: KeyHolder, page: Page, holder: Holder) -> Select[Any]:
    order = (_C.held_at, _C.id) if holder == Holder.WAITING else (_C.last_at.desc(), _C.id.desc())
    found = _SUMMARY.where(_C.holder == holder, *seen_by(key_holder)).order_by(*order)
    return found if page.agent_id is None else found.where(_A.id == page.agent_id)


def _after(holder: Holder, place: int, conversation_id: int) -> Any:
    if holder == Holder.WAITING:
        return (_C.held_at > place) | ((_C.held_at == place) & (_C.id > conversation_id))
    return (_C.last_at < place) | ((_C.last_at == place) & (_C.id < conversation_id))


def seen_by(key_holder: KeyHolder) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a conversation is there for the key holder: its number has an agent of their tenant."""
    mine = key_holder.sees(_A.tenant)
    return (select(_A.id).where(_THERE, *mine).correlate(conversations).exists(),) if mine else ()


def find_summary(session: Connection, key_holder: KeyHolder, conversation_id: int) -> dict[str, Any]:
    """One conversation as `summary` tells it. Raises `ConversationNotFound`."""
    row = session.execute(_SUMMARY.where(_C.id == conversation_id, *seen_by(key_holder))).first()
    if row is None:
        raise ConversationNotFound(
            f"no conversation has the id {conversation_id}; GET /conversation lists them"
        )
    return summary(session, row)


def summary(session: Connection, row: AnyRow) -> dict[str, Any]:
    """Who writes, who answers, since when and how much longer, whether they want nothing more; times in ms."""
    return {
        "id": row.id,
        "agent_id": row.agent_id,
        "phone_number_id": row.phone_number_id,
        "customer": row.customer,
        "holder": row.holder,
        "reason": row.reason,
        "waiting_since": row.held_at if row.holder == Holder.WAITING else None,
        "returns_at": _returns_at(session, row),
        "unanswered_since": row.unanswered_since,
        "opted_out_at": opt_out.since(session, row.id),
        "last_at": row.last_at,
        "window_open": window.is_open(row.last_inbound_at, row.now),
        "window_closes_at": window.closes_at(row.last_inbound_at),
    }


def _returns_at(session: Connection, row: AnyRow) -> int | None:
    """When it goes back to the bot by itself, if people stay silent."""
    if row.agent_id is None or row.holder == Holder.BOT:
        return None
    minutes = load_config(session, row.agent_id, row.version).handoff.return_minutes
    return None if minutes is None else row.held_at + minutes * 60_000


def _last(session: Connection, conversation_id: int) -> dict[str, Any] | None:
    """What was said last: {from, at, text}; `text` is None where there were no words."""
    here = {"here": conversation_id}
    asked = session.execute(_LAST_ASKED, here).first()
    said = session.execute(_LAST_SAID, here).first()
    if said is not None and (asked is None or said.at >= asked.at):
        return {"from": said.author, "at": said.at, "text": said_by_us(said.content)}
    if asked is None:
        return None
    return {"from": "customer", "at": asked.at, "text": said_by_customer(asked.kind, asked.content)}
