"""The states of a message and of a reply, and the only way from one to the next."""

from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, Update, bindparam, update

from src.core.telemetry import MOVES


class MessageState(StrEnum):
    """What became of a customer's message."""

    RECEIVED = "received"  # stored; the conversation is due
    ANSWERED = "answered"  # a turn or a person has answered it
    EXPIRED = "expired"  # too old to be answered by the bot; a person sees it
    IGNORED = "ignored"  # needs no answer, by its kind


class ReplyState(StrEnum):
    """What became of a message of ours."""

    QUEUED = "queued"
    SENDING = "sending"  # written down before the call to Meta; its lease ends by itself
    UNCERTAIN = "uncertain"  # Meta never answered: a status will tell
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    WITHHELD = "withheld"  # the gate said no; the reason stands beside it


class Holder(StrEnum):
    """Who answers in a conversation."""

    BOT = "bot"
    WAITING = "waiting"  # a person is needed
    PERSON = "person"  # a person has taken over


_MESSAGE = MessageState
_REPLY = ReplyState
LEGAL: dict[StrEnum, frozenset[StrEnum]] = {
    _MESSAGE.RECEIVED: frozenset({_MESSAGE.ANSWERED, _MESSAGE.EXPIRED}),
    _MESSAGE.EXPIRED: frozenset({_MESSAGE.ANSWERED}),
    _MESSAGE.ANSWERED: frozenset(),
    _MESSAGE.IGNORED: frozenset(),
    _REPLY.QUEUED: frozenset({_REPLY.SENDING, _REPLY.WITHHELD}),
    _REPLY.SENDING: frozenset(
        {_REPLY.QUEUED, _REPLY.UNCERTAIN, _REPLY.SENT, _REPLY.DELIVERED, _REPLY.READ, _REPLY.FAILED}
    ),
    _REPLY.UNCERTAIN: frozenset({_REPLY.QUEUED, _REPLY.SENT, _REPLY.DELIVERED, _REPLY.READ, _REPLY.FAILED}),
    _REPLY.SENT: frozenset({_REPLY.DELIVERED, _REPLY.READ, _REPLY.FAILED, _REPLY.QUEUED}),
    _REPLY.DELIVERED: frozenset({_REPLY.READ}),
    _REPLY.READ: frozenset(),
    _REPLY.FAILED: frozenset(),
    _REPLY.WITHHELD: frozenset(),
}


class IllegalMove(Exception):
    """The state graph knows no such way."""


@cache
def _move(table: Table, columns: tuple[str, ...]) -> Update:
    given = {name: bindparam(name, type_=table.c[name].type) for name in ("state", *columns)}
    here = table.c.id.in_(bindparam("_ids", expanding=True))
    return update(table).where(here, table.c.state == bindparam("_origin")).values(given)


def move(
    session: Connection,
    table: Table,
    ids: Sequence[int],
    origin: StrEnum,
    target: StrEnum,
    *conditions: Any,
    **values: Any,
) -> int:
    """Moves the rows of `ids` that are still in `origin` to `target` and sets `values`; returns how many moved.

    Compare and set: of two that try, one moves the row. `conditions` narrow it further. Raises `IllegalMove`.
    """
    if target not in LEGAL[origin]:
        raise IllegalMove(f"{table.name}: {origin} to {target}")
    if not ids:
        return 0
    statement = _move(table, tuple(sorted(values)))
    if conditions:
        statement = statement.where(*conditions)
    moved = session.execute(
        statement, {"_ids": list(ids), "_origin": origin, "state": target, **values}
    ).rowcount
    MOVES.labels(table.name, target.value).inc(moved)
    return moved
