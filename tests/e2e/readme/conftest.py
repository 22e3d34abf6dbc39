"""`released up` as the README starts it: its keys and database in `data` of the current folder."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from urllib3.exceptions import HTTPError

from tests.ports import free_port
from tests.world import call, eventually

PROJECT = Path(__file__).resolve().parents[3]
_KEPT = ("PATH", "COVERAGE", "HOME", "LANG", "TMPDIR")


@dataclass(frozen=True)
class Running:
    """An instance in sandbox mode at `url`, started in `folder`."""

    url: str
    folder: Path

    def sandbox(self, method: str, path: str, body: Any = None) -> Any:
        """What the sandbox's control API answers."""
        status, answer = call(method, f"{self.url}/sandbox/api/{path}", body)
        assert status < 300, answer
        return answer

    def chat(self) -> str:
        """The path of the first customer's chat with the demonstration bakery."""
        state = self.sandbox("GET", "state")
        return f"chats/{state['customers'][0]['id']}/{state['numbers'][0]['phone_number_id']}"

    def api(self, path: str) -> Any:
        """What our JSON API answers to a GET with the key."""
        key = (self.folder / "data" / "api_key").read_text().strip()
        return call("GET", self.url + path, Authorization=f"Bearer {key}")[1]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A fresh instance whose demonstration bakery answers."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if name.startswith(_KEPT)}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "src", "up", "--port", str(port)],
            cwd=tmp_path,
            env={**kept, "PYTHONPATH": str(PROJECT)},
            stdout=log,
            stderr=log,
        )
    found = Running(f"http://127.0.0.1:{port}", tmp_path)
    try:
        eventually(lambda: process.poll() is not None or _has_a_bakery(found), 60)
        assert process.poll() is None, (tmp_path / "log").read_text()[-3000:]
        yield found
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _has_a_bakery(running: Running) -> bool:
    try:
        return bool(running.api("/agent")["agents"])
    except (OSError, HTTPError):
        return False
