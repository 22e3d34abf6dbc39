"""The tables by which several processes keep one instance in order."""

from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.types import String
from sqlmodel import SQLModel

from src.core.columns import column, row_id, table_of, time
from src.core.keyring import Purpose
from src.core.sealed import Sealed


class Idempotency(SQLModel, table=True):
    """The answer given to a request with an Idempotency-Key."""

    key: bytes = column(LargeBinary(16), primary_key=True)
    request: bytes = column(LargeBinary(16))
    answer: dict[str, Any] = column(Sealed("idempotency.answer", Purpose.CONTENT, "{}"))
    created_at: int = time()


class Process(SQLModel, table=True):
    """A process of this instance, with the time of its last heartbeat."""

    id: str = column(String(40), primary_key=True)
    kind: str = column(String(16))  # web, worker, beat
    version: str = column(String(20))
    host: str = column(String(64))
    started_at: int = time()
    seen_at: int = time()


class Chore(SQLModel, table=True):
    """When a piece of periodic work was last taken up; several clocks agree by it."""

    name: str = column(String(40), primary_key=True)
    begun_at: int = time()


class Backup(SQLModel, table=True):
    """A backup that was made: where it was written to, and the moment that it holds."""

    id: int = row_id()
    file: str = column(String(4096))
    made_at: int = time()


idempotency = table_of(Idempotency)
processes = table_of(Process)
chores = table_of(Chore)
backups = table_of(Backup)
