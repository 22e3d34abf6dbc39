"""Whose data are asked for: a customer's conversations at every number that the key_holder sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import ColumnElement, Connection, or_, select

from src.accounts.key_holder import KeyHolder
from src.core.brain_tables import spending
from src.core.database import AnyRow
from src.core.errors import CustomerNotFound
from src.core.keyring import Keyring
from src.core.models import agents, conversations
from src.messages.conversations import seen_by
from src.messages.identity import keys_of

_C = conversations.c


@dataclass(frozen=True)
class Person:
    """A customer: `key` is the hash by which they were asked for, `rows` are their conversations, oldest first."""

    key: bytes
    rows: tuple[AnyRow, ...]

    @property
    def ids(self) -> list[int]:
        return [row.id for row in self.rows]

    @property
    def numbers(self) -> set[str]:
        """The business numbers (Phone Number IDs) they wrote to."""
        return {row.phone_number_id for row in self.rows}

    @cached_property
    def names(self) -> frozenset[str]:
        """What Meta calls them by: numbers and user ids, never the name that they gave themselves."""
        known = (row.customer.get(key) for row in self.rows for key in ("wa_id", "user_id"))
        return frozenset(name for name in known if name)

    @property
    def keys(self) -> set[bytes]:
        return {bytes(key) for row in self.rows for key in (row.user_key, row.wa_key) if key is not None}


def find_person(
    session: Connection, keyring: Keyring, key_holder: KeyHolder, written: str, *, lock: bool = False
) -> Person:
    """Who has this number (in any spelling) or user id. Locked, no turn, send or webhook of theirs goes on meanwhile.

    Raises `CustomerNotFound`, also for whom only another tenant knows; `Invalid`.
    """
    asked = keys_of(keyring, written)
    statement = select(conversations).where(*seen_by(key_holder)).order_by(_C.id)
    statement = statement.with_for_update() if lock else statement
    first = session.execute(statement.where(asked.match())).all()
    if not first:
        raise CustomerNotFound(
            "no conversation is with this number or user id: who wrote more than the days of retention ago is "
            "forgotten by now"
        )
    rows = session.execute(statement.where(_same(first))).all()
    return Person(asked.first, tuple(rows))


def _same(rows: Sequence[AnyRow]) -> ColumnElement[bool]:
    """These, and at other numbers who has the same user id; or, where none is known, the same number."""
    users = [row.user_key for row in rows if row.user_key is not None]
    numbers = [row.wa_key for row in rows if row.wa_key is not None]
    return or_(
        _C.id.in_([row.id for row in rows]),
        _C.user_key.in_(users),
        _C.user_key.is_(None) & _C.wa_key.in_(numbers),
    )


def spent_by(session: Connection, person: Person) -> ColumnElement[bool]:
    """Which rows of `spending` are theirs alone: not where a conversation that the key_holder does not see has the key."""
    others = select(_C.user_key, _C.wa_key).where(
        _C.user_key.in_(person.keys) | _C.wa_key.in_(person.keys), _C.id.not_in(person.ids)
    )
    shared = {bytes(key) for row in session.execute(others) for key in row if key is not None}
    return spending.c.scope.in_([f"customer:{key.hex()}" for key in person.keys - shared])


def agent_of(session: Connection, row: AnyRow) -> AnyRow | None:
    """The agent at the number of a conversation that is not removed: id and version."""
    a = agents.c
    here = (a.phone_number_id == row.phone_number_id, a.status != "removed")
    return session.execute(select(a.id, a.version).where(*here)).first()
