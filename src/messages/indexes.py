"""Keeps the indexes of the agents that were asked last."""

from collections import OrderedDict
from threading import Lock

from src.core.agent_config import AgentConfig
from src.messages.find import Index

_KEPT = 8
_indexes: OrderedDict[AgentConfig, Index] = OrderedDict()
_lock = Lock()


def index_of(config: AgentConfig) -> Index:
    """The index of this configuration: built on first use (0.5 s for 2,000 FAQs), the last eight are kept."""
    with _lock:
        kept = _indexes.get(config)
        if kept is not None:
            _indexes.move_to_end(config)
            return kept
    index = Index(config)
    with _lock:
        _indexes[config] = index
        while len(_indexes) > _KEPT:
            _indexes.popitem(last=False)
    return index
