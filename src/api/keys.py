"""`/key`: who else may ask, and for what."""

from typing import Any

from fastapi import APIRouter

from src.accounts import keys
from src.api.dependencies import OperationsRead, OperationsWrite, TheInstance, WordId
from src.api.routes import ScopedRoute

router = APIRouter(prefix="/key", tags=["keys"], route_class=ScopedRoute)


@router.get("")
def list_all(caller: OperationsRead, instance: TheInstance) -> dict[str, Any]:
    """Every key but the instance's first, oldest first; none shows its text."""
    with instance.database.read() as session:
        return {"keys": keys.list_keys(session, caller)}


@router.post("", status_code=201)
def create(caller: OperationsWrite, instance: TheInstance, body: keys.KeyInput) -> dict[str, Any]:
    """Makes a key. `key` is its text, which is shown here once; it may do no more than the key that makes it."""
    with instance.database.transaction() as session:
        return keys.make_key(session, instance.keyring, caller, body)


@router.get("/{key_id}")
def show(caller: OperationsRead, instance: TheInstance, key_id: WordId) -> dict[str, Any]:
    """One key: what it may, since when and until when, and when it was last used, to the minute."""
    with instance.database.read() as session:
        return keys.show_key(session, caller, key_id)


@router.delete("/{key_id}", status_code=204)
def revoke(caller: OperationsWrite, instance: TheInstance, key_id: WordId) -> None:
    """Revokes the key: from now on it opens nothing. Those that it made stay."""
    with instance.database.transaction() as session:
        keys.revoke_key(session, caller, key_id)
