"""An instance in sandbox mode, as `released up` runs it, and one that is live."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from sandbox.app import SandboxConfig, create_sandbox
from src.core.instance import open_instance
from src.core.settings import Settings
from src.main import create_app
from tests.ports import free_port
from tests.world import Served, World, call, eventually, shown

FAQS = [
    {"q": "¿A qué hora abren?", "a": "A las nueve."},
    {"q": "¿Dónde están?", "a": "En la calle Mayor, 3."},
]
NUMBER = "+34600000555"


class Desk:
    """An instance in sandbox mode with its telephone beside it."""

    def __init__(self, home: Path, **settings: Any) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        given = {
            "released_home": home,
            "port": self.port,
            "burst_wait_ms": 0,
            "worker_threads": 4,
            **settings,
        }
        self.instance = open_instance(Settings(_env_file=None, **given))
        config = SandboxConfig(
            callback_url=f"{self.url}/webhook",
            app_secret=self.instance.app_secrets[0],
            access_token=self.instance.access_token,
            database=str(home / "sandbox.db"),
        )
        self.beside = create_sandbox(config)
        self._served = Served(create_app(self.instance, {"/sandbox": self.beside}), self.port)

    def stop(self) -> None:
        """Ends it."""
        self._served.stop()

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and text of a page."""
        status, answer = call("GET", self.url + path, **headers)
        return status, answer if isinstance(answer, str) else json.dumps(answer)

    def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        """Status and JSON of what a page asks."""
        return call("POST", self.url + path, body, **headers)

    def make(self, number: str = NUMBER, **more: Any) -> str:
        """Makes an agent as the page does; returns its Phone Number ID."""
        status, made = self.post("/start/agent", {"phone_number": number, "faqs": FAQS, **more})
        assert status == 201, made
        return str(made["phone_number_id"])

    def hears(self, text: str, number_id: str) -> str:
        """What the business answers to a customer on the telephone."""
        customer = call("GET", f"{self.url}/sandbox/api/state")[1]["customers"][0]["id"]
        chat = f"{self.url}/sandbox/api/chats/{customer}/{number_id}"
        assert call("POST", f"{chat}/messages", {"type": "text", "text": text})[0] == 201

        def answers() -> list[dict[str, Any]]:
            return [message for message in call("GET", chat)[1]["messages"] if message["from"] == "business"]

        return shown(eventually(answers)[-1])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A fresh instance in sandbox mode."""
    found = Desk(tmp_path)
    yield found
    found.stop()


@pytest.fixture(scope="module")
def quiet_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One in which nothing is changed, for all tests of a file."""
    found = Desk(tmp_path_factory.mktemp("quiet"))
    yield found
    found.stop()


@pytest.fixture
def live(tmp_path: Path) -> Iterator[World]:
    """A fresh instance with Meta's settings and one agent."""
    with World(tmp_path) as found:
        found.knows("¿A qué hora abren?", "A las nueve.")
        yield found


def headers_of(url: str) -> urllib3.BaseHTTPResponse:
    """The whole answer to a GET, redirects not followed."""
    return urllib3.request("GET", url, redirect=False, headers={"Accept-Language": "es"})
