"""An owner opens a report on the telephone: it fits, the worst is open, nothing is fetched, no script is needed."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from evals import differences, report
from evals.gate import compare
from evals.page import write_report
from evals.progress import Progress
from evals.run import evaluate
from evals.sets import find_sets
from evals.thinking import by_faqs
from evals.trials import trials
from src.core.agent_config import Faq

GYM = Path(__file__).resolve().parents[3] / "evals" / "data" / "es_faq" / "ajolote-gym-cdmx"
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
    "java_script_enabled": False,
}


class Reading:
    """Opens a page and notes what it asks for."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.fetched: list[str] = []

    def open(self, path: Path, **context: Any) -> Page:
        """The page on a telephone without scripts, unless told otherwise."""
        page = self._browser.new_context(**{**PHONE, **context}).new_page()
        page.on("request", self._note)
        page.goto(path.as_uri())
        return page

    def _note(self, request: Request) -> None:
        self.fetched.append(request.url)


@pytest.fixture
def reading(browser: Browser) -> Iterator[Reading]:
    yield Reading(browser)
    for context in browser.contexts:
        context.close()


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of an evaluation."""
    found = evaluate(GYM, by_faqs)
    return write_report(tmp_path_factory.mktemp("eval"), report.as_content(found), report.as_page(found))


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a comparison: a draft that tells jokes."""
    live = find_sets(GYM)[0].config
    joker = Faq(id="f99", q="¿Se ríen mucho?", a="¡Sí!", also=("cuéntame un chiste",))
    draft = live.model_copy(update={"faqs": (*live.faqs[1:], joker)})
    asked = trials(live, draft, None)
    found = compare(asked, live, draft, by_faqs, Progress(asked.size, print, lambda: 0.0))
    content = differences.as_content(found, 1, 2)
    return write_report(tmp_path_factory.mktemp("gate"), content, differences.as_page(content))


def picture(page: Page, name: str) -> None:
    """Keeps a picture of the page where SCREENSHOTS says."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def fits(browser: Browser, path: Path, width: int) -> bool:
    """Is nothing wider than the screen?"""
    page = browser.new_context(viewport={"width": width, "height": 740}).new_page()
    page.goto(path.as_uri())
    return bool(page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"))


def test_figures_and_the_worst_are_read_on_a_telephone(reading: Reading, evaluation: Path) -> None:
    page = reading.open(evaluation)
    expect(page.get_by_role("heading", name="How well does the bot answer?")).to_be_visible()
    expect(page.get_by_text("found first").first).to_be_visible()
    expect(page.locator(".count").first).to_contain_text("of 86, 95\N{NO-BREAK SPACE}%:")
    groups = page.locator("details")
    assert groups.first.get_attribute("open") is not None
    expect(groups.first.locator(".tag").first).to_have_class("tag bad")
    closed = groups.last
    assert closed.get_attribute("open") is None
    expect(closed.locator(".item").first).to_be_hidden()
    closed.locator("summary").tap()
    expect(closed.locator(".item").first).to_be_visible()
    assert reading.fetched == [evaluation.as_uri()]
    picture(page, "report-telephone")


def test_both_answers_of_a_comparison_stand_side_by_side(reading: Reading, comparison: Path) -> None:
    page = reading.open(comparison, viewport={"width": 1100, "height": 800}, is_mobile=False)
    verdict = page.get_by_role("status")
    expect(verdict).to_contain_text("Version 2 is worse than what is live")
    expect(verdict).to_contain_text("off-topic questions answered")
    joke = page.locator(".item", has_text="cuéntame un chiste").first
    sides = joke.locator(".side")
    expect(sides.nth(0)).to_contain_text("live: refused")
    expect(sides.nth(1)).to_contain_text("draft: answered")
    first, second = sides.nth(0).bounding_box(), sides.nth(1).bounding_box()
    assert first is not None
    assert second is not None
    assert second["x"] > first["x"] + first["width"] - 1
    picture(page, "comparison")


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_nothing_is_wider_than_the_screen(
    browser: Browser, evaluation: Path, comparison: Path, width: int
) -> None:
    assert fits(browser, evaluation, width)
    assert fits(browser, comparison, width)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_read_by_day_and_by_night(reading: Reading, evaluation: Path, scheme: str) -> None:
    page = reading.open(evaluation, color_scheme=scheme, java_script_enabled=True)
    seen = page.evaluate(
        "() => { const s = getComputedStyle(document.body);"
        "  return [s.color, s.backgroundColor].map(c => c.match(/\\d+/g).map(Number).slice(0, 3)"
        "    .reduce((a, b) => a + b) / 3) }"
    )
    ink, paper = seen
    assert (ink < 80 < 200 < paper) if scheme == "light" else (paper < 60 < 200 < ink)
