"""Narrows a list of conversations: by customer and dates in the database, by name and words by opening one agent's days."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NoReturn

from sqlalchemy import ColumnElement, Connection, select

from src.core import audit
from src.core.database import AnyRow
from src.core.errors import Invalid
from src.core.models import Author, conversations, messages, replies
from src.messages import hearing
from src.messages.content import said_by_customer, said_by_us
from src.messages.identity import keys_of
from src.messages.words import fold

SHORTEST, LONGEST = 2, 200  # characters of a name or of words
_C, _M, _R = conversations.c, messages.c, replies.c


@dataclass(frozen=True)
class Search:
    """What is looked for; all of it must fit. Days are UTC's, both included."""

    customer: str | None = None
    name: str | None = None
    text: str | None = None
    since: date | None = None
    until: date | None = None


EVERYTHING = Search()


@dataclass(frozen=True)
class Narrowed:
    """Conditions for the database, and what only an opened row can tell; `wanted` is None where nothing is opened."""

    conditions: tuple[ColumnElement[bool], ...]
    wanted: Callable[[AnyRow], bool] | None


def narrow(session: Connection, search: Search, agent: AnyRow | None) -> Narrowed:
    """What to look for, at `agent`'s number where names or words are. Raises `Invalid`, which names the field."""
    if search.since and search.until and search.until < search.since:
        _refuse("until", "is before `since`")
    conditions = list(_within(_C.created_at, _C.last_at, search))
    if search.customer is not None:
        conditions.append(keys_of(session.dialect.keyring, search.customer).match())  # type: ignore[attr-defined]
    tests: list[Callable[[AnyRow], bool]] = []
    if search.name is not None:
        asked = _asked("name", search.name, agent).split()
        tests.append(lambda row: _is_called(row.customer, asked))
    if search.text is not None:
        words = _asked("text", search.text, agent)
        assert agent is not None
        said = _where_said(session, agent.phone_number_id, words, search)
        tests.append(lambda row: row.id in said)
    return Narrowed(tuple(conditions), (lambda row: all(one(row) for one in tests)) if tests else None)


def note(session: Connection, search: Search, agent_id: str | None) -> None:
    """Writes into the audit log that conversations were listed, or for whom or at which agent they were searched."""
    if search == EVERYTHING:
        audit.note(session, "listed", "conversations")
        return
    keyring = session.dialect.keyring  # type: ignore[attr-defined]
    what = "conversations" if agent_id is None else f"conversations of {agent_id}"
    if search.customer is not None:
        what = audit.of_customer(keys_of(keyring, search.customer).first)
    audit.note(session, "searched", what)


def _within(begun: Any, last: Any, search: Search) -> list[ColumnElement[bool]]:
    """What had not ended before the first day, nor begun after the last."""
    found = []
    if search.since is not None:
        found.append(last >= _begin_of(search.since))
    if search.until is not None:
        found.append(begun < _begin_of(search.until) + 24 * 3600 * 1000)
    return found


def _begin_of(day: date) -> int:
    return (
        datetime(day.year, day.month, day.day, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    ) // timedelta(milliseconds=1)


def _asked(field: str, given: str, agent: AnyRow | None) -> str:
    words = _plain(given)
    if not SHORTEST <= len(words) <= LONGEST:
        _refuse(field, f"must have {SHORTEST} to {LONGEST} characters")
    if agent is None:
        _refuse(field, "is looked for within one agent: say which with `agent`")
    return words


def _refuse(field: str, message: str) -> NoReturn:
    raise Invalid(f"{field} {message}", errors=[{"field": field, "message": message}])


def _plain(text: str) -> str:
    """Without case, accents and more than one space between words."""
    return " ".join(fold(text).split())


def _is_called(customer: dict[str, str], asked: list[str]) -> bool:
    """Does each word begin a word of the customer's name?"""
    known = " ".join(customer[key] for key in ("name", "username") if customer.get(key))
    called = _plain(known).split()
    return all(any(word.startswith(one) for word in called) for one in asked)


def _where_said(session: Connection, phone_number_id: str, words: str, search: Search) -> set[int]:
    """The conversations of a number in which either side has said these words: each text of it is opened."""
    here = _C.phone_number_id == phone_number_id
    asked = (
        select(_M.conversation_id, _M.kind, _M.content, _M.heard)
        .join(conversations, _C.id == _M.conversation_id)
        .where(here, *_within(_M.received_at, _M.received_at, search))
    )
    answered = (
        select(_R.conversation_id, _R.content)
        .join(conversations, _C.id == _R.conversation_id)
        .where(here, _R.author != Author.ALERT, *_within(_R.created_at, _R.created_at, search))
    )
    found = {row.conversation_id for row in session.execute(asked) if words in _plain(_said(row))}
    return found | {
        row.conversation_id
        for row in session.execute(answered)
        if words in _plain(said_by_us(row.content) or "")
    }


def _said(row: AnyRow) -> str:
    """The customer's own words, what a recording says, or the label they tapped."""
    return hearing.words(row.kind, row.content, row.heard) or said_by_customer(row.kind, row.content) or ""
