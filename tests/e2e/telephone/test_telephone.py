"""What a person can do on the telephone, done in a real browser."""

from playwright.sync_api import expect

from tests.e2e.telephone.business import Business
from tests.e2e.telephone.conftest import Browsing, Sandbox
from tests.e2e.telephone.screen import bubbles, write

A_PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def test_a_message_gets_its_ticks_and_its_answer(
    browsing: Browsing, bakery: Sandbox, business: Business
) -> None:
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
    expect(page.locator("[aria-live=polite]")).to_have_text("Panadería: Has dicho: ¿a qué hora abrís?")
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
    plain = "2*3*4 https://a.example/x, javascript:alert(1) <img src=x onerror=alert(1)>"
    write(page, f"*uno* _dos_ ~tres~ {plain}")
    text = bubbles(page, "business").get_by_test_id("bubble-text")
    expect(text.locator("strong")).to_have_text("uno")
    expect(text.locator("em")).to_have_text("dos")
    expect(text.locator("s")).to_have_text("tres")
    expect(text.locator("a")).to_have_attribute("href", "https://a.example/x")
    expect(text).to_contain_text(plain)
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
