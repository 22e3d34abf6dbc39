"""Who comes with a key: what it lets them do, and whose objects are there for them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement


class Scope(StrEnum):
    """What a key may be allowed; to write is to read too."""

    READ = "read"  # everything, and to change nothing
    AGENTS_READ = "agents:read"
    AGENTS_WRITE = "agents:write"
    CONVERSATIONS_READ = "conversations:read"
    CONVERSATIONS_WRITE = "conversations:write"
    OPERATIONS_READ = "operations:read"
    OPERATIONS_WRITE = "operations:write"


_OWNER = "owner"
_READS = (Scope.AGENTS_READ, Scope.CONVERSATIONS_READ, Scope.OPERATIONS_READ)
_MEANS = {
    Scope.READ: _READS,
    Scope.AGENTS_WRITE: (Scope.AGENTS_READ,),
    Scope.CONVERSATIONS_WRITE: (Scope.CONVERSATIONS_READ,),
    Scope.OPERATIONS_WRITE: (Scope.OPERATIONS_READ,),
}


@dataclass(frozen=True)
class KeyHolder:
    """Whoever a key lets in. Objects of another tenant do not exist for them; with no tenant, all do."""

    key_id: str
    scopes: frozenset[Scope]
    tenant: str | None = None
    expires_at: int | None = None  # ms since 1970

    @property
    def allowed(self) -> frozenset[Scope]:
        """Its scopes with all that they mean; `read` where all three may be read."""
        found = self.scopes.union(*(_MEANS.get(scope, ()) for scope in self.scopes))
        return found | {Scope.READ} if found.issuperset(_READS) else found

    @property
    def called(self) -> str:
        """How the audit log calls them when they come with their key."""
        return "key of the owner" if self.key_id == _OWNER else f"key {self.key_id}"

    def sees(self, tenant: ColumnElement[Any]) -> tuple[ColumnElement[bool], ...]:
        """The conditions under which a row with this column of tenants is there for them."""
        return () if self.tenant is None else (tenant == self.tenant,)


# Whoever holds the instance's first key; the command line; the platform itself.
OWNER = KeyHolder(_OWNER, frozenset(Scope))
