"""Collects what a turn must answer: all that waits, what was said before, and the agent's FAQs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, bindparam, select

from src.accounts.versions import load_config
from src.core.agent_config import AgentConfig
from src.core.database import AnyRow, now_ms
from src.core.models import AgentStatus, Author, agents, conversations, messages, replies, turns
from src.core.states import MessageState, ReplyState
from src.messages import hearing, window
from src.messages.content import said_by_customer, said_by_us, tap_of
from src.messages.decision import DecisionKind
from src.messages.hearing import HEARD_KINDS, Behaviour
from src.messages.question import Option, Question, Said

_TURN_MAX = 200  # messages that one turn covers at most
_MEMORY = 20  # messages of each side that a turn remembers
_REMEMBERED_MS = 14 * 24 * 3600 * 1000  # … and for how long

_A, _C, _M, _R = agents.c, conversations.c, messages.c, replies.c
_LIVE = (_A.phone_number_id == _C.phone_number_id) & (_A.status == AgentStatus.LIVE)
_HERE = bindparam("here", type_=BigInteger)
_STATE = (
    select(
        _A.id.label("agent_id"),
        _A.version,
        _C.failures,
        _C.misses,
        _C.customer,
        _C.user_key,
        _C.wa_key,
        now_ms().label("now"),
    )
    .join_from(conversations, agents, _LIVE)
    .where(_C.id == _HERE)
)
_WAITING = (
    select(_M.id, _M.kind, _M.content, _M.heard, _M.sent_at, _M.received_at, _M.correlation_id)
    .where(_M.conversation_id == _HERE, _M.state == MessageState.RECEIVED)
    .order_by(_M.id)
    .limit(_TURN_MAX)
)
_ASKED = (
    select(_M.received_at.label("at"), _M.kind, _M.content, _M.heard)
    .where(_M.conversation_id == _HERE, _M.id < bindparam("before"), _M.received_at > bindparam("since"))
    .order_by(_M.id.desc())
    .limit(_MEMORY)
)
_NEVER_SEEN = (ReplyState.FAILED, ReplyState.WITHHELD)
_ANSWERED = (
    select(_R.created_at.label("at"), _R.content, _R.author, turns.c.decision, turns.c.detail)
    .join(turns, turns.c.id == _R.turn_id, isouter=True)
    .where(
        _R.conversation_id == _HERE,
        _R.created_at > bindparam("since"),
        _R.created_at <= bindparam("until"),
        _R.state.not_in(_NEVER_SEEN),
        _R.author != Author.ALERT,  # in the chat of one of the owner's people, about another customer
    )
    .order_by(_R.id.desc())
    .limit(_MEMORY)
)


@dataclass(frozen=True)
class Gathered:
    """What one turn stands on. `late` are messages that are too old for the bot.

    `customer` is who writes, as Meta names them; `customer_key` stands for them where they need no name. `unheard` is
    true while something that is no text was not listened to or looked at; `heard_cost` is what listening has cost
    (millionths of a dollar).
    """

    agent_id: str
    version: int
    config: AgentConfig
    question: Question
    customer: dict[str, str]
    customer_key: bytes
    ids: tuple[int, ...]
    late: tuple[int, ...]
    asked_at: int
    now: int
    failures: int
    unheard: bool
    heard_cost: int
    correlation_id: str | None


def gather(session: Connection, conversation_id: int, reply_max_age: int) -> Gathered | None:
    """What the turn must answer; None when nothing waits, or when no live agent is there to answer it."""
    here = {"here": conversation_id}
    state = session.execute(_STATE, here).first()
    waiting = sorted(session.execute(_WAITING, here), key=lambda row: (row.sent_at // 1000, row.id))
    if state is None or not waiting:
        return None
    late = tuple(row.id for row in waiting if window.is_late(row.sent_at, state.now, reply_max_age))
    rows = [row for row in waiting if row.id not in late]
    return Gathered(
        agent_id=state.agent_id,
        version=state.version,
        config=load_config(session, state.agent_id, state.version),
        question=question_of(session, conversation_id, rows, state.now, state.misses),
        customer=state.customer,
        customer_key=bytes(state.user_key or state.wa_key),
        ids=tuple(row.id for row in rows),
        late=late,
        asked_at=min((row.received_at for row in rows), default=state.now),
        now=state.now,
        failures=state.failures,
        unheard=any(row.kind in HEARD_KINDS and row.heard is None for row in rows),
        heard_cost=sum(hearing.cost(row.heard) for row in rows),
        correlation_id=waiting[-1].correlation_id,
    )


def question_of(
    session: Connection, conversation_id: int, rows: list[AnyRow], now: int, misses: int
) -> Question:
    """What these messages put to the bot, with what had been said by `now` (ms)."""
    remembered = {"here": conversation_id, "since": now - _REMEMBERED_MS, "until": now}
    asked = session.execute(_ASKED, {**remembered, "before": rows[0].id if rows else 0})
    answered = session.execute(_ANSWERED, remembered).all()
    said = _said([(row.at, _said_in(row)) for row in asked], answered)
    behaviours = [hearing.behaviour(row.kind, row.content, row.heard) for row in rows]
    today = now - window.OPEN_MS
    return Question(
        texts=tuple(text for row in rows if (text := hearing.words(row.kind, row.content, row.heard))),
        context=tuple(one for at, one in said if at > today),
        earlier=tuple(one for at, one in said if at <= today),
        tapped=tuple(tap for row in rows if (tap := tap_of(row.content))),
        offered=_offered(answered, today),
        unreadable=tuple(one for one in behaviours if one != Behaviour.READ),
        images=hearing.images(session, [row.id for row in rows if row.kind == "image"]),
        misses=misses,
    )


def _said_in(row: AnyRow) -> str | None:
    """The words of an earlier message of the customer's, as a person reads or hears them."""
    return hearing.words(row.kind, row.content, row.heard) or said_by_customer(row.kind, row.content)


def _said(asked: list[tuple[int, str | None]], answered: Sequence[AnyRow]) -> list[tuple[int, Said]]:
    """What both sides said and when, in the order in which it was said."""
    said = [(at, Said("customer", text)) for at, text in asked if text]
    said += [(row.at, Said("bot", text)) for row in answered if (text := said_by_us(row.content))]
    return sorted(said, key=lambda pair: pair[0])


def _offered(answered: Sequence[AnyRow], since: int) -> tuple[Option, ...]:
    """The options of our last question, as long as we have said nothing since."""
    newest = answered[0] if answered and answered[0].at > since else None
    if newest is None or newest.author != Author.BOT or newest.decision != DecisionKind.CLARIFY:
        return ()
    return tuple(Option(**option) for option in newest.detail.get("options", ()))
