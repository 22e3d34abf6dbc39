"""One project for all of these tests: built, brought up, and brought down again with its volumes."""

from collections.abc import Iterator

import pytest

from tests.containers.engine import IMAGE, PROJECT, Containers, missing, run
from tests.containers.telephone import Telephone
from tests.world import eventually


@pytest.fixture(scope="session", autouse=True)
def engine() -> None:
    """Skips where no engine can be had."""
    if reason := missing():
        pytest.skip(reason)


@pytest.fixture(scope="session")
def containers(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    """The example's `.env` as it stands, brought up."""
    made = Containers(tmp_path_factory.mktemp("shipped"), (PROJECT / ".env.example").read_text())
    try:
        made.compose("build")
        made.compose("up", "-d")
        eventually(made.is_ready, 120)
        yield made
    finally:
        made.compose("down", "-v", "-t", "5")
        run("docker", "image", "rm", "-f", IMAGE)


@pytest.fixture(scope="session")
def telephone(containers: Containers) -> Telephone:
    """The telephone of that project."""
    return Telephone(containers)
