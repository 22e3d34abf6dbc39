"""A platform that a real Prometheus watches: the web process, and a worker's own address beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from celery_worker.status import StatusServer
from src.messages.dispatch import Dispatcher
from tests.integration.observability.prometheus import Prometheus, prometheus
from tests.ports import free_port
from tests.world import World


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """The platform over a fresh database of each kind; its worker's address is METRICS_PORT."""
    settings = {"host": "127.0.0.1", "metrics_port": free_port()}
    with World(tmp_path, database_url, **settings) as found:
        found.knows("¿A qué hora abren?", "A las nueve.")
        yield found


@pytest.fixture
def watched(world: World, tmp_path: Path) -> Iterator[Prometheus]:
    """Prometheus, which has seen the idle platform."""
    worker = StatusServer(world.instance, Dispatcher(world.instance))
    worker.start()
    ports = {"web": world.port, "worker": world.settings()["metrics_port"]}
    with prometheus(tmp_path / "prometheus", **ports) as found:
        yield found
    worker.stop()
