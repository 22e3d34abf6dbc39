"""The start page tells a person at the machine everything, and anybody else nothing of a business."""

import re
from typing import Any

import pytest
import urllib3

from src.accounts.faq_files import CURES, parse_faqs
from src.console.languages import LANGUAGES, SENTENCES
from tests.integration.console.conftest import FAQS, NUMBER, Desk, headers_of
from tests.world import API_KEY, World, call, eventually


def test_it_shows_the_instance_and_its_agents(desk: Desk) -> None:
    number_id = desk.make(name="Panadería <b>Sol</b>")
    status, page = desk.get("/", Accept_Language="es-MX")
    assert status == 200
    for shown in (
        "Modo de prueba",
        "Base de datos",
        "correcta",
        "+34 600 00 05 55",
        "2 preguntas",
        "Contesta",
    ):
        assert shown in page
    assert "Panadería &lt;b&gt;Sol&lt;/b&gt;" in page
    assert "<b>Sol" not in page
    assert f'href="/sandbox/?number={number_id}"' in page
    assert "Ninguna conversación espera" in page
    assert 'href="/docs"' in page


def test_it_says_who_waits_for_a_person_and_what_is_paused(desk: Desk) -> None:
    number_id = desk.make(handoff={"contact": "910 000 147"})
    desk.hears("quiero hablar con una persona", number_id)
    assert eventually(lambda: "1 conversación espera a una persona" in desk.get("/", Accept_Language="es")[1])
    key = desk.instance.api_key
    agent = call("GET", f"{desk.url}/agent", Authorization=f"Bearer {key}")[1]["agents"][0]["agent_id"]
    call("PATCH", f"{desk.url}/agent/{agent}", {"paused": True}, Authorization=f"Bearer {key}")
    assert "En pausa" in desk.get("/", Accept_Language="es")[1]


def test_the_keys_place_is_shown_and_the_key_never(quiet_desk: Desk) -> None:
    page = quiet_desk.get("/")[1]
    place = (quiet_desk.instance.settings.released_home / "api_key").resolve()
    assert str(place) in page
    assert f"{quiet_desk.url}/agent" in page
    assert place.read_text().strip() == quiet_desk.instance.api_key
    assert quiet_desk.instance.api_key not in page


@pytest.mark.parametrize("path", ["/", "/docs", "/static/start.js", "/static/common.css"])
def test_pages_are_strict_and_call_no_other_host(quiet_desk: Desk, path: str) -> None:
    answer = headers_of(quiet_desk.url + path)
    assert answer.status == 200
    text = answer.data.decode()
    assert set(re.findall(r"https?://([\w.-]+)", text)) <= {"127.0.0.1", "localhost"}
    assert "style=" not in text
    assert not re.search(r"\son\w+=", text)


@pytest.mark.parametrize(
    ("wish", "tag"),
    [
        ("es-AR,en;q=0.8", "es"),
        ("fr,pt;q=0.5,en;q=0.4", "pt-BR"),
        ("en;q=0.2,es;q=0.9", "es"),
        ("de", "en"),
        (",;q=x", "en"),
    ],
)
def test_it_speaks_the_browsers_language(quiet_desk: Desk, wish: str, tag: str) -> None:
    page = quiet_desk.get("/", Accept_Language=wish)[1]
    assert f'<html lang="{tag}"' in page
    assert SENTENCES[tag]["headline"] in page


def test_a_chosen_language_is_remembered(quiet_desk: Desk) -> None:
    chosen = headers_of(f"{quiet_desk.url}/language/pt-BR")
    assert (chosen.status, chosen.headers["Location"]) == (303, "/")
    cookie, *marks = chosen.headers["Set-Cookie"].split("; ")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(marks)
    assert '<html lang="pt-BR"' in quiet_desk.get("/", Accept_Language="es", Cookie=cookie)[1]
    assert '<html lang="es"' in quiet_desk.get("/", Accept_Language="es", Cookie="released-language=xx")[1]
    assert quiet_desk.get("/language/xx")[0] == 404


def _places(sentences: dict[str, Any], under: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in sentences.items():
        if isinstance(value, dict):
            found |= _places(value, f"{under}{key}.")
        else:
            assert value.strip(), key
            found[under + key] = sorted(re.findall(r"\{(\w+)\}", value))
    return found


def test_every_language_says_the_same() -> None:
    assert set(SENTENCES) == set(LANGUAGES)
    spanish = _places(SENTENCES["es"])
    assert all(_places(SENTENCES[tag]) == spanish for tag in LANGUAGES)
    assert all(set(SENTENCES[tag]["problems"]) == set(CURES) for tag in LANGUAGES)


@pytest.mark.parametrize("tag", list(LANGUAGES))
def test_the_examples_are_understood(tag: str) -> None:
    assert len(parse_faqs(SENTENCES[tag]["example"]["faqs"])) == 5
    assert len(parse_faqs(SENTENCES[tag]["faqs_example"])) == 2


def test_pasted_faqs_become_an_agent_that_answers(desk: Desk) -> None:
    text = "P: ¿A qué hora abren?\nR: A las nueve.\n\nP: ¿Dónde están?\nR: En la calle Mayor, 3."
    assert desk.post("/start/preview", {"text": text}) == (200, {"faqs": FAQS, "errors": []})
    assert desk.hears("a q hora abren", desk.make()) == "A las nueve."


def test_mistakes_are_named_by_line(quiet_desk: Desk) -> None:
    status, answer = quiet_desk.post("/start/preview", {"text": "q,a\nx,1,2\ny,\n", "name": "faqs.csv"})
    assert (status, answer["faqs"]) == (200, [])
    assert [(error["line"], error["problem"]) for error in answer["errors"]] == [
        (2, "cells"),
        (3, "no_answer"),
    ]


def test_the_number_that_is_offered_is_free(desk: Desk) -> None:
    def offered() -> str:
        found = re.search(r'id="number"[^>]*value="([^"]+)"', desk.get("/", Accept_Language="es")[1])
        assert found
        return found[1]

    first = offered()
    desk.make(first)
    assert re.fullmatch(r"\+34600\d{6}", first)
    assert offered() not in (first, "")


def test_a_refused_agent_is_a_problem_with_its_cause(desk: Desk) -> None:
    desk.make()
    status, problem = desk.post("/start/agent", {"phone_number": NUMBER, "faqs": FAQS})
    assert (status, problem["title"]) == (409, "The number already has an agent")
    status, problem = desk.post("/start/agent", {"phone_number": "600", "faqs": FAQS})
    assert (status, problem["errors"][0]["field"]) == (422, "phone_number")
    status, problem = desk.post("/start/agent", {"phone_number": NUMBER, "faqs": []})
    assert (status, problem["errors"][0]["field"]) == (422, "faqs")


def test_a_live_instance_shows_nothing_of_a_business_without_the_key(live: World) -> None:
    call("PATCH", f"{live.url}/agent/{live.agent_id}", {"name": "Zarpa"}, Authorization=f"Bearer {API_KEY}")
    status, page = call("GET", f"{live.url}/", Accept_Language="es")
    assert status == 200
    assert "En producción" in page
    assert "/health" in page
    assert 'id="key"' in page
    for secret in ("Zarpa", "600 00", live.number_id, live.agent_id, str(live.home), API_KEY, "/sandbox/"):
        assert secret not in page


def test_a_live_instance_reads_and_makes_with_the_key_alone(live: World) -> None:
    text = {"text": "P: ¿Abren?\nR: Sí."}
    assert call("POST", f"{live.url}/start/preview", text)[0] == 401
    assert call("POST", f"{live.url}/start/preview", text, Authorization="Bearer wrong")[0] == 401
    status, answer = live.api("POST", "/start/preview", text)
    assert (status, answer["faqs"]) == (200, [{"q": "¿Abren?", "a": "Sí."}])
    assert live.api("POST", "/start/agent", {"phone_number": NUMBER, "faqs": FAQS})[0] == 403
    assert len(live.api("GET", "/agent")[1]["agents"]) == 1


def test_the_page_stands_when_the_database_needs_a_migration(desk: Desk) -> None:
    desk.make(name="Panadería Sol")
    with desk.instance.database.transaction() as session:
        session.exec_driver_sql("UPDATE alembic_version SET version_num = 'older'")
    status, page = desk.get("/", Accept_Language="en")
    assert status == 200
    assert "released migrate has to be run" in page
    assert "Panadería" not in page


def test_a_file_that_is_not_changed_is_not_sent_again(quiet_desk: Desk) -> None:
    first = headers_of(f"{quiet_desk.url}/static/start.js")
    again = urllib3.request(
        "GET", f"{quiet_desk.url}/static/start.js", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (first.headers["Cache-Control"], again.status) == ("no-cache", 304)
