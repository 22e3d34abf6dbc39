"""Keeps the indexes of the agents that were asked last."""

from threading import Lock

from src.core.agent_config import AgentConfig
from src.messages.find import Index

_KEPT = 8
_shelf: list[tuple[AgentConfig, Index]] = []  # the last used at the end
_lock = Lock()


def index_of(config: AgentConfig) -> Index:
    """The index of this configuration: built on first use (about a second for 2,000 FAQs), the last eight are kept."""
    with _lock:
        place = _place(config)
        if place is not None:
            kept = _shelf.pop(place)
            _shelf.append(kept)
            return kept[1]
    index = Index(config)
    with _lock:
        _shelf.append((config, index))
        del _shelf[:-_KEPT]
    return index


def _place(config: AgentConfig) -> int | None:
    for place in reversed(range(len(_shelf))):
        if _shelf[place][0] is config:  # spares the comparison of all FAQs
            return place
    return next((place for place, (kept, _) in enumerate(_shelf) if kept == config), None)
