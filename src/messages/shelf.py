"""Keeps what was made of the configurations of the agents that were asked last."""

from threading import Lock
from typing import Generic, TypeVar

from src.core.agent_config import AgentConfig

T = TypeVar("T")
_KEPT = 8


class Shelf(Generic[T]):
    """One thing for each of the last eight configurations. Safe to share between threads."""

    def __init__(self) -> None:
        self._things: list[tuple[AgentConfig, T]] = []  # the last used at the end
        self._lock = Lock()

    def find(self, config: AgentConfig) -> T | None:
        """What was put there for this configuration, or an equal one."""
        with self._lock:
            place = self._place(config)
            if place is None:
                return None
            self._things.append(self._things.pop(place))
            return self._things[-1][1]

    def put(self, config: AgentConfig, thing: T) -> None:
        """Keeps it; what was not asked for longest goes."""
        with self._lock:
            self._things.append((config, thing))
            del self._things[:-_KEPT]

    def _place(self, config: AgentConfig) -> int | None:
        for place in reversed(range(len(self._things))):
            if self._things[place][0] is config:  # spares the comparison of all FAQs
                return place
        return next((place for place, (kept, _) in enumerate(self._things) if kept == config), None)
