"""The tables of who may ask for what."""

from sqlalchemy import LargeBinary
from sqlalchemy.types import String
from sqlmodel import SQLModel

from src.core.columns import column, table_of, time


class ApiKey(SQLModel, table=True):
    """A key of the API; its own text is nowhere, only a keyed hash of it."""

    __tablename__ = "api_key"
    id: str = column(String(40), primary_key=True)
    name: str = column(String(120))
    key: bytes = column(LargeBinary(16), unique=True)  # keyed hash
    tenant: str | None = column(String(64), nullable=True)  # None: every tenant's objects are there for it
    scopes: str = column(String(200))  # words, a space between
    created_by: str = column(String(40))  # the id of the key that made it, or `owner`
    created_at: int = time()
    expires_at: int | None = time(nullable=True)
    revoked_at: int | None = time(nullable=True)
    last_used_at: int | None = time(nullable=True)  # to the minute


api_keys = table_of(ApiKey)
