"""`released up` as a process of its own, and Chromium in front of its start page."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from urllib3.exceptions import HTTPError

from tests import launch
from tests.e2e.telephone.conftest import A_DESK, CHROMIUM, FLAGS
from tests.ports import free_port
from tests.world import call, eventually

PATIENCE = 30

expect.set_options(timeout=PATIENCE * 1000)


class Browsing:
    """Opens pages of the instance and hears what the browser complains of."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser, self.url = browser, url
        self.complaints: list[str] = []

    def open(self, path: str = "/", **context: Any) -> Page:
        """A page in a fresh browser profile, in Spanish on a wide screen unless told otherwise."""
        page = self._browser.new_context(**{**A_DESK, **context}).new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.url + path)
        return page

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(said.text)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a fresh instance in sandbox mode answers."""
    home, port = tmp_path_factory.mktemp("home"), free_port()
    kept = {
        name: os.environ[name] for name in os.environ if name.startswith(("PATH", "COVERAGE", "HOME", "LANG"))
    }
    with (home / "log").open("wb") as log:
        process = launch.start(
            *("src", "up", "--port", str(port)),
            env={**kept, "RELEASED_HOME": str(home), "BURST_WAIT_MS": "0"},
            stdout=log,
            stderr=log,
        )
    found = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: process.poll() is not None or _shows_the_demonstration(found), 60)
        assert process.poll() is None, (home / "log").read_text()[-3000:]
        yield found
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _shows_the_demonstration(url: str) -> bool:
    try:
        return "Panadería La Espiga" in call("GET", url)[1]
    except (OSError, HTTPError):
        return False


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def browsing(browser: Browser, url: str) -> Iterator[Browsing]:
    """Pages of the instance; the browser must have had nothing to complain about."""
    browsing = Browsing(browser, url)
    yield browsing
    for context in browser.contexts:
        context.close()
    assert browsing.complaints == []
