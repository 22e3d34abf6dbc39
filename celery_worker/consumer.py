"""Celery's consumer without news of other workers and heartbeats over the broker: a bell needs neither."""

from typing import Any

from celery.worker import consumer

_SILENT = {"without_gossip": True, "without_mingle": True, "without_heartbeat": True}


class Consumer(consumer.Consumer):
    """Takes bells from the queue, and nothing else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, **_SILENT})
