"""Meta's limit between one business number and one customer: a message each six seconds, 45 of them on credit."""

import time

INTERVAL, BURST = 6.0, 45


class PairLimit:
    """A leaky bucket for each pair (Messaging limits, Pair rate limits); off until it is turned on."""

    def __init__(self) -> None:
        self.on = False
        self._free_at: dict[tuple[str, str], float] = {}

    def admits(self, phone_number_id: str, recipient: str) -> bool:
        """True when one more message may go now; it is then counted."""
        if not self.on:
            return True
        now = time.monotonic()
        free_at = max(self._free_at.get((phone_number_id, recipient), now), now)
        if free_at - now > INTERVAL * (BURST - 1):
            return False
        self._free_at[phone_number_id, recipient] = free_at + INTERVAL
        return True

    def turn(self, on: bool) -> None:
        """Turns the limit on or off, with empty buckets."""
        self.on = on
        self._free_at.clear()
