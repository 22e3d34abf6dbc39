"""Two tenants and nobody, each with an agent, a conversation and a key."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.keys.keys_world import Tenants


@pytest.fixture
def tenants(tmp_path: Path, database_url: str) -> Iterator[Tenants]:
    """A fresh world of them."""
    with Tenants(tmp_path, database_url) as found:
        found.furnish()
        yield found
