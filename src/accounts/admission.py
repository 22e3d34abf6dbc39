"""Lets a key in, or says why not."""

import logging

from sqlalchemy import LargeBinary, bindparam, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from src.accounts.key_holder import OWNER, KeyHolder, Scope
from src.core import peers
from src.core.actor import known_as
from src.core.api_key_text import PREFIX, is_whole
from src.core.database import AnyRow, now_ms
from src.core.errors import Forbidden, Unauthorized
from src.core.instance import Instance
from src.core.keyring import Keyring
from src.core.security import same
from src.core.trust_tables import api_keys

log = logging.getLogger(__name__)

USE_NOTED_MS = 60_000  # one write a minute tells that a key is in use
_C = api_keys.c
_BY_HASH = select(api_keys, now_ms().label("now")).where(_C.key == bindparam("hash", type_=LargeBinary))


def hash_of(keyring: Keyring, key: str) -> bytes:
    """The keyed hash under which a key is kept."""
    return keyring.lookup(f"api key:{key}")


def admit(instance: Instance, request: peers.Scope, key: str | None, needed: Scope) -> KeyHolder:
    """Whoever holds the key: they are known from now on as who acts, and to the edge (by `request`, ASGI's scope).

    Raises `Unauthorized`, and `Forbidden` where the key lacks the scope: it is right all the same.

    Each call asks the database, so that a revocation counts at once; the owner's key needs none.
    """
    key_holder = _holder(instance, key)
    known_as(key_holder.called)
    peers.note_right_key(request, key_holder.key_id)
    if needed not in key_holder.allowed:
        raise Forbidden(
            f"this needs the scope {needed}, and the key has {' '.join(sorted(key_holder.scopes))}: "
            f"use another, or make one with `released keys add NAME --scope {needed}`"
        )
    return key_holder


def _holder(instance: Instance, key: str | None) -> KeyHolder:
    if not key:
        raise Unauthorized(
            "send `Authorization: Bearer KEY`; the first key is in the file api_key of RELEASED_HOME, or in API_KEY"
        )
    if same(key, instance.api_key):
        return OWNER
    if not key.startswith(PREFIX):
        raise Unauthorized(
            "this is no key of this instance: take the one in the file api_key of RELEASED_HOME, or in API_KEY, or "
            f"one that begins with {PREFIX}"
        )
    if not is_whole(key):
        raise Unauthorized("the key's checksum does not fit: it is mistyped")
    return _kept(instance, key)


def _kept(instance: Instance, key: str) -> KeyHolder:
    with instance.database.read() as session:
        row = session.execute(_BY_HASH, {"hash": hash_of(instance.keyring, key)}).first()
    if row is None:
        raise Unauthorized("this instance knows no such key: `released keys list` shows those that there are")
    if row.revoked_at is not None:
        raise Unauthorized(f"the key {row.id} was revoked: ask whoever runs this instance for another")
    if row.expires_at is not None and row.expires_at <= row.now:
        raise Unauthorized(f"the key {row.id} has expired: ask whoever runs this instance for another")
    if row.last_used_at is None or row.last_used_at <= row.now - USE_NOTED_MS:
        _note_use(instance, row)
    scopes = frozenset(Scope(word) for word in row.scopes.split())
    return KeyHolder(row.id, scopes, row.tenant, row.expires_at)


def _note_use(instance: Instance, row: AnyRow) -> None:
    """Writes the time once, whoever else saw the same; a key opens also while nothing can be written."""
    old = or_(_C.last_used_at.is_(None), _C.last_used_at <= row.now - USE_NOTED_MS)
    try:
        with instance.database.transaction() as session:
            session.execute(update(api_keys).where(_C.id == row.id, old).values(last_used_at=row.now))
    except SQLAlchemyError:
        log.warning("key_use_not_noted", extra={"key_id": row.id}, exc_info=True)
