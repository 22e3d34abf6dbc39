"""Nothing stays unseen that happened while the line to the sandbox was not up yet, or was down."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import APIResponse, Browser, Page, Route, expect

from tests.e2e.telephone.conftest import Browsing, Sandbox
from tests.e2e.telephone.screen import bubbles

LINE, CHAT, STATE = "**/api/events", "**/api/chats/*/*", "**/api/state"
OFFLINE = "Sin conexión, reintentando…"


class Shop:
    """A sandbox with one business and one customer, and a page of hers that is not open yet."""

    def __init__(self, sandbox: Sandbox, browser: Browser) -> None:
        self.sandbox = sandbox
        self.number, self.customer = sandbox.number("Panadería", "+34600111222"), sandbox.customer("Lucía")
        self.page: Page = Browsing(browser, sandbox.url).page()
        # What a test holds on a slow machine is to be waited for, however long that takes.
        self.page.add_init_script("AbortSignal.timeout = () => new AbortController().signal")

    def opens(self) -> None:
        """The customer opens her telephone."""
        self.page.goto(f"{self.sandbox.url}/?customer={self.customer}")

    def opens_the_chat(self) -> None:
        """The customer opens her telephone, and the empty chat is on its screen."""
        self.opens()
        expect(self.page.get_by_test_id("hint")).to_be_visible()

    def writes_elsewhere(self, text: str) -> None:
        """A message that this page is not told of but by the sandbox."""
        written = {"type": "text", "text": text}
        self.sandbox.post(f"chats/{self.customer}/{self.number}/messages", written)

    def holds(self, address: str) -> list[Route]:
        """Requests for the address are held from now on, in this list."""
        held: list[Route] = []
        self.page.route(address, lambda route: held.append(route))
        return held

    def lets_go(self, address: str, held: list[Route]) -> None:
        """Requests for the address pass from now on, those that are held too."""
        for route in held:
            route.continue_()
        self.page.unroute(address)

    def holds_the_next_answer(self, address: str) -> list[tuple[Route, APIResponse]]:
        """The next request for the address is made, and its answer held, in this list."""
        old: list[tuple[Route, APIResponse]] = []
        first: list[Route] = []

        def hold(route: Route) -> None:
            first.append(route)
            if route is not first[0]:  # it may come while the first is still being fetched
                route.continue_()
            else:
                old.append((route, route.fetch()))

        self.page.route(address, hold)
        return old

    def held(self, old: list[tuple[Route, APIResponse]]) -> tuple[Route, APIResponse]:
        """The request that is held, with its answer, once that is there."""
        while not old:
            self.page.wait_for_timeout(20)
        return old[0]


@pytest.fixture
def shop(browser: Browser, make_sandbox: Callable[[], Sandbox]) -> Iterator[Shop]:
    """A sandbox of the test's own."""
    shop = Shop(make_sandbox(), browser)
    yield shop
    shop.page.context.close()


def test_what_came_before_the_line_was_up_is_shown(shop: Shop) -> None:
    held = shop.holds(LINE)
    shop.opens_the_chat()
    shop.writes_elsewhere("silencio, demasiado pronto")
    shop.lets_go(LINE, held)
    expect(bubbles(shop.page, "customer")).to_contain_text("demasiado pronto")


def test_what_came_while_the_first_line_was_refused_is_shown(shop: Shop) -> None:
    shop.page.route(LINE, lambda route: route.fulfill(status=503))
    shop.opens_the_chat()
    expect(shop.page.get_by_text(OFFLINE)).to_be_visible()
    shop.writes_elsewhere("silencio, demasiado pronto")
    shop.page.unroute(LINE)
    expect(bubbles(shop.page, "customer")).to_contain_text("demasiado pronto")
    expect(shop.page.get_by_text(OFFLINE)).to_be_hidden()


def test_what_came_before_a_restart_of_the_sandbox_is_shown_after_it(shop: Shop) -> None:
    held = shop.holds(LINE)
    shop.opens_the_chat()
    shop.writes_elsewhere("silencio, antes de caer")
    shop.sandbox.kill()
    shop.lets_go(LINE, held)
    expect(shop.page.get_by_text(OFFLINE)).to_be_visible()
    shop.sandbox.start()
    expect(bubbles(shop.page, "customer")).to_contain_text("antes de caer")


def test_a_business_and_its_chat_that_came_before_the_line_are_listed(shop: Shop) -> None:
    held = shop.holds(LINE)
    shop.opens_the_chat()
    shop.page.get_by_test_id("back").click()
    expect(shop.page.get_by_test_id("chat-item")).to_have_count(1)
    shop.sandbox.number("Zapatería", "+34600333444")
    shop.writes_elsewhere("silencio, demasiado pronto")
    shop.lets_go(LINE, held)
    expect(shop.page.get_by_test_id("chat-item")).to_have_count(2)
    expect(shop.page.get_by_test_id("chat-item").first).to_contain_text("demasiado pronto")


def test_an_answer_that_was_overtaken_does_not_hide_what_is_newer(shop: Shop) -> None:
    line, old = shop.holds(LINE), shop.holds_the_next_answer(CHAT)
    with shop.page.expect_request(LINE):
        shop.opens()
    shop.writes_elsewhere("silencio, lo nuevo")
    shop.lets_go(LINE, line)
    expect(bubbles(shop.page, "customer")).to_contain_text("lo nuevo")
    route, answer = shop.held(old)
    with shop.page.expect_response(CHAT):
        route.fulfill(response=answer)
    shop.writes_elsewhere("silencio, lo último")
    expect(bubbles(shop.page, "customer").last).to_contain_text("lo último")
    expect(bubbles(shop.page, "customer")).to_have_count(2)


def test_catching_up_is_tried_until_it_succeeds(shop: Shop) -> None:
    held = shop.holds(LINE)
    shop.opens_the_chat()
    shop.writes_elsewhere("silencio, demasiado pronto")
    shop.page.route(CHAT, lambda route: route.fulfill(status=503))
    shop.lets_go(LINE, held)
    expect(shop.page.get_by_text(OFFLINE)).to_be_visible()
    shop.page.unroute(CHAT)
    expect(bubbles(shop.page, "customer")).to_contain_text("demasiado pronto")
    expect(shop.page.get_by_text(OFFLINE)).to_be_hidden()


def test_a_customer_met_while_all_are_fetched_stays(shop: Shop) -> None:
    line = shop.holds(LINE)
    shop.opens_the_chat()
    old = shop.holds_the_next_answer(STATE)
    with shop.page.expect_request(STATE):
        shop.lets_go(LINE, line)
    expect(bubbles(shop.page, "customer")).to_have_count(0)
    shop.sandbox.customer("Inés")
    shop.writes_elsewhere("silencio, ya se ha oído")
    expect(bubbles(shop.page, "customer")).to_contain_text("ya se ha oído")
    route, answer = shop.held(old)
    state = answer.json()
    state["customers"].append({**state["customers"][0], "id": "cus_old", "name": "Respuesta Antigua"})
    route.fulfill(json=state)
    shop.page.get_by_test_id("change-customer").click()
    expect(shop.page.get_by_text("Respuesta Antigua")).to_be_visible()
    expect(shop.page.get_by_text("Inés")).to_be_visible()
