"""The world that integration tests live in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.model_world import Model, model_server
from tests.world import World


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """The platform over a fresh database of each kind, and the sandbox, over HTTP."""
    with World(tmp_path, database_url) as found:
        yield found


@pytest.fixture(scope="session")
def one_model() -> Iterator[Model]:
    """A sandbox's OpenAI, for all tests that need one."""
    with model_server() as found:
        yield found


@pytest.fixture
def model(one_model: Model) -> Iterator[Model]:
    """The sandbox's OpenAI, lawful at the beginning and the end."""
    one_model.lawful()
    yield one_model
    one_model.lawful()
