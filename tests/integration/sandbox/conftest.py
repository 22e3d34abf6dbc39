"""A sandbox and its callback for each test."""

from collections.abc import Iterator

import pytest
from sandbox_world import Callback, Meta, serving


@pytest.fixture
def callback() -> Iterator[Callback]:
    """The business's server."""
    server = Callback()
    yield server
    server.stop()


@pytest.fixture
def meta(callback: Callback) -> Iterator[Meta]:
    """A quick sandbox with one number and three customers."""
    with serving(callback) as sandbox:
        yield sandbox
