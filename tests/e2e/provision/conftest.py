"""A fleet for each test; one test at a time, because clients choose their ports on the machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.provision.fleet import Fleet


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker has all of them."""
    for item in items:
        if "e2e/provision" in str(item.path):
            item.add_marker(pytest.mark.xdist_group("provision"))


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """No client yet."""
    made = Fleet(tmp_path / "clients")
    yield made
    made.end()
