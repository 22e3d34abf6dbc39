"""A host of each test's own, with version 1 running."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.delivery.host import Host, serving


@pytest.fixture(scope="session")
def sshd() -> None:
    """Skips where no ssh server is installed."""
    if not Path("/usr/sbin/sshd").exists():
        pytest.skip("sshd is not installed: run  sudo apt-get install openssh-server")


@pytest.fixture
def bare(sshd: None, tmp_path: Path) -> Iterator[Host]:
    """A host on which nothing runs yet."""
    with serving(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def closed(sshd: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host that nobody gets to do anything; one for many tests."""
    with serving(tmp_path_factory.mktemp("closed")) as found:
        yield found


@pytest.fixture
def host(bare: Host) -> Host:
    """A host on which version 1 runs."""
    bare.has_deployed(1)
    return bare
