"""Keeps the indexes of the agents that were asked last."""

from threading import Lock

from src.core.agent_config import AgentConfig
from src.messages.find import Index
from src.messages.shelf import Shelf

_shelf = Shelf[Index]()
_building = Lock()  # many turns of one agent may come first at the same time; one of them builds


def index_of(config: AgentConfig) -> Index:
    """The index of this configuration: built on first use (about a second for 2,000 FAQs), the last eight are kept."""
    kept = _shelf.find(config)
    if kept is not None:
        return kept
    with _building:
        kept = _shelf.find(config)
        if kept is None:
            kept = Index(config)
            _shelf.put(config, kept)
        return kept
