"""A fleet for each test; one test at a time on this machine, because clients choose their ports on it."""

import fcntl
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.provision.fleet import Fleet


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """No client yet."""
    with (Path(tempfile.gettempdir()) / "released-tests-choose-ports").open("a") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        made = Fleet(tmp_path / "clients")
        try:
            yield made
        finally:
            made.end()
