"""Keys of the API: made, listed, revoked, each by whom it may be."""

import secrets
import string
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import Connection, insert, select, update

from src.accounts.admission import hash_of
from src.accounts.key_holder import KeyHolder, Scope
from src.core import audit
from src.core.api_key_text import new_key
from src.core.database import AnyRow, now_ms
from src.core.errors import Forbidden, Invalid, KeyNotFound
from src.core.keyring import Keyring
from src.core.trust_tables import api_keys
from src.core.visible import Seen

_C = api_keys.c
_LETTERS = string.ascii_letters + string.digits

_YEAR_10000 = 253_402_300_800_000  # ms since 1970; no calendar of ours goes further

Tenant = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]


class KeyInput(BaseModel):
    """What `POST /key` takes; without `tenant` the key is for what its maker's is for."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), Seen]
    scopes: Annotated[frozenset[Scope], Field(min_length=1)]
    tenant: Tenant | None = None
    expires_at: Annotated[int, Field(ge=0, lt=_YEAR_10000)] | None = None  # ms since 1970


def make_key(session: Connection, keyring: Keyring, key_holder: KeyHolder, given: KeyInput) -> dict[str, Any]:
    """A new key, as `show_key` gives it, with its text: {…, key}. Nobody is told the text again.

    Nobody gives more than they have: no scope, no tenant, no longer life. Raises `Forbidden`, `Invalid`.
    """
    now: int = session.execute(select(now_ms())).scalar_one()
    text = new_key()
    key_id = "key_" + "".join(secrets.choice(_LETTERS) for _ in range(16))
    row = {
        "id": key_id,
        "name": given.name,
        "key": hash_of(keyring, text),
        "tenant": _tenant(key_holder, given.tenant),
        "scopes": " ".join(sorted(_scopes(key_holder, given.scopes))),
        "created_by": key_holder.key_id,
        "created_at": now,
        "expires_at": _end(key_holder, given.expires_at, now),
    }
    session.execute(insert(api_keys).values(row))
    shown = show_key(session, key_holder, key_id)
    audit.note(session, "key made", key_id, after=shown)
    return {**shown, "key": text}


def _tenant(key_holder: KeyHolder, wanted: str | None) -> str | None:
    if key_holder.tenant not in (None, wanted) and wanted is not None:
        raise Forbidden(
            f"a key of the tenant {key_holder.tenant} makes keys of that tenant: leave `tenant` out"
        )
    return wanted or key_holder.tenant


def _scopes(key_holder: KeyHolder, wanted: frozenset[Scope]) -> frozenset[Scope]:
    if more := wanted - key_holder.allowed:
        raise Forbidden(f"a key gives no scope that it has not: {' '.join(sorted(more))}")
    return wanted


def _end(key_holder: KeyHolder, wanted: int | None, now: int) -> int | None:
    if wanted is not None and wanted <= now:
        message = "lies in the past: give milliseconds since 1970, UTC"
        raise Invalid(f"expires_at {message}", errors=[{"field": "expires_at", "message": message}])
    ends = [end for end in (key_holder.expires_at, wanted) if end is not None]
    return min(ends, default=None)


def list_keys(session: Connection, key_holder: KeyHolder) -> list[dict[str, Any]]:
    """Every key that is there for the key holder, oldest first, as `show_key` gives it."""
    mine = select(api_keys, now_ms().label("now")).where(*key_holder.sees(_C.tenant))
    return [_shown(row) for row in session.execute(mine.order_by(_C.created_at, _C.id)).all()]


def show_key(session: Connection, key_holder: KeyHolder, key_id: str) -> dict[str, Any]:
    """{key_id, name, tenant, scopes, status: live, expired or revoked, …}, times in ms. Raises `KeyNotFound`."""
    mine = select(api_keys, now_ms().label("now")).where(_C.id == key_id, *key_holder.sees(_C.tenant))
    row = session.execute(mine).first()
    if row is None:
        raise KeyNotFound(f"no key has the id {key_id}; GET /key lists them")
    return _shown(row)


def _shown(row: AnyRow) -> dict[str, Any]:
    expired = row.expires_at is not None and row.expires_at <= row.now
    return {
        "key_id": row.id,
        "name": row.name,
        "tenant": row.tenant,
        "scopes": row.scopes.split(),
        "status": "revoked" if row.revoked_at is not None else "expired" if expired else "live",
        "created_by": row.created_by,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "revoked_at": row.revoked_at,
        "last_used_at": row.last_used_at,
    }


def revoke_key(session: Connection, key_holder: KeyHolder, key_id: str) -> None:
    """From the commit on, the key opens nothing, in any process. Safe to call twice. Raises `KeyNotFound`."""
    shown = show_key(session, key_holder, key_id)
    audit.note(session, "key revoked", key_id, before=shown)
    live = (_C.id == key_id, _C.revoked_at.is_(None))
    session.execute(update(api_keys).where(*live).values(revoked_at=now_ms()))
