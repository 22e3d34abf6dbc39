"""What the telephone shows when something is missing, lost, late or too long."""

from collections.abc import Callable

from playwright.sync_api import APIResponse, Browser, Page, Route, expect

from tests.e2e.telephone.business import Business
from tests.e2e.telephone.conftest import Browsing, Sandbox
from tests.e2e.telephone.screen import bubbles, write
from tests.world import eventually


def test_a_message_that_could_not_be_posted_is_sent_again_by_hand(
    browsing: Browsing, bakery: Sandbox
) -> None:
    page = browsing.open(f"/?customer={bakery.customer('Lucía')}")
    page.route("**/messages", lambda route: route.abort())
    write(page, "hola")
    expect(bubbles(page, "customer")).to_have_attribute("data-status", "failed")
    assert [complaint for complaint in browsing.complaints if "net::ERR_FAILED" not in complaint] == []
    browsing.complaints.clear()
    page.unroute("**/messages")
    page.get_by_test_id("retry").click()
    expect(bubbles(page, "business")).to_contain_text("Has dicho: hola")
    expect(bubbles(page, "customer")).to_have_count(1)


def test_a_message_heard_before_its_post_was_answered_is_shown_once(
    browsing: Browsing, bakery: Sandbox
) -> None:
    page = browsing.open(f"/?customer={bakery.customer('Lucía')}")
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/messages", lambda route: held.append((route, route.fetch())))
    write(page, "hola")
    expect(bubbles(page, "business")).to_contain_text("Has dicho: hola")
    expect(bubbles(page, "customer")).to_have_attribute("data-status", "posting")
    route, answer = held[0]
    route.fulfill(response=answer)
    expect(bubbles(page, "customer")).to_have_attribute("data-status", "read")


def test_an_answer_that_never_arrived_is_marked_with_the_reason(browsing: Browsing, bakery: Sandbox) -> None:
    page = browsing.open(f"/?customer={bakery.customer('Lucía')}")
    bakery.post("faults", {"on": "messages", "kind": "async_failure", "code": 131049})
    write(page, "hola")
    expect(bubbles(page, "business")).to_have_attribute("data-status", "failed")
    expect(page.get_by_test_id("failure")).to_contain_text("(131049)")


def scrolled_up(page: Page) -> bool:
    """To the beginning of what is drawn; the page itself may still be on its way to the end."""
    page.locator(".messages").evaluate("messages => { messages.scrollTop = 0; }")
    return True


def test_a_long_chat_draws_its_end_and_grows_upwards(browsing: Browsing, bakery: Sandbox) -> None:
    customer = bakery.customer("Lucía")
    page = browsing.open(f"/?customer={customer}")
    expect(page.get_by_test_id("hint")).to_be_visible()
    number = page.url.split("number=")[1].split("&")[0]
    texts = [{"type": "text", "text": f"silencio {count}"} for count in range(400)]
    bakery.post(f"chats/{customer}/{number}/batch", {"messages": texts})
    page.reload()
    expect(bubbles(page, "customer").last).to_contain_text("silencio 399")
    assert bubbles(page, "customer").count() < 100
    eventually(lambda: scrolled_up(page) and page.get_by_text("silencio 300").count() == 1)
    expect(page.get_by_test_id("to-end")).to_be_visible()
    page.get_by_test_id("to-end").click()
    expect(page.get_by_test_id("to-end")).to_be_hidden()


def test_a_refused_line_is_opened_anew_and_what_was_missed_is_fetched(
    browser: Browser, make_sandbox: Callable[[], Sandbox]
) -> None:
    sandbox = make_sandbox()
    number, customer = sandbox.number("Panadería", "+34600111222"), sandbox.customer("Lucía")
    page = Browsing(browser, sandbox.url).open(f"/?customer={customer}")
    expect(page.get_by_test_id("hint")).to_be_visible()
    with page.expect_request("**/api/events"):
        page.route("**/api/events", lambda route: route.fulfill(status=503))
        sandbox.kill()
    sandbox.start()
    missed = {"type": "text", "text": "silencio, desde otro sitio"}
    sandbox.post(f"chats/{customer}/{number}/messages", missed)
    expect(page.get_by_text("Sin conexión, reintentando…")).to_be_visible()
    page.unroute("**/api/events")
    expect(bubbles(page, "customer")).to_contain_text("desde otro sitio")
    expect(page.get_by_text("Sin conexión, reintentando…")).to_be_hidden()
    page.context.close()


def test_a_lost_line_is_shown_and_what_was_missed_is_caught_up(
    browser: Browser, business: Business, make_sandbox: Callable[[], Sandbox]
) -> None:
    sandbox = make_sandbox()
    number, customer = sandbox.number("Panadería", "+34600111222"), sandbox.customer("Lucía")
    page = Browsing(browser, sandbox.url).open(f"/?customer={customer}")
    business.reads.clear()
    business.speaks.clear()
    write(page, "hola")
    # Only what the business has acknowledged is not brought to it again after the kill.
    expect(bubbles(page, "customer")).to_have_attribute("data-status", "delivered")
    business.reads.set()
    expect(page.get_by_test_id("typing")).to_be_visible()
    sandbox.kill()
    expect(page.get_by_text("Sin conexión, reintentando…")).to_be_visible()
    sandbox.start()
    missed = {"type": "text", "text": "silencio, desde otro sitio"}
    sandbox.post(f"chats/{customer}/{number}/messages", missed)
    business.speaks.set()
    expect(bubbles(page, "business")).to_contain_text("Has dicho: hola")
    expect(bubbles(page, "customer")).to_have_count(2)
    expect(page.get_by_text("Sin conexión, reintentando…")).to_be_hidden()
    page.context.close()


def test_without_a_business_it_says_where_to_make_one(
    browser: Browser, make_sandbox: Callable[[], Sandbox]
) -> None:
    sandbox = make_sandbox()
    page = Browsing(browser, sandbox.url).open()
    expect(page.get_by_test_id("make-agent")).to_have_attribute("href", "../")
    sandbox.number("Panadería", "+34600111222")
    expect(page.get_by_test_id("chat-item")).to_contain_text("Panadería")
    page.context.close()
