"""A sandbox as a process of its own, a business behind it, and Chromium in front of it."""

import json
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests import launch
from tests.e2e.telephone.business import PATIENCE, SECRET, Business
from tests.ports import free_port

PROJECT = Path(__file__).parents[3]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a microphone that beeps
]

A_DESK = {"locale": "es-ES", "viewport": {"width": 1280, "height": 860}}

expect.set_options(timeout=PATIENCE * 1000)


@dataclass
class Sandbox:
    """A sandbox process on a port of its own; it can be killed and started again with what it kept."""

    callback_url: str
    database: str
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns when it answers."""
        where = ["--port", str(self.port), "--database", self.database]
        whom = ["--callback", self.callback_url, "--app-secret", SECRET]
        self.process = launch.start("sandbox", *where, *whom)
        until = time.monotonic() + PATIENCE
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < until, "the sandbox did not start"
            time.sleep(0.05)

    def kill(self) -> None:
        """Ends it at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Calls the control API; returns its answer."""
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read() or b"null")

    def number(self, name: str, phone_number: str) -> str:
        """Registers a business's number; returns its id."""
        return str(self.post("numbers", {"phone_number": phone_number, "name": name})["phone_number_id"])

    def customer(self, name: str, kind: str = "phone") -> str:
        """Makes a customer; returns its id."""
        return str(self.post("customers", {"name": name, "kind": kind})["id"])

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/api/state", timeout=PATIENCE):
                return True
        except OSError:
            return False


@dataclass
class Browsing:
    """Opens pages, and keeps every complaint that a browser's console made about them."""

    browser: Browser
    url: str
    complaints: list[str] = field(default_factory=list)

    def page(self, **context: Any) -> Page:
        """An empty page of a new browser profile, in Spanish on a wide screen unless told otherwise."""
        page = self.browser.new_context(**{**A_DESK, **context}).new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def open(self, path: str = "/", **context: Any) -> Page:
        """Such a page with the telephone on it."""
        page = self.page(**context)
        page.goto(self.url + path)
        return page

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(said.text)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def _business() -> Iterator[Business]:
    business = Business()
    yield business
    business.close()


@pytest.fixture
def business(_business: Business) -> Iterator[Business]:
    """The business behind the sandboxes, its gates open again afterwards."""
    yield _business
    _business.open_gates()


@pytest.fixture(scope="module")
def make_sandbox(
    _business: Business, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Sandbox]]:
    """Starts sandboxes, each with a database of its own."""
    made: list[Sandbox] = []

    def make() -> Sandbox:
        database = tmp_path_factory.mktemp("sandbox") / "sandbox.db"
        made.append(Sandbox(_business.callback_url, str(database), free_port()))
        made[-1].start()
        _business.graph_url = made[-1].url
        return made[-1]

    yield make
    for sandbox in made:
        sandbox.kill()


@pytest.fixture(scope="module")
def bakery(make_sandbox: Callable[[], Sandbox]) -> Sandbox:
    """A sandbox with the number of one business."""
    sandbox = make_sandbox()
    sandbox.number("Panadería", "+34600111222")
    return sandbox


@pytest.fixture
def browsing(browser: Browser, bakery: Sandbox, _business: Business) -> Iterator[Browsing]:
    """Pages of the bakery's sandbox; the browser must have had nothing to complain about."""
    _business.graph_url = bakery.url
    browsing = Browsing(browser, bakery.url)
    yield browsing
    for context in browser.contexts:
        context.close()
    assert browsing.complaints == []
