"""Real brokers for the full size."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.brokers import PASSWORD, Redis, rabbitmq, redis
from tests.full_world import FullWorld
from tests.servers import PostgreSQL

Make: TypeAlias = Callable[..., FullWorld]


@pytest.fixture
def make(tmp_path: Path, postgres: PostgreSQL) -> Iterator[Make]:
    """Makes a world over a fresh PostgreSQL, of `webs`, `workers` and settings."""
    with postgres.fresh() as url:
        yield lambda broker_url, **more: FullWorld(tmp_path, url, broker_url, redis_password=PASSWORD, **more)


@pytest.fixture
def broker() -> Iterator[Redis]:
    """A Redis of the test's own."""
    with redis() as server:
        yield server


@pytest.fixture
def amqp_url() -> Iterator[str]:
    """The URL of a RabbitMQ of the test's own."""
    with rabbitmq() as url:
        yield url
