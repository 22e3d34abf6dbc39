"""The bakery with ears, on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.hearing.hearing_world import HearingWorld


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[HearingWorld]:
    """A bakery with a model."""
    with HearingWorld(tmp_path, database_url) as found:
        found.is_a_bakery()
        yield found


@pytest.fixture
def deaf(tmp_path: Path, database_url: str) -> Iterator[HearingWorld]:
    """A bakery without a model."""
    with HearingWorld(tmp_path, database_url, openai_api_key=None) as found:
        found.is_a_bakery()
        yield found
