"""A world in which a customer asks for what is held about them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.keys.keys_world import Tenants
from tests.integration.rights.rights_world import Rights


@pytest.fixture
def rights(tmp_path: Path, database_url: str) -> Iterator[Rights]:
    """The platform with a model over a fresh database."""
    with Rights(tmp_path, database_url) as found:
        yield found


@pytest.fixture
def tenants(tmp_path: Path, database_url: str) -> Iterator[Tenants]:
    """Two tenants and nobody, each with an agent and a customer."""
    with Tenants(tmp_path, database_url) as found:
        found.furnish()
        yield found
