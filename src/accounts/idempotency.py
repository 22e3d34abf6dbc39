"""Remembers the answer to a request with an Idempotency-Key, so that it happens once."""

from typing import Any

from sqlalchemy import Connection, insert, select

from src.accounts.key_holder import OWNER, KeyHolder
from src.core.database import now_ms
from src.core.errors import KeyReused
from src.core.keyring import Keyring
from src.core.upkeep_tables import idempotency


def remembered(
    session: Connection, keyring: Keyring, key_holder: KeyHolder, key: str | None, request: str
) -> dict[str, Any] | None:
    """The answer that this key holder got with this key; None when it is new. Raises `KeyReused` for another request's key."""
    if key is None:
        return None
    c = idempotency.c
    row = session.execute(select(c.request, c.answer).where(c.key == _hash(keyring, key_holder, key))).first()
    if row is None:
        return None
    if bytes(row.request) != keyring.lookup(request):
        raise KeyReused(
            "this Idempotency-Key came with another request before: use a new key for a new request"
        )
    answer: dict[str, Any] = row.answer
    return answer


def remember(
    session: Connection,
    keyring: Keyring,
    key_holder: KeyHolder,
    key: str | None,
    request: str,
    answer: dict[str, Any],
) -> None:
    """Keeps the answer, in the transaction that does what was asked."""
    if key is not None:
        session.execute(
            insert(idempotency).values(
                key=_hash(keyring, key_holder, key),
                request=keyring.lookup(request),
                answer=answer,
                created_at=now_ms(),
            )
        )


def _hash(keyring: Keyring, key_holder: KeyHolder, key: str) -> bytes:
    """Another for each key holder, lest one reads what another was answered."""
    return keyring.lookup(f"key:{key}" if key_holder == OWNER else f"key of {key_holder.key_id}:{key}")
