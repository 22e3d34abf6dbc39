"""The dispatcher: leases what is due, as much as it has threads for, and works it; a bell or the clock wakes it."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from src.core.database import now_ms
from src.core.instance import Instance
from src.core.telemetry import DISPATCHER_BUSY, DISPATCHER_LOOKED, DISPATCHER_THREADS
from src.messages import answer, faq_answerer, lease, outbox, presence
from src.messages.brain import grounding
from src.messages.in_flight import InFlight
from src.messages.lease import Lease
from src.messages.people import alerts
from src.messages.people.bearer import Bearer
from src.messages.settle import put_off

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # it looks by itself this often, whatever the bell does
SWEEP_SECONDS = 5.0
DRAIN_SECONDS = 20.0
STUCK_SECONDS = 60.0  # longer than any statement or connection to the database can take
_OLD_MS = 30_000
_VAIN_LOOKS = 10
_READERS = 4  # threads of their own for receipts, which must not wait behind turns

# One question to the database: what time is it, and what comes next?
_LOOK = select(
    now_ms().label("now"),
    lease.NEXT_DUE.scalar_subquery().label("next_turn"),
    outbox.NEXT_DUE.scalar_subquery().label("next_reply"),
    alerts.NEXT_DUE.scalar_subquery().label("next_alert"),
    presence.ANY_UNREAD.label("unread"),
)


def _is_due(at: int | None, now: int) -> bool:
    return at is not None and at <= now


class Dispatcher:
    """Works the conversations and replies of one database. Several may run side by side."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._threads = instance.settings.threads
        self._workers = ThreadPoolExecutor(self._threads, thread_name_prefix="turn")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="receipt")
        self._bearer = Bearer(instance, self.ring)
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._turns = InFlight(instance.database)
        self._replies: set[int] = set()
        self._swept = 0.0
        self._looked = time.monotonic()
        self._vain = 0  # looks, one after the other, that took nothing although something old was due
        self._loop = threading.Thread(target=self._run, name="dispatcher", daemon=True)

    def start(self) -> None:
        """Begins to look for work."""
        DISPATCHER_THREADS.set(self._threads)
        self._loop.start()

    def ring(self) -> None:
        """There may be work. Returns at once, from any thread."""
        self._bell.set()

    def finish(self) -> None:
        """Takes nothing more. Returns at once; what is in flight goes on."""
        self._stopping.set()
        self._bell.set()

    def stop(self) -> None:
        """Takes nothing more and waits for what is in flight; what does not end in time is left to its lease."""
        self.finish()
        self._loop.join(DRAIN_SECONDS)
        ended = time.monotonic() + DRAIN_SECONDS
        while (self._turns or self._replies or self._bearer.busy) and time.monotonic() < ended:
            self._turns.renew()
            time.sleep(0.02)
        self._workers.shutdown(wait=False, cancel_futures=True)
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._bearer.stop()

    @property
    def alive(self) -> bool:
        """True while it looks for work and takes what it finds."""
        return self._loop.is_alive() and not self._stopping.is_set() and not self.stuck

    @property
    def stuck(self) -> bool:
        """True when it has not looked for a minute, or again and again takes nothing although something is old."""
        looked = time.monotonic() - self._looked < STUCK_SECONDS
        return not self._stopping.is_set() and (not looked or self._vain >= _VAIN_LOOKS)

    def _run(self) -> None:
        faq_answerer.warm_up()
        if self._instance.openai is not None:
            grounding.warm_up()
        while not self._stopping.is_set():
            self._bell.clear()
            try:
                wait = self._look()
                self._looked = time.monotonic()
            except SQLAlchemyError as error:  # the database is away: no news, second for second
                log.error("dispatcher_failed", extra={"error": type(error).__name__})
                wait = self._again()
            except Exception:  # the outermost frame: whatever happens, the clock goes on
                log.exception("dispatcher_failed")
                wait = self._again()
            self._bell.wait(wait)

    def _again(self) -> float:
        """It has looked, in vain; returns the seconds until it looks again."""
        self._looked = time.monotonic()
        return LOOK_SECONDS

    def _look(self) -> float:
        """Hands out what is due; returns the seconds until something else may be."""
        DISPATCHER_LOOKED.set_to_current_time()
        DISPATCHER_BUSY.labels("turns").set(len(self._turns))
        DISPATCHER_BUSY.labels("replies").set(len(self._replies))
        self._turns.renew()
        self._announce_slow()
        self._sweep()
        with self._instance.database.read() as session:
            seen = session.execute(_LOOK).one()
            due = self._due_replies(session, seen.now) if _is_due(seen.next_reply, seen.now) else []
            called = self._bearer.find(session, seen.now) if _is_due(seen.next_alert, seen.now) else []
        for reply_id in due:
            self._work_reply(reply_id)
        self._bearer.bear(called)
        free = self._free if _is_due(seen.next_turn, seen.now) else 0  # the first thread that is free rings
        if seen.unread or free > 0:
            self._take(free, is_old=free > 0 and seen.next_turn < seen.now - _OLD_MS)
        now: int = seen.now
        nexts = (seen.next_turn, seen.next_reply, seen.next_alert)
        times = [at - now for at in nexts if at is not None and at > now]
        return float(min([LOOK_SECONDS, *(ms / 1000 for ms in times)]))

    @property
    def _free(self) -> int:
        return self._threads - len(self._turns) - len(self._replies)

    def _due_replies(self, session: Connection, now: int) -> list[int]:
        found = outbox.due(session, now, self._threads)
        return [reply_id for reply_id in found if reply_id not in self._replies][: max(0, self._free)]

    def _take(self, free: int, is_old: bool) -> None:
        """Leases up to `free` turns, and takes on the receipts that customers are owed."""
        with self._instance.database.transaction() as session:
            unread = presence.take_unread(session, 100)
            taken = lease.take(session, free) if free > 0 else []
        self._vain = self._vain + 1 if is_old and not taken else 0
        for held in taken:
            self._turns.add(held)
            self._workers.submit(Context().run, self._work_turn, held)
        for owed in unread:
            self._readers.submit(self._guard, presence.show_read, self._instance, owed)

    def _work_turn(self, held: Lease) -> None:
        try:
            answer.take_turn(self._instance, held)
        except Exception:  # the outermost frame of a turn: it is tried again, later each time
            log.exception("turn_failed", extra={"conversation_id": held.conversation_id})
            self._guard(self._put_off, held)
        finally:
            self._end(lambda: self._turns.remove(held))

    def _put_off(self, held: Lease) -> None:
        with self._instance.database.transaction() as session:
            put_off(session, held)

    def _work_reply(self, reply_id: int) -> None:
        self._replies.add(reply_id)

        def work() -> None:
            try:
                self._guard(outbox.deliver, self._instance, reply_id)
            finally:
                self._end(lambda: self._replies.discard(reply_id))

        self._workers.submit(Context().run, work)  # no correlation of what the thread did before

    def _end(self, forget: Callable[[], object]) -> None:
        """Makes a thread free again; something may have waited for one."""
        was_full = self._free <= 0
        forget()
        if was_full:
            self.ring()

    def _guard(self, work: Callable[..., None], *args: object) -> None:
        try:
            work(*args)
        except Exception:  # the outermost frame of a thread: the row says what is left to do
            log.exception("work_failed", extra={"work": work.__name__})

    def _announce_slow(self) -> None:
        """Shows typing in conversations whose turn takes more than a second."""
        for held in self._turns.longer_than(presence.TYPING_FROM_MS / 1000):
            self._readers.submit(self._guard, self._announce, held.conversation_id)

    def _announce(self, conversation_id: int) -> None:
        with self._instance.database.read() as session:
            newest = presence.newest(session, conversation_id)
        if newest is not None:
            presence.show_read(self._instance, newest)

    def _sweep(self) -> None:
        if time.monotonic() - self._swept >= SWEEP_SECONDS:
            self._swept = time.monotonic()
            with self._instance.database.transaction() as session:
                outbox.sweep(session)
