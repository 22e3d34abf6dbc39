"""What the telephone hears: events that are kept, and a stream of them that can be resumed."""

import asyncio
from collections.abc import AsyncIterator

from sandbox.store import Store, dumps

KEEP_ALIVE = 15.0
KEPT = 10_000
_AT_ONCE = 500


def append(store: Store, kind: str, data: object) -> None:
    """Adds one event; the oldest are forgotten. Belongs to the caller's transaction."""
    seq = store.write("INSERT INTO events (kind, data) VALUES (?, ?)", kind, dumps(data))
    if seq % 1000 == 0:
        store.write("DELETE FROM events WHERE seq <= ?", seq - KEPT)


class Stream:
    """Everybody who listens to the events of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._bells: set[asyncio.Event] = set()
        self._open = True
        store.listeners.append(self._ring)

    def _ring(self) -> None:
        for bell in self._bells:
            bell.set()

    def close(self) -> None:
        """Ends all streams, so that a server which waits for its connections can end."""
        self._open = False
        self._ring()

    def follow(self, last_event_id: str | None) -> AsyncIterator[str]:
        """Server-sent events after `last_event_id` (from now when None or unknown), until `close`."""
        newest = self._store.value("SELECT coalesce(max(seq), 0) FROM events")
        resumed = last_event_id is not None and last_event_id.isdecimal() and int(last_event_id) <= newest
        # The place is fixed before the line is open: who then fetches what happened before misses nothing.
        return self._after(int(last_event_id) if resumed and last_event_id else newest)

    async def _after(self, after: int) -> AsyncIterator[str]:
        bell = asyncio.Event()
        self._bells.add(bell)
        try:
            yield f"retry: 1000\nid: {after}\n\n"
            while self._open:
                bell.clear()
                query = "SELECT seq, kind, data FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
                for row in self._store.rows(query, after, _AT_ONCE):
                    after = row["seq"]
                    bell.set()
                    yield f"id: {after}\nevent: {row['kind']}\ndata: {row['data']}\n\n"
                if not await _rings(bell):
                    yield ": still here\n\n"
        finally:
            self._bells.discard(bell)


async def _rings(bell: asyncio.Event) -> bool:
    try:
        await asyncio.wait_for(bell.wait(), KEEP_ALIVE)
    except TimeoutError:
        return False
    return True
