"""`python -m tests.integration.messages.pace_worker URL RPS BETWEEN ID…`: a worker whose conversations wait to call.

Prints JSON: `starts`, each [time (s, this machine's steady clock), slot (ms; null for a call between)], and `noise`, by
how many seconds the machine let a thread that slept oversleep at worst.
"""

import json
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing

from src.core.database import Database
from src.messages.brain import pace
from tests.integration.messages.money_world import KEYS, clock

AGENT = "asst_a"
PATIENCE_MS = 2_500


class Worker:
    """Lets every conversation call once, and makes calls between them."""

    def __init__(self, database: Database, rps: float) -> None:
        self._database, self._rps = database, rps
        self.starts: list[tuple[float, int | None]] = []
        self.noise = 0.0
        self._ended = threading.Event()

    def converse(self, conversation_id: int) -> None:
        """As a turn does: reserves, comes back at its time, calls."""
        while True:
            with self._database.transaction() as session:
                slot = pace.reserve(session, AGENT, conversation_id, self._rps)
            wait = slot - clock(self._database)
            if wait > 0:
                time.sleep(wait / 1000)
                continue
            try:
                pace.start(self._database, AGENT, self._rps, PATIENCE_MS, slot)
            except pace.MustWait:
                continue
            self.starts.append((time.monotonic(), slot))
            with self._database.transaction() as session:
                pace.release(session, conversation_id)
            return

    def call_between(self, count: int) -> None:
        """As redrafts and transcriptions do."""
        for _ in range(count):
            time.sleep(1 / self._rps)
            pace.start(self._database, AGENT, self._rps, 60_000)
            self.starts.append((time.monotonic(), None))

    def listen(self) -> None:
        """Measures the noise until `work` is over."""
        while not self._ended.is_set():
            began = time.monotonic()
            time.sleep(0.002)
            self.noise = max(self.noise, time.monotonic() - began - 0.002)

    def work(self, conversation_ids: Sequence[int], between: int) -> None:
        """Does it all at the same time; returns when all have called."""
        listener = threading.Thread(target=self.listen)
        threads = [threading.Thread(target=self.converse, args=(one,)) for one in conversation_ids]
        threads.append(threading.Thread(target=self.call_between, args=(between,)))
        for thread in (listener, *threads):
            thread.start()
        for thread in threads:
            thread.join()
        self._ended.set()
        listener.join()


def main(url: str, rps: str, between: str, *ids: str) -> None:
    """Runs to the end and prints what it did."""
    with closing(Database(url, KEYS)) as database:
        worker = Worker(database, float(rps))
        worker.work([int(one) for one in ids], int(between))
    print(json.dumps({"starts": worker.starts, "noise": worker.noise}))


if __name__ == "__main__":
    main(*sys.argv[1:])
