"""The tokens of a holder in the database, and the only ways from one to the next."""

from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from src.accounts.tokens.holders import Holder
from src.core import access
from src.core.database import AnyRow, insert_into
from src.core.keyring import Keyring
from src.core.meta_tokens import Described
from src.core.models import numbers
from src.core.token_tables import TokenState, tokens

_C = tokens.c


def in_state(session: Connection, holder: Holder, state: TokenState) -> AnyRow | None:
    """The holder's oldest token in this state."""
    mine = select(tokens).where(_C.holder == holder.name, _C.state == state)
    return session.execute(mine.order_by(_C.id).limit(1)).first()


def adopt(session: Connection, keyring: Keyring, holder: Holder, now: int) -> AnyRow | None:
    """The token that counts, taken down when the holder was given one that we do not know. Safe to call twice.

    A number's own token counts whenever it is at the number; the environment's only until it has been rotated.
    """
    current = in_state(session, holder, TokenState.CURRENT)
    if holder.given is None:
        return current
    key = keyring.token_key(holder.given)
    if current is not None and (current.key == key or (holder.is_instance and _knows(session, holder, key))):
        return current
    replace(session, keyring, holder, holder.given, now)
    return in_state(session, holder, TokenState.CURRENT)


def _knows(session: Connection, holder: Holder, key: bytes) -> bool:
    mine = select(_C.id).where(_C.holder == holder.name, _C.key == key)
    return session.execute(mine).first() is not None


def replace(session: Connection, keyring: Keyring, holder: Holder, value: str, now: int) -> None:
    """`value` counts from now on, as a person wants it; what it replaces is not revoked, and forgotten."""
    key = keyring.token_key(value)
    mine = (_C.holder == holder.name, _C.state.in_((TokenState.CURRENT, TokenState.FRESH)))
    for row in session.execute(select(_C.key).where(*mine)).all():
        access.allow(session, row.key)
    session.execute(update(tokens).where(*mine).values(state=TokenState.ENDED, since=now, value=None))
    session.execute(delete(tokens).where(_C.holder == holder.name, _C.key == key))
    _add(session, holder, key, value, TokenState.CURRENT, now)
    if not holder.is_instance:
        _give(session, holder, value)
    access.allow(session, key)


def add_fresh(session: Connection, keyring: Keyring, holder: Holder, value: str, now: int) -> bool:
    """Takes down a token that is yet to be proven; False when the holder has one, or this very token, already."""
    return _add(session, holder, keyring.token_key(value), value, TokenState.FRESH, now)


def _add(session: Connection, holder: Holder, key: bytes, value: str, state: TokenState, now: int) -> bool:
    row: dict[str, Any] = {"holder": holder.name, "key": key, "value": value, "state": state}
    row |= {"since": now, "issued_at": now}
    insert = insert_into(session.dialect.name, tokens).values(row).on_conflict_do_nothing()
    return session.execute(insert.returning(_C.id)).first() is not None


def _give(session: Connection, holder: Holder, value: str) -> None:
    session.execute(
        update(numbers).where(numbers.c.phone_number_id == holder.name).values(access_token=value)
    )


def promote(session: Connection, keyring: Keyring, holder: Holder, fresh: AnyRow, now: int) -> bool:
    """The fresh token counts, and the one before is retired; False when another was set meanwhile, or did so."""
    if not holder.is_instance:
        mine = select(numbers.c.access_token).where(numbers.c.phone_number_id == holder.name)
        if session.execute(mine.with_for_update()).scalar() != holder.given:
            return False
    is_fresh = (_C.id == fresh.id, _C.state == TokenState.FRESH)
    if session.execute(select(_C.id).where(*is_fresh).with_for_update()).first() is None:
        return False
    before = (_C.holder == holder.name, _C.state == TokenState.CURRENT)
    for row in session.execute(select(_C.key).where(*before)).all():
        access.allow(session, row.key)
    retired = {"state": TokenState.RETIRED, "since": now, "tried_at": None, "problem": None}
    session.execute(update(tokens).where(*before).values(retired))
    session.execute(update(tokens).where(*is_fresh).values(state=TokenState.CURRENT, since=now))
    if not holder.is_instance:
        _give(session, holder, fresh.value)
    return True


def end(session: Connection, row: AnyRow, now: int) -> None:
    """The token is no more; only its key is kept. Safe to call twice."""
    session.execute(
        update(tokens).where(_C.id == row.id).values(state=TokenState.ENDED, since=now, value=None)
    )
    access.allow(session, row.key)


def describe(session: Connection, row: AnyRow, told: Described, now: int) -> None:
    """Writes down what Meta says of a token that is valid."""
    known = {"expires_at": told.expires_at, "scopes": " ".join(told.scopes)[:2000] or None}
    known |= {"app_id": told.app_id or row.app_id, "issued_at": told.issued_at or row.issued_at}
    session.execute(update(tokens).where(_C.id == row.id).values(checked_at=now, **known))


def note(session: Connection, row: AnyRow, **values: Any) -> None:
    """Writes down what came of a try: `problem`, `tried_at`, `checked_at`."""
    session.execute(update(tokens).where(_C.id == row.id).values(**values))


def try_now(session: Connection, row: AnyRow, now: int, since: int) -> bool:
    """True for the one that may try now: nobody has since `since` (ms), nor brought the token to another state."""
    is_as_read = (_C.id == row.id, _C.state == row.state)
    mine = update(tokens).where(*is_as_read, func.coalesce(_C.tried_at, since) <= since)
    return session.execute(mine.values(tried_at=now)).rowcount == 1


def others_with(session: Connection, row: AnyRow, since: int) -> bool:
    """Does another holder speak with the same token, or did it until after `since` (ms)?"""
    same = (_C.key == row.key, _C.holder != row.holder)
    is_left = (_C.state == TokenState.RETIRED) & (_C.since <= since)
    used = select(_C.id).where(*same, _C.state != TokenState.ENDED, ~is_left)
    return session.execute(used).first() is not None
