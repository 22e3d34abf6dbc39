"""Group commit for webhooks: all that wait when the writer is free go into one transaction, then all are released."""

import asyncio
import base64
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert
from sqlalchemy.exc import (
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
)

from src.core.database import now_ms
from src.core.instance import Instance
from src.core.meta_types import Batch, read_batch
from src.core.models import notices
from src.messages import inbox, receipts

log = logging.getLogger(__name__)

# The database is away, full or read-only; any other error is the item's own.
_AWAY = (OperationalError, InterfaceError, InternalError)


@dataclass(frozen=True)
class _Item:
    body: bytes
    correlation: str
    done: asyncio.Future[bool]


class Intake:
    """One thread that stores webhooks; `ring` is called after a commit that made work."""

    def __init__(self, instance: Instance, ring: Callable[[], None]) -> None:
        self._instance = instance
        self._ring = ring
        self._waiting: deque[_Item] = deque()
        self._filled = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
        self._thread.start()

    async def store(self, body: bytes, correlation: str) -> bool:
        """True once everything in `body` is committed; False when the database cannot take it."""
        item = _Item(body, correlation, asyncio.get_running_loop().create_future())
        with self._filled:
            self._waiting.append(item)
            self._filled.notify()
        return await item.done

    def stop(self) -> None:
        """Stores what waits, then ends the thread."""
        with self._filled:
            self._stopped = True
            self._filled.notify()
        self._thread.join()

    def _run(self) -> None:
        while items := self._take():
            stored = self._store_all(items)
            _release(items, stored)

    def _take(self) -> list[_Item]:
        with self._filled:
            while not self._waiting and not self._stopped:
                self._filled.wait()
            items = list(self._waiting)
            self._waiting.clear()
            return items

    def _store_all(self, items: Sequence[_Item]) -> list[bool]:
        try:
            self._store([read_batch(item.body, item.correlation) for item in items])
        except _AWAY:
            log.exception("inbox_away")
            return [False] * len(items)
        except Exception:  # the outermost frame of this thread: one item is poison, so each is tried alone
            return [self._store_one(item) for item in items]
        return [True] * len(items)

    def _store_one(self, item: _Item) -> bool:
        try:
            self._store([read_batch(item.body, item.correlation)])
        except _AWAY:
            return False
        except Exception:  # stored as it came: Meta would only send it again for seven days
            log.exception("inbox_poison", extra={"correlation_id": item.correlation})
            return self._keep_raw(item.body)
        return True

    def _keep_raw(self, body: bytes) -> bool:
        try:
            with self._instance.database.transaction() as session:
                row = {"field": "poison", "content": base64.b64encode(body).decode(), "received_at": now_ms()}
                session.execute(insert(notices).values(row))
        except SQLAlchemyError:
            log.exception("inbox_away")
            return False
        return True

    def _store(self, batches: list[Batch]) -> None:
        with self._instance.database.transaction() as session:
            made_work = self._store_in(session, batches)
        if made_work:
            self._ring()
        _tell(batches)

    def _store_in(self, session: Connection, batches: list[Batch]) -> bool:
        keyring = self._instance.keyring
        new = inbox.store(session, keyring, batches, self._instance.settings.burst_wait_ms)
        statuses = [status for batch in batches for status in batch.statuses]
        settings = self._instance.settings
        freed = receipts.record(session, keyring, settings, statuses) if statuses else False
        return new > 0 or freed


def _tell(batches: list[Batch]) -> None:
    for batch in batches:
        if batch.messages:  # each status has a line of its own
            told = {"correlation_id": batch.correlation, "messages": len(batch.messages)}
            log.info("webhook_stored", extra=told)


def _release(items: Sequence[_Item], stored: Sequence[bool]) -> None:
    def release() -> None:
        for item, ok in zip(items, stored, strict=True):
            if not item.done.done():  # the client may have gone
                item.done.set_result(ok)

    items[0].done.get_loop().call_soon_threadsafe(release)
