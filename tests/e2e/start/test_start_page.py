"""A person opens the start page, pastes FAQs, and reads the right answer on the telephone."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.start.conftest import Browsing
from tests.e2e.telephone.screen import bubbles, write

FAQS = "P: ¿A qué hora abren?\nR: De lunes a sábado, de 9:00 a 20:00.\n\nP: ¿Aceptan tarjeta?\nR: Sí, y también Bizum."
A_PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def picture(page: Page, name: str) -> None:
    """Keeps a picture of the page where SCREENSHOTS says."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_pasted_faqs_become_an_agent_whose_telephone_answers(browsing: Browsing) -> None:
    page = browsing.open()
    expect(page.get_by_test_id("agent")).to_contain_text("Panadería La Espiga")
    expect(page.get_by_test_id("mode")).to_contain_text("Modo de prueba")
    page.get_by_test_id("faqs").fill(FAQS)
    expect(page.get_by_test_id("count")).to_have_text("2 preguntas entendidas")
    expect(page.get_by_test_id("understood")).to_contain_text("Sí, y también Bizum.")
    page.get_by_label("Nombre del negocio").fill("Zapatería Ruiz")
    page.get_by_label("¿Quién ayuda").fill("Llama al 910 000 147")
    picture(page, "start")
    page.get_by_test_id("create").click()
    page.wait_for_url("**/sandbox/?number=*")
    write(page, "aceptais tarjeta?")
    expect(bubbles(page, "business").last).to_contain_text("Sí, y también Bizum.")
    picture(page, "start-telephone")
    page.goto(browsing.url)
    expect(page.get_by_test_id("agent").last).to_contain_text("Zapatería Ruiz")


def test_the_demonstration_is_one_click_away(browsing: Browsing) -> None:
    page = browsing.open()
    page.get_by_role("link", name="Probar Panadería La Espiga en su teléfono").click()
    page.wait_for_url("**/sandbox/?number=*")
    write(page, "¿Se puede pagar con tarjeta?")
    expect(bubbles(page, "business").last).to_contain_text("tarjeta, Bizum y efectivo")


def test_a_mistake_leads_to_its_line(browsing: Browsing) -> None:
    page = browsing.open()
    page.get_by_test_id("faqs").fill("P: ¿Abren?\nR: Sí.\nP: ¿Cierran?\nP: ¿Dónde?\nR: Aquí.")
    expect(page.get_by_test_id("mistake")).to_contain_text("Falta la respuesta")
    page.get_by_role("button", name="Ir a la línea 3").click()
    chosen = page.evaluate("() => getSelection().toString()")
    assert chosen == "P: ¿Cierran?"
    page.get_by_test_id("create").click()
    expect(page.get_by_role("alert")).to_have_text("Corrige antes lo que se señala arriba.")
    assert page.url == f"{browsing.url}/"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("faqs.csv", "Pregunta;Respuesta\r\n¿Cuál es el menú?;Café y jamón\r\n".encode("cp1252")),
        ("faqs.csv", "\ufeffPregunta;Respuesta\r\n¿Cuál es el menú?;Café y jamón\r\n".encode()),
        ("faqs.json", '{"faqs": [{"q": "¿Cuál es el menú?", "a": "Café y jamón"}]}'.encode()),
        ("faqs.yaml", "- pregunta: ¿Cuál es el menú?\n  respuesta: Café y jamón\n".encode()),
        ("faqs.txt", "¿Cuál es el menú?\nCafé y jamón\n".encode("utf-16")),
    ],
)
def test_a_file_is_understood_whatever_wrote_it(browsing: Browsing, name: str, content: bytes) -> None:
    page = browsing.open()
    page.set_input_files("#file", {"name": name, "mimeType": "application/octet-stream", "buffer": content})
    expect(page.get_by_test_id("count")).to_have_text("1 pregunta entendida")
    expect(page.get_by_test_id("understood")).to_contain_text("Café y jamón")
    expect(page.get_by_text(f"De {name}")).to_be_visible()


def test_a_taken_number_is_said_and_nothing_is_lost(browsing: Browsing) -> None:
    page = browsing.open()
    page.get_by_role("button", name="Usar un ejemplo").click()
    expect(page.get_by_test_id("count")).to_have_text("5 preguntas entendidas")
    page.get_by_label("Número de WhatsApp").fill("+34 600 000 101")
    page.get_by_test_id("create").click()
    expect(page.get_by_role("alert")).to_have_text("Ese número ya tiene un agente. Elige otro número.")
    expect(page.get_by_label("Nombre del negocio")).to_have_value("Peluquería Alba")
    # The browser itself notes every answer of 400 and above.
    assert [text for text in browsing.complaints if "409" not in text] == []
    browsing.complaints.clear()


def width_of(page: Page) -> int:
    """How wide the page is, with what one would have to scroll to."""
    return int(page.evaluate("() => document.documentElement.scrollWidth"))


@pytest.mark.parametrize("language", ["es-ES", "pt-BR", "en-GB"])
def test_nothing_is_cut_off_on_any_telephone(browsing: Browsing, language: str) -> None:
    for width in (320, 360, 375, 390, 430):
        phone = {**A_PHONE, "viewport": {"width": width, "height": 844}, "locale": language}
        for path in ("/", "/docs"):
            page = browsing.open(path, **phone)
            assert width_of(page) <= width, (path, width)
            if path == "/":
                last = page.locator(".languages a").last.bounding_box()
                assert last is not None
                assert last["x"] + last["width"] <= width
            page.context.close()


def test_a_chosen_language_is_kept_by_the_page_and_by_the_telephone(browsing: Browsing) -> None:
    page = browsing.open()
    page.get_by_role("link", name="Português").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Respostas certas no WhatsApp, a qualquer hora")
    expect(page.locator("html")).to_have_attribute("lang", "pt-BR")
    assert page.get_by_label("Número do WhatsApp").input_value().startswith("+55")
    page.wait_for_load_state("load")  # the page's script has told the telephone
    page.get_by_role("link", name="Telefone", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "pt-BR")


def test_the_number_follows_the_agents_language_until_one_is_written(browsing: Browsing) -> None:
    page = browsing.open()
    number = page.get_by_label("Número de WhatsApp")
    page.get_by_label("Idioma del agente").select_option("pt-BR")
    assert number.input_value().startswith("+55")
    number.fill("+34600000999")
    page.get_by_label("Idioma del agente").select_option("en")
    expect(number).to_have_value("+34600000999")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/docs"])
def test_it_fits_a_telephones_screen(browsing: Browsing, path: str, scheme: str) -> None:
    page = browsing.open(path, **A_PHONE, color_scheme=scheme)
    assert width_of(page) <= 390
    picture(page, f"{'start' if path == '/' else 'docs'}-phone-{scheme}")


def test_every_link_of_the_documentation_leads_somewhere(browsing: Browsing) -> None:
    page = browsing.open("/docs")
    lost = page.evaluate(
        "() => [...document.querySelectorAll('a[href^=\"#\"]')].map((a) => a.hash.slice(1))"
        ".filter((id) => document.getElementById(id) === null)"
    )
    assert lost == []
    ids = page.evaluate("() => [...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))


def test_a_keyboard_reaches_everything_and_names_it(browsing: Browsing) -> None:
    page = browsing.open()
    unnamed = page.evaluate(
        "() => [...document.querySelectorAll('a, button, input, select, textarea')].filter((one) =>"
        " !one.getAttribute('aria-label') && !one.textContent.trim() && !(one.labels && one.labels.length)).length"
    )
    assert unnamed == 0
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Ir al contenido")).to_be_focused()
