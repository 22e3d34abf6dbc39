"""Bears alerts in threads of its own, so that a webhook that hangs keeps no customer waiting."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context

from sqlalchemy import Connection

from src.core.instance import Instance
from src.messages.people.alerts import Lane, due
from src.messages.people.deliver import deliver

log = logging.getLogger(__name__)

_THREADS = 8
_LANE_THREADS = 2  # at once for one number and channel, lest one that hangs takes them all


class Bearer:
    """Has what is due delivered, as much as there are threads for. Several may work side by side."""

    def __init__(self, instance: Instance, ring: Callable[[], None]) -> None:
        self._instance = instance
        self._ring = ring
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="alert")
        self._borne: dict[int, Lane] = {}

    @property
    def busy(self) -> bool:
        """True while something is under way."""
        return bool(self._borne)

    def find(self, session: Connection, now: int) -> list[tuple[int, Lane]]:
        """What is due, and has a thread."""
        lanes = list(self._borne.values())
        found = []
        for alert_id, lane in due(session, now):
            if alert_id not in self._borne and lanes.count(lane) < _LANE_THREADS and len(lanes) < _THREADS:
                lanes.append(lane)
                found.append((alert_id, lane))
        return found

    def bear(self, found: list[tuple[int, Lane]]) -> None:
        """Delivers what `find` has found. Returns at once."""
        for alert_id, lane in found:
            self._borne[alert_id] = lane
            self._threads.submit(Context().run, self._deliver, alert_id)

    def stop(self) -> None:
        """Begins nothing more; what is under way is left to its lease."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _deliver(self, alert_id: int) -> None:
        try:
            deliver(self._instance, alert_id)
            self._ring()  # another may have waited for the thread, or a reply is queued
        except Exception:  # the outermost frame of a thread: the row says what is left to do
            log.exception("alert_broke", extra={"alert_id": alert_id})
        finally:
            self._borne.pop(alert_id, None)
