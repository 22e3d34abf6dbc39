"""The turns that a process works: their leases are kept, and those that take long are known."""

import time
from collections.abc import Iterator

from src.core.database import Database
from src.messages import lease
from src.messages.lease import Lease

RENEW_SECONDS = 3.0
TURN_SECONDS = 45.0  # a turn that takes longer loses its lease


class InFlight:
    """Turns by their lease. Added to and looked at by the dispatcher's thread alone; any thread removes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._began: dict[Lease, float] = {}
        self._long: set[Lease] = set()
        self._renewed = 0.0

    def __len__(self) -> int:
        return len(self._began)

    def add(self, held: Lease) -> None:
        """The turn begins."""
        self._began[held] = time.monotonic()

    def remove(self, held: Lease) -> None:
        """The turn has ended."""
        self._began.pop(held, None)

    def renew(self) -> None:
        """Every few seconds, makes the leases last longer; that of a turn that takes too long is left to end."""
        now = time.monotonic()
        if now - self._renewed < RENEW_SECONDS:
            return
        self._renewed = now
        held = [held for held, began in list(self._began.items()) if now - began < TURN_SECONDS]
        if held:
            with self._database.transaction() as session:
                lease.renew(session, held)

    def longer_than(self, seconds: float) -> Iterator[Lease]:
        """The turns that have taken longer by now, each once."""
        now = time.monotonic()
        self._long.intersection_update(self._began)
        for held, began in list(self._began.items()):
            if now - began > seconds and held not in self._long:
                self._long.add(held)
                yield held
