"""Meta's limit between one number and one customer: a message each six seconds, bursts on credit."""

INTERVAL, BURST = 6.0, 45


class PairLimit:
    """Admits or refuses messages (Messaging limits, Pair rate limits); off until it is turned on.

    Within six seconds 45 messages may go; each takes six seconds of the time to come, and until that is over
    nothing more goes.
    """

    def __init__(self) -> None:
        self.on = False
        self._bursts: dict[tuple[str, str], tuple[float, int]] = {}

    def admits(self, phone_number_id: str, recipient: str, now: float) -> bool:
        """True when one more message may go at `now` (seconds, of any clock); it is then counted."""
        if not self.on:
            return True
        pair = (phone_number_id, recipient)
        began, count = self._bursts.get(pair, (now, 0))
        if now >= began + INTERVAL * count:
            began, count = now, 0
        elif now >= began + INTERVAL or count == BURST:
            return False
        self._bursts[pair] = (began, count + 1)
        return True

    def turn(self, on: bool) -> None:
        """Turns the limit on or off, with all debts forgiven."""
        self.on = on
        self._bursts.clear()
