"""The documentation names every request of the API, and its examples work."""

import json
from pathlib import Path
from typing import Any

import src.console
from src.console import reference
from tests.integration.console.conftest import Desk
from tests.world import World

WRITTEN = json.loads((Path(src.console.__file__).parent / "reference.json").read_text(encoding="utf-8"))
EXAMPLES: dict[str, Any] = WRITTEN["examples"]


def operations(desk: Desk) -> dict[str, Any]:
    """Every operation of the description, as `POST /agent`."""
    described = json.loads(desk.get("/openapi.json")[1])
    return {
        f"{method.upper()} {path}": given
        for path, found in described["paths"].items()
        for method, given in found.items()
    }


def test_every_request_is_there_with_its_fields_and_errors(desk: Desk) -> None:
    status, page = desk.get("/docs")
    assert status == 200
    for name, given in operations(desk).items():
        assert f"<code>{name.split(' ')[1]}</code>" in page
        for needed in given.get("security", ()):
            assert f"scope <code>{needed['HTTPBearer'][0]}</code>" in page
    for shown in (
        "faqs[].q",
        "1 to 500 characters",
        "1 to 4,000 characters",
        "1 to 2,000 entries",
        "handoff.contact",
    ):
        assert shown in page
    for shown in (
        "The number already has an agent",
        "There is no such agent",
        "window is closed",
        "Idempotency-Key",
    ):
        assert shown in page
    assert "<script" not in page


def test_the_pages_are_no_part_of_the_api(desk: Desk) -> None:
    paths = {name.split(" ")[1] for name in operations(desk)}
    assert "/agent" in paths
    assert not {
        path for path in paths if path == "/" or path.startswith(("/start", "/docs", "/static", "/language"))
    }


def test_what_is_written_belongs_to_a_request(desk: Desk) -> None:
    assert set(EXAMPLES) <= set(operations(desk))


def test_everything_is_explained_and_can_be_copied(desk: Desk) -> None:
    described = json.loads(desk.get("/openapi.json")[1])
    for group in reference.read(described)["groups"]:
        for shown in group["operations"]:
            unexplained = [
                row["name"] for row in shown["parameters"] + shown["fields"] if not row["description"]
            ]
            assert unexplained == [], shown["path"]
            assert shown["answer"] or shown["status"] == "204" or shown["path"] == "/metrics", shown["path"]
            assert "{agent_id}" not in shown["curl"]
            assert "{conversation_id}" not in shown["curl"]


def test_numbers_are_whole_and_the_address_is_this_instances(desk: Desk) -> None:
    page = desk.get("/docs")[1]
    assert "5 to 20,160" in page
    assert f"export RELEASED={desk.url}" in page
    assert "what your people read; the customer never does" in page


def test_an_operation_without_an_example_is_shown_too() -> None:
    shape = {
        "type": "object",
        "properties": {"n": {"type": "integer", "minimum": 2, "default": 5}},
        "required": [],
    }
    body = {"content": {"application/json": {"schema": shape}}}
    refusable = {
        "200": {},
        "422": {"description": "Wrong fields\nNo such number"},
        "503": {"description": "x"},
    }
    openapi = {
        "paths": {"/new/{id}": {"post": {"requestBody": body, "responses": refusable, "summary": "New"}}}
    }
    shown = reference.read(openapi)["groups"][0]["operations"][0]
    assert (shown["title"], shown["answer"], shown["scope"], shown["status"]) == ("New", None, None, "200")
    assert [one["title"] for one in shown["errors"]] == ["Wrong fields", "No such number"]
    assert shown["fields"][0]["limits"] == "at least 2, `5` when absent"


def test_the_examples_bodies_are_taken_and_answered_as_written(live: World) -> None:
    live.says("quiero hablar con una persona")
    live.answers()
    conversation, customer = (live.conversations()[0][name] for name in ("id", "customer"))
    key_id = live.api("POST", "/key", EXAMPLES["POST /key"]["body"])[1]["key_id"]
    for name, example in EXAMPLES.items():
        method, path = name.split(" ")
        if method == "DELETE" or path == "/metrics":
            continue
        if path.endswith("/publish"):
            make_a_draft(live)
        path = path.replace("{agent_id}", live.agent_id).replace("{conversation_id}", str(conversation))
        path = path.replace("{key_id}", key_id).replace("{customer}", customer["wa_id"])
        body = example.get("body")
        if name == "POST /agent":
            body = {**body, "phone_number": "+34600000148", "phone_number_id": "7"}
        status, answer = live.api(method, path, body)
        assert status in (200, 201), (name, answer)
        assert differences(example["answer"], answer) == [], name


def make_a_draft(live: World) -> None:
    live.api("PATCH", f"/agent/{live.agent_id}", {"gated": True})
    faqs = [{"q": "¿A qué hora abren?", "a": "De martes a domingo, de 10:00 a 14:00."}]
    status, drafted = live.api("PUT", f"/agent/{live.agent_id}/faqs", {"faqs": faqs})
    assert (status, drafted["status"]) == (200, "draft")


def differences(written: Any, answered: Any, place: str = "") -> list[str]:
    """Where an answer has other names, or another kind of value, than the documentation shows; null fits all."""
    if isinstance(written, dict) and isinstance(answered, dict):
        if place.endswith(".checks"):  # their names are those of the checks that were made
            return []
        names = [f"{place}.{name}" for name in written.keys() ^ answered.keys()]
        shared = sorted(written.keys() & answered.keys())
        return names + [
            d for name in shared for d in differences(written[name], answered[name], f"{place}.{name}")
        ]
    if isinstance(written, list) and isinstance(answered, list):
        pairs = [(written[0], answered[0])] if written and answered else []
        return [d for pair in pairs for d in differences(*pair, f"{place}[]")]
    fits = None in (written, answered) or isinstance(answered, type(written)) or place.endswith(".score")
    return [] if fits else [place]


def test_text_in_backticks_is_code_and_markup_is_text() -> None:
    assert reference.marked("a `<b>` c < d") == "a <code>&lt;b&gt;</code> c &lt; d"


def test_in_production_it_is_for_this_machine_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path, app_env="prod")
    try:
        assert desk.get("/docs")[0] == 200
        assert desk.get("/docs", Host="released.example")[0] == 404
    finally:
        desk.stop()
