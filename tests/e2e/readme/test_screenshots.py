"""Takes the README's pictures of a real instance: SCREENSHOTS=docs/images pytest tests/e2e/readme."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect, sync_playwright

from tests.e2e.readme.conftest import Running
from tests.e2e.telephone.conftest import CHROMIUM, FLAGS
from tests.e2e.telephone.screen import bubbles, write

FOLDER = os.environ.get("SCREENSHOTS")
MAX_BYTES = 300_000
pytestmark = pytest.mark.skipif(FOLDER is None, reason="SCREENSHOTS=folder asks for pictures")


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def open_page(browser: Browser, url: str, width: int, scale: float) -> Page:
    context = browser.new_context(
        locale="es-ES",
        timezone_id="Europe/Madrid",
        device_scale_factor=scale,
        viewport={"width": width, "height": 900},
    )
    page = context.new_page()
    page.goto(url)
    return page


def test_the_telephone(running: Running, browser: Browser) -> None:
    page = open_page(browser, running.url + "/sandbox/", 1400, 1.5)
    page.get_by_test_id("add-telephone").click()
    first, second = page.get_by_test_id("telephone").all()
    for text, answer in (
        ("hola! a q hora abris hoy?", "de 7:30 a 14:00"),
        ("y puedo pagar con bizum", "tarjeta, Bizum y efectivo"),
        ("quiero hablar con una persona", "960 000 101"),
    ):
        write(first, text)
        expect(bubbles(first, "business").last).to_contain_text(answer)
    write(second, "cuanto cuesta una tarta?")
    second.get_by_test_id("reply-button").filter(has_text="Precio de las tartas").click()
    expect(bubbles(second, "business").last).to_contain_text("24 €")
    for telephone in (first, second):
        expect(bubbles(telephone, "customer").last).to_have_attribute("data-status", "read")
    page.locator("body").click(position={"x": 2, "y": 2})
    keep(page, around(first, second), "telephone.png")


def around(first: Locator, second: Locator) -> FloatRect:
    """The rectangle that holds both."""
    left, right = first.bounding_box(), second.bounding_box()
    assert left is not None
    assert right is not None
    width = right["x"] + right["width"] - left["x"]
    return {"x": left["x"] - 8, "y": left["y"], "width": width + 16, "height": left["height"] + 8}


def test_the_start_page(running: Running, browser: Browser) -> None:
    page = open_page(browser, running.url, 1000, 2)
    page.get_by_role("button", name="Usar un ejemplo").click()
    expect(page.get_by_test_id("agent")).to_be_visible()
    keep(page, {"x": 0, "y": 0, "width": 1000, "height": 512}, "start.png")


def keep(page: Page, clip: FloatRect, name: str) -> None:
    # A gradient is dithered, and would make the picture twice as large.
    page.evaluate("document.body.style.background = 'var(--stage)'")
    picture = page.screenshot(animations="disabled", clip=clip)
    assert len(picture) <= MAX_BYTES, f"{name} has {len(picture)} bytes"
    Path(FOLDER or "").joinpath(name).write_bytes(picture)
    page.context.close()
