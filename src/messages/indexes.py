"""Keeps the indexes of the agents that were asked last."""

from threading import Lock

from src.core.agent_config import AgentConfig
from src.messages.find import Index

_KEPT = 8
_shelf: list[tuple[AgentConfig, Index]] = []  # the last used at the end
_lock = Lock()
_building = Lock()  # many turns of one agent may come first at the same time; one of them builds


def index_of(config: AgentConfig) -> Index:
    """The index of this configuration: built on first use (about a second for 2,000 FAQs), the last eight are kept."""
    kept = _kept(config)
    if kept is not None:
        return kept
    with _building:
        kept = _kept(config)
        if kept is None:
            kept = Index(config)
            with _lock:
                _shelf.append((config, kept))
                del _shelf[:-_KEPT]
        return kept


def _kept(config: AgentConfig) -> Index | None:
    with _lock:
        place = _place(config)
        if place is None:
            return None
        _shelf.append(_shelf.pop(place))
        return _shelf[-1][1]


def _place(config: AgentConfig) -> int | None:
    for place in reversed(range(len(_shelf))):
        if _shelf[place][0] is config:  # spares the comparison of all FAQs
            return place
    return next((place for place, (kept, _) in enumerate(_shelf) if kept == config), None)
