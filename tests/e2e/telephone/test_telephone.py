"""What a person can do on the telephone, done in a real browser."""

from collections.abc import Callable

from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.telephone.business import Business
from tests.e2e.telephone.conftest import Browsing, Sandbox

A_PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def write(telephone: Locator | Page, text: str) -> None:
    """Writes a text into the open chat and sends it."""
    telephone.get_by_test_id("composer").fill(text)
    telephone.get_by_test_id("send").click()


def bubbles(telephone: Locator | Page, author: str) -> Locator:
    """The bubbles of the customer or of the business, in order."""
    return telephone.locator(f"[data-testid=bubble][data-from={author}]")


def test_a_message_gets_its_ticks_and_its_answer(browsing: Browsing, bakery: Sandbox, business: Business) -> None:
    page = browsing.open(f"/?customer={bakery.customer('Lucía')}")
    for gate in (business.hears, business.reads, business.speaks):
        gate.clear()
    write(page, "¿a qué hora abrís?")
    own = bubbles(page, "customer")
    expect(own).to_have_attribute("data-status", "sent")
    business.hears.set()
    expect(own).to_have_attribute("data-status", "delivered")
    business.reads.set()
    expect(own).to_have_attribute("data-status", "read")
    expect(page.get_by_test_id("typing")).to_be_visible()
    expect(page.get_by_test_id("presence")).to_have_text("escribiendo…")
    business.speaks.set()
    expect(bubbles(page, "business")).to_contain_text("Has dicho: ¿a qué hora abrís?")
    expect(page.get_by_test_id("typing")).to_be_hidden()
    expect(page.get_by_test_id("presence")).to_have_text("en línea")
    expect(own).to_have_count(1)


def test_buttons_can_be_tapped_and_old_ones_tapped_again(browsing: Browsing, bakery: Sandbox) -> None:
    page = browsing.open(f"/?customer={bakery.customer('Lucía')}")
    write(page, "botones")
    page.get_by_test_id("reply-button").filter(has_text="Pan sin gluten").click()
    expect(bubbles(page, "customer").last).to_contain_text("Pan sin gluten")
    expect(bubbles(page, "customer").last.get_by_test_id("quoted")).to_contain_text("¿Te refieres a…?")
    expect(bubbles(page, "business").last).to_contain_text("Has dicho: Pan sin gluten (bread)")
    page.get_by_test_id("reply-button").filter(has_text="Horario").click()
    expect(bubbles(page, "business").last).to_contain_text("Has dicho: Horario (hours)")


def test_a_list_opens_from_below_and_one_row_is_sent(browsing: Browsing, bakery: Sandbox) -> None:
    page = browsing.open(f"/?customer={bakery.customer('Lucía')}")
    write(page, "lista")
    page.get_by_role("button", name="Ver preguntas").click()
    expect(page.get_by_role("dialog", name="Ver preguntas")).to_be_visible()
    expect(page.get_by_test_id("list-send")).to_be_disabled()
    page.get_by_test_id("list-row").filter(has_text="Tartas").click()
    page.get_by_test_id("list-send").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(bubbles(page, "customer").last).to_contain_text("¿Con cuánta antelación?")
    expect(bubbles(page, "business").last).to_contain_text("Has dicho: Tartas (cake)")


def test_a_list_is_left_with_escape_and_sends_nothing(browsing: Browsing, bakery: Sandbox) -> None:
    page = browsing.open(f"/?customer={bakery.customer('Lucía')}")
    write(page, "lista")
    page.get_by_test_id("open-list").click()
    page.get_by_role("radio", name="Aparcamiento").check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_test_id("open-list")).to_be_focused()
    expect(bubbles(page, "customer")).to_have_count(1)


def test_customers_side_by_side_have_chats_of_their_own(browsing: Browsing, bakery: Sandbox) -> None:
    page = browsing.open(f"/?customer={bakery.customer('Lucía')}")
    page.get_by_test_id("add-telephone").click()
    lucia, other = page.get_by_test_id("telephone").first, page.get_by_test_id("telephone").last
    expect(page.get_by_test_id("telephone")).to_have_count(2)
    other.get_by_test_id("change-customer").click()
    other.get_by_label("Nombre", exact=True).fill("Ana")
    other.get_by_label("su nombre de usuario, sin número").check()
    other.get_by_test_id("create-customer").click()
    write(other, "soy Ana")
    write(lucia, "soy Lucía")
    expect(bubbles(other, "business")).to_contain_text("Has dicho: soy Ana")
    expect(bubbles(lucia, "business")).to_contain_text("Has dicho: soy Lucía")
    expect(lucia.get_by_test_id("bubble")).to_have_count(2)
    expect(other.get_by_test_id("bubble")).to_have_count(2)
    page.get_by_role("button", name="Quitar el teléfono de Ana").click()
    expect(page.get_by_test_id("telephone")).to_have_count(1)


def test_on_a_small_screen_one_telephone_fills_it_and_back_leads_to_the_chats(
    browsing: Browsing, bakery: Sandbox, business: Business
) -> None:
    page = browsing.open(f"/?customer={bakery.customer('Lucía')}", **A_PHONE)
    assert page.get_by_test_id("telephone").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    business.speaks.clear()
    page.get_by_test_id("hint").tap()
    page.get_by_test_id("send").tap()
    expect(bubbles(page, "customer")).to_contain_text("¿a qué hora abrís?")
    page.get_by_test_id("back").tap()
    business.speaks.set()
    expect(page.get_by_test_id("unread")).to_have_text("1")
    page.get_by_test_id("chat-item").tap()
    expect(page.get_by_test_id("unread-separator")).to_have_text("1 mensaje no leído")
    page.go_back()
    expect(page.get_by_test_id("chat-item")).to_contain_text("Has dicho")
    expect(page.get_by_test_id("unread")).to_have_count(0)


def test_it_speaks_the_browsers_language_until_another_is_chosen(browsing: Browsing, bakery: Sandbox) -> None:
    page = browsing.open(f"/?customer={bakery.customer('Lucía')}", locale="pt-BR")
    expect(page.get_by_test_id("composer")).to_have_attribute("placeholder", "Mensagem")
    page.get_by_test_id("composer").fill("metade de uma frase")
    page.get_by_test_id("language").select_option("en")
    expect(page.get_by_test_id("composer")).to_have_attribute("placeholder", "Message")
    expect(page.get_by_test_id("composer")).to_have_value("metade de uma frase")
    page.reload()
    expect(page).to_have_title("Test telephone")


def test_marks_and_links_are_drawn_and_markup_stays_text(browsing: Browsing, bakery: Sandbox) -> None:
    page = browsing.open(f"/?customer={bakery.customer('Lucía')}")
    write(page, "*uno* _dos_ ~tres~ 2*3*4 https://a.example/x, javascript:alert(1) <img src=x onerror=alert(1)>")
    text = bubbles(page, "business").get_by_test_id("bubble-text")
    expect(text.locator("strong")).to_have_text("uno")
    expect(text.locator("em")).to_have_text("dos")
    expect(text.locator("s")).to_have_text("tres")
    expect(text.locator("a")).to_have_attribute("href", "https://a.example/x")
    expect(text).to_contain_text("2*3*4 https://a.example/x, javascript:alert(1) <img src=x onerror=alert(1)>")
    expect(text.locator("img")).to_have_count(0)


def test_a_reply_quotes_and_a_reaction_stays(browsing: Browsing, bakery: Sandbox) -> None:
    page = browsing.open(f"/?customer={bakery.customer('Lucía')}")
    write(page, "hola")
    bubbles(page, "business").hover()
    bubbles(page, "business").get_by_test_id("options").click()
    page.get_by_test_id("quote").click()
    write(page, "silencio")
    expect(bubbles(page, "customer").last.get_by_test_id("quoted")).to_contain_text("Has dicho: hola")
    bubbles(page, "business").hover()
    bubbles(page, "business").get_by_test_id("options").click()
    page.get_by_role("button", name="Reaccionar con ❤️").click()
    expect(page.get_by_test_id("reaction")).to_have_text("❤️")
    page.reload()
    expect(page.get_by_test_id("reaction")).to_have_text("❤️")
    expect(bubbles(page, "customer").last.get_by_test_id("quoted")).to_contain_text("Has dicho: hola")


def test_a_message_that_could_not_be_posted_is_sent_again_by_hand(browsing: Browsing, bakery: Sandbox) -> None:
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


def test_an_answer_that_never_arrived_is_marked_with_the_reason(browsing: Browsing, bakery: Sandbox) -> None:
    page = browsing.open(f"/?customer={bakery.customer('Lucía')}")
    bakery.post("faults", {"on": "messages", "kind": "async_failure", "code": 131049})
    write(page, "hola")
    expect(bubbles(page, "business")).to_have_attribute("data-status", "failed")
    expect(page.get_by_test_id("failure")).to_contain_text("(131049)")


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
    page.locator(".messages").evaluate("messages => { messages.scrollTop = 0; }")
    expect(page.get_by_test_id("bubble").filter(has_text="silencio 300")).to_have_count(1)
    expect(page.get_by_test_id("to-end")).to_be_visible()
    page.get_by_test_id("to-end").click()
    expect(page.get_by_test_id("to-end")).to_be_hidden()


def test_a_lost_line_is_shown_and_what_was_missed_is_caught_up(
    browser: Browser, business: Business, make_sandbox: Callable[[], Sandbox]
) -> None:
    sandbox = make_sandbox()
    number, customer = sandbox.number("Panadería", "+34600111222"), sandbox.customer("Lucía")
    page = Browsing(browser, sandbox.url).open(f"/?customer={customer}")
    business.speaks.clear()
    write(page, "hola")
    expect(page.get_by_test_id("typing")).to_be_visible()
    sandbox.kill()
    expect(page.get_by_text("Sin conexión, reintentando…")).to_be_visible()
    sandbox.start()
    sandbox.post(f"chats/{customer}/{number}/messages", {"type": "text", "text": "silencio, desde otro sitio"})
    business.speaks.set()
    expect(bubbles(page, "business")).to_contain_text("Has dicho: hola")
    expect(bubbles(page, "customer")).to_have_count(2)
    expect(page.get_by_text("Sin conexión, reintentando…")).to_be_hidden()
    page.context.close()


def test_without_a_business_it_says_where_to_make_one(browser: Browser, make_sandbox: Callable[[], Sandbox]) -> None:
    sandbox = make_sandbox()
    page = Browsing(browser, sandbox.url).open()
    expect(page.get_by_test_id("make-agent")).to_have_attribute("href", "../")
    sandbox.number("Panadería", "+34600111222")
    expect(page.get_by_test_id("chat-item")).to_contain_text("Panadería")
    page.context.close()
