"""A sandbox and its callback for each test."""

from collections.abc import Iterator

import pytest

from tests.integration.sandbox.sandbox_world import Callback, Meta, ending, serving


@pytest.fixture(scope="session", autouse=True)
def ends() -> Iterator[None]:
    """Every server has ended when the tests have."""
    yield
    for thread in ending:
        thread.join(20)


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


@pytest.fixture(scope="module")
def shop() -> Iterator[Meta]:
    """One sandbox for all that needs no fresh one."""
    callback = Callback()
    with serving(callback) as meta:
        yield meta
    callback.stop()
