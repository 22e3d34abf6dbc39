"""Who writes: finds the conversation of each message's customer, or makes it, and learns what is new of them."""

import secrets
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from sqlalchemy import CompoundSelect, Connection, bindparam, select, union_all, update

from src.core.database import AnyRow, insert_into
from src.core.keyring import Keyring, Purpose
from src.core.meta_types import Inbound
from src.core.models import conversations
from src.core.states import Holder

_FENCES = 2**30


@dataclass(frozen=True)
class _Known:
    """A message with the keyed hashes by which its customer is found, each reckoned once."""

    message: Inbound
    user_key: bytes | None
    wa_key: bytes | None
    customer: dict[str, str]
    customer_key: bytes  # tells whether what is known of the customer has changed

    @property
    def number(self) -> str:
        return self.message.phone_number_id


_Found = dict[tuple[str, bytes], AnyRow]  # conversations by number and each of their customer's keys


def conversations_of(session: Connection, keyring: Keyring, arrived: list[Inbound], now: int) -> list[int]:
    """The id of each message's conversation; made where there is none."""
    fresh = [_know(keyring, message) for message in arrived]
    found: _Found = {}
    _load(session, fresh, found)
    unknown = [known for known in fresh if _find(known, found) is None]
    if unknown:
        rows = [_new_conversation(known, now) for known in unknown]
        session.execute(insert_into(session.dialect.name, conversations).on_conflict_do_nothing(), rows)
        _load(session, unknown, found)
    ids = []
    for known in fresh:
        row = _find(known, found)
        assert row is not None
        if row.customer_key != known.customer_key:
            _learn(session, known, row)
            _load(session, [known], found)
        ids.append(row.id)
    return ids


def _know(keyring: Keyring, message: Inbound) -> _Known:
    ids = {"wa_id": message.wa_id, "user_id": message.user_id}
    customer = {key: found for key, found in {**ids, **message.profile}.items() if found}
    # Who writes is sealed anew once a day, lest their name be forgotten while they still write.
    known = orjson.dumps([customer, keyring.current(Purpose.CONTENT)], option=orjson.OPT_SORT_KEYS).decode()
    return _Known(
        message,
        keyring.lookup(f"user:{message.user_id}") if message.user_id else None,
        keyring.lookup(f"wa:{message.wa_id}") if message.wa_id else None,
        customer,
        keyring.lookup(f"customer:{known}"),
    )


def _load(session: Connection, some: list[_Known], found: _Found) -> None:
    keys = {
        "numbers": list({known.number for known in some}),
        "users": [known.user_key for known in some if known.user_key],
        "telephones": [known.wa_key for known in some if known.wa_key],
    }
    for row in session.execute(_by_keys(), keys):
        for key in (row.user_key, row.wa_key):
            if key is not None:
                found[row.phone_number_id, bytes(key)] = row


@cache
def _by_keys() -> CompoundSelect[*tuple[Any, ...]]:
    """Two index look-ups; one condition with OR would read every conversation of the number."""
    c = conversations.c
    here = c.phone_number_id.in_(bindparam("numbers", expanding=True))
    columns = select(c.id, c.phone_number_id, c.user_key, c.wa_key, c.customer_key)
    return union_all(
        columns.where(here, c.user_key.in_(bindparam("users", expanding=True))),
        columns.where(here, c.wa_key.in_(bindparam("telephones", expanding=True))),
    )


def _find(known: _Known, found: _Found) -> AnyRow | None:
    """The user_id decides; a conversation known by the number alone serves until both are seen together."""
    for key in (known.user_key, known.wa_key):
        if key is not None and (known.number, key) in found:
            return found[known.number, key]
    return None


def _new_conversation(known: _Known, now: int) -> dict[str, Any]:
    return {
        "phone_number_id": known.number,
        "user_key": known.user_key,
        "wa_key": known.wa_key,
        "customer": known.customer,
        "customer_key": known.customer_key,
        "holder": Holder.BOT,
        # SQLite gives a deleted row's id again: a turn that was under way then must not fit the new one's lease.
        "fence": secrets.randbelow(_FENCES),
        "redrafts": 0,
        "failures": 0,
        "last_at": now,
        "created_at": now,
    }


def _learn(session: Connection, known: _Known, row: AnyRow) -> None:
    """Keeps what the message newly tells of its customer; identifiers once known are not forgotten."""
    c = conversations.c
    old: dict[str, str] = session.execute(select(c.customer).where(c.id == row.id)).scalar_one()
    if known.wa_key is not None and known.wa_key != row.wa_key:  # the number has moved to this user
        elsewhere = (c.phone_number_id == known.number, c.wa_key == known.wa_key, c.id != row.id)
        session.execute(update(conversations).where(*elsewhere).values(wa_key=None))
    session.execute(
        update(conversations)
        .where(c.id == row.id)
        .values(
            customer={**old, **known.customer},
            customer_key=known.customer_key,
            user_key=known.user_key or row.user_key,
            wa_key=known.wa_key or row.wa_key,
        )
    )
