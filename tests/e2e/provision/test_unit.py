"""The unit that systemd gets is one that systemd understands."""

import shutil
import subprocess
from pathlib import Path

import pytest

from src.cli.clients.folder import Client
from src.cli.clients.unit import Unit

ANALYZE = shutil.which("systemd-analyze")


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")
def test_systemd_finds_nothing_wrong_with_the_unit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RELEASED_CLIENTS", str(tmp_path / "100% ours"))
    client = Client("bakery")
    client.folder.mkdir(parents=True)
    unit = tmp_path / "released-bakery.service"
    unit.write_text(Unit(client).text(), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False
    )
    assert "released-bakery" not in done.stderr
    assert "RestartSec=2" in unit.read_text()
