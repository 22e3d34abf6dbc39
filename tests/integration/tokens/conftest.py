"""The world of tokens, open for business."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.tokens.token_world import TokenWorld


@pytest.fixture
def world(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[TokenWorld]:
    """Two numbers with young tokens, over a fresh database of each kind."""
    monkeypatch.chdir(tmp_path)
    with TokenWorld(tmp_path, database_url) as found:
        found.opens()
        yield found
