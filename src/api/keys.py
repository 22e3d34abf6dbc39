"""`/key`: who else may ask, and for what."""

from typing import Any

from fastapi import APIRouter

from src.accounts import keys
from src.api.dependencies import OperationsRead, OperationsWrite, TheInstance, WordId
from src.api.routes import ScopedRoute

router = APIRouter(prefix="/key", tags=["keys"], route_class=ScopedRoute)


@router.get("")
def list_all(key_holder: OperationsRead, instance: TheInstance) -> dict[str, Any]:
    """Every key but the instance's first, oldest first; none shows its text."""
    with instance.database.read() as session:
        return {"keys": keys.list_keys(session, key_holder)}


@router.post("", status_code=201)
def create(key_holder: OperationsWrite, instance: TheInstance, body: keys.KeyInput) -> dict[str, Any]:
    """Makes a key. `key` is its text, which is shown here once; it may do no more than the key that makes it."""
    with instance.database.transaction() as session:
        return keys.make_key(session, instance.keyring, key_holder, body)


@router.get("/{key_id}")
def show(key_holder: OperationsRead, instance: TheInstance, key_id: WordId) -> dict[str, Any]:
    """One key: what it may, since when and until when, and when it was last used, to the minute."""
    with instance.database.read() as session:
        return keys.show_key(session, key_holder, key_id)


@router.delete("/{key_id}", status_code=204)
def revoke(key_holder: OperationsWrite, instance: TheInstance, key_id: WordId) -> None:
    """Revokes the key: from now on it opens nothing. Those that it made stay."""
    with instance.database.transaction() as session:
        keys.revoke_key(session, key_holder, key_id)
