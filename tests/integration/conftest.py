"""The world that integration tests live in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world import World


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """The platform over a fresh database of each kind, and the sandbox, over HTTP."""
    with World(tmp_path, database_url) as found:
        yield found
