"""Which processes of an instance live: each writes a heartbeat into the database."""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable

from sqlalchemy import Connection, delete, select
from sqlalchemy.exc import SQLAlchemyError

from src import VERSION
from src.core.database import AnyRow, Database, insert_into, now_ms
from src.core.upkeep_tables import processes

log = logging.getLogger(__name__)

BEAT_SECONDS = 10.0
ALIVE_MS = 35_000  # three heartbeats may be missed


def alive(session: Connection, kind: str | None = None) -> list[AnyRow]:
    """The processes that were heard of lately: id, kind, version, host, started_at, seen_at (ms); the oldest first."""
    c = processes.c
    statement = select(processes).where(c.seen_at > now_ms() - ALIVE_MS).order_by(c.started_at)
    return list(session.execute(statement.where(c.kind == kind) if kind else statement))


class Heartbeat:
    """Tells every ten seconds that this process lives; `check` is asked each time and may end it."""

    def __init__(self, database: Database, kind: str, check: Callable[[], None] = lambda: None) -> None:
        self.id = f"{kind}-{os.getpid()}-{secrets.token_hex(4)}"
        self._database, self._kind, self._check = database, kind, check
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begins; the first heartbeat comes at once."""
        self._thread.start()

    def stop(self) -> None:
        """Takes the process off the list. Safe to call twice."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._check()
            self._try(self._tell)
            if self._ended.wait(BEAT_SECONDS):
                self._try(self._take_off)
                return

    def _try(self, work: Callable[[Connection], None]) -> None:
        try:
            with self._database.transaction() as session:
                work(session)
        except SQLAlchemyError:
            log.warning("heartbeat_failed", extra={"heartbeat": self.id})

    def _tell(self, session: Connection) -> None:
        row = {
            "id": self.id,
            "kind": self._kind,
            "version": VERSION,
            "host": socket.gethostname()[:64],
            "started_at": now_ms(),
            "seen_at": now_ms(),
        }
        insert = insert_into(session.dialect.name, processes).values(row)
        session.execute(insert.on_conflict_do_update(index_elements=["id"], set_={"seen_at": now_ms()}))

    def _take_off(self, session: Connection) -> None:
        session.execute(delete(processes).where(processes.c.id == self.id))
