"""What every test may ask for: a database of each kind, fresh and migrated."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import PostgreSQL, postgresql


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    """A PostgreSQL of this test run's own."""
    with postgresql() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database; each test runs once with each kind."""
    yield from url_of(request, tmp_path)


def url_of(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The URL of a fresh database of the kind that the fixture's parameter names; SQLite's file in `folder`."""
    if request.param == "sqlite":
        yield f"sqlite:///{folder}/released.db"
        return
    cluster: PostgreSQL = request.getfixturevalue("postgres")
    with cluster.fresh() as url:
        yield url
