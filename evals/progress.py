"""Tells how far a long evaluation is, now and then."""

from collections.abc import Callable

SECONDS = 5.0  # between two lines


class Progress:
    """Counts what is done of `total`; `tell` gets a line at most every five seconds of `clock`."""

    def __init__(self, total: int, tell: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._total, self._tell, self._clock = total, tell, clock
        self._done = 0
        self._began = self._told = clock()

    def step(self) -> None:
        """One more is done."""
        self._done += 1
        now = self._clock()
        if now - self._told >= SECONDS:
            self._told = now
            left = (now - self._began) / self._done * (self._total - self._done)
            self._tell(f"{self._done} of {self._total}, about {_spoken(left)} left")


def _spoken(seconds: float) -> str:
    return f"{round(seconds)} s" if seconds < 90 else f"{round(seconds / 60)} min"
