"""An agent's life over the JSON API, as the contract says."""

import re
from pathlib import Path
from typing import Any

from tests.world import NUMBER, World, call, eventually

FAQS = [
    {"q": "¿A qué hora abren?", "a": "A las nueve."},
    {"q": "¿Dónde están?", "a": "En la calle Mayor, 3."},
]


def body(world: World, **more: Any) -> dict[str, Any]:
    return {"phone_number": NUMBER, "phone_number_id": world.number_id, "faqs": FAQS, **more}


def made(world: World, **more: Any) -> str:
    status, answer = world.api("POST", "/agent", body(world, **more))
    assert status == 201, answer
    return str(answer["agent_id"])


def test_one_call_makes_an_agent(world: World) -> None:
    status, answer = world.api("POST", "/agent", body(world))
    assert status == 201
    assert re.fullmatch(r"asst_[A-Za-z0-9]{24}", answer.pop("agent_id"))
    assert answer == {"phone_number_id": world.number_id, "status": "ok"}


def test_the_specifications_numbers_are_accepted_with_a_warning(world: World) -> None:
    for number, number_id in (("+1234567890", "1"), ("+123456789", "2")):
        status, answer = world.api(
            "POST", "/agent", body(world, phone_number=number, phone_number_id=number_id)
        )
        assert (status, len(answer["warnings"])) == (201, 1)


def test_without_the_key_there_is_nothing(world: World) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}):
        status, problem = call("POST", f"{world.url}/agent", body(world), **headers)
        assert (status, problem["title"]) == (401, "An API key is required")
    assert world.api("GET", "/agent")[1] == {"agents": []}


def test_the_same_key_makes_one_agent(world: World) -> None:
    first = world.api("POST", "/agent", body(world), Idempotency_Key="k1")
    assert world.api("POST", "/agent", body(world), Idempotency_Key="k1") == first
    other = world.api("POST", "/agent", body(world, name="otra"), Idempotency_Key="k1")
    assert (other[0], other[1]["title"]) == (409, "The Idempotency-Key was used for another request")


def test_a_second_agent_for_a_number_or_an_id_is_refused_with_the_firsts_id(world: World) -> None:
    agent_id = made(world)
    for second in (body(world, phone_number_id="77"), body(world, phone_number="+34600000148")):
        status, problem = world.api("POST", "/agent", second)
        assert (status, problem["agent_id"]) == (409, agent_id)


def test_a_number_without_an_id_gets_the_steps_in_metas_panel(world: World) -> None:
    status, problem = world.api("POST", "/agent", {"phone_number": "+34600000149", "faqs": FAQS})
    assert status == 422
    assert "released numbers add +34600000149 --id" in problem["detail"]


def test_each_wrong_field_is_named(world: World) -> None:
    wrong = {
        "phone_number": NUMBER,
        "faqs": [{"q": "", "a": "x"}, {"q": "x" * 501, "a": "y" * 4001}],
        "extra": 1,
    }
    status, problem = world.api("POST", "/agent", wrong)
    assert status == 422
    assert {error["field"] for error in problem["errors"]} == {"faqs[0].q", "faqs[1].q", "faqs[1].a", "extra"}


def test_the_limits_of_the_contract(world: World) -> None:
    many = [{"q": f"pregunta {number}", "a": "sí"} for number in range(2001)]
    assert world.api("POST", "/agent", body(world, faqs=[]))[0] == 422
    assert world.api("POST", "/agent", body(world, faqs=many))[0] == 422
    longest = [{"q": "q" * 500, "a": "a" * 4000}, *many[:1999]]
    assert world.api("POST", "/agent", body(world, faqs=longest))[0] == 201


def test_rubbish_is_a_problem_and_never_a_traceback(world: World) -> None:
    for rubbish in (b"", b"{", b"[]", b'"x"', b"\xff", b'{"phone_number": 5, "faqs": {"a": 1}}'):
        status, problem = world.api("POST", "/agent", rubbish)
        assert status in (400, 422), rubbish
        assert problem["status"] == status
    status, problem = world.api("POST", "/agent", body(world, phone_number="600 000 147"))
    assert (status, problem["errors"][0]["field"]) == (422, "phone_number")


def test_duplicates_are_named(world: World) -> None:
    status, problem = world.api(
        "POST", "/agent", body(world, faqs=[*FAQS, {"q": "a que hora ABREN", "a": "x"}])
    )
    assert status == 422
    assert "faqs[0] and faqs[2]" in problem["detail"]


def test_show_change_pause_and_remove_are_versions(world: World) -> None:
    agent_id = made(world, name="Zarpa")
    assert world.api("PATCH", f"/agent/{agent_id}", {"name": "Zarpa y Cía"})[1]["name"] == "Zarpa y Cía"
    assert world.api("PATCH", f"/agent/{agent_id}", {"paused": True})[1]["status"] == "paused"
    assert world.api("PATCH", f"/agent/{agent_id}", {"paused": True})[1]["version"] == 3
    versions = world.api("GET", f"/agent/{agent_id}/versions")[1]["versions"]
    assert [one["change"] for one in versions] == ["paused", "changed name", "created"]
    assert world.api("DELETE", f"/agent/{agent_id}")[0] == 204
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/faqs"), ("GET", "/versions")):
        assert world.api(method, f"/agent/{agent_id}{path}", {} if method == "PATCH" else None)[0] == 404
    assert made(world) != agent_id


def test_replaced_faqs_answer_at_once_and_equal_questions_keep_their_ids(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    new = [{"q": "A qué hora abren", "a": "A las diez."}, {"q": "¿Tienen parking?", "a": "No."}]
    faqs = world.api("PUT", f"/agent/{world.agent_id}/faqs", {"faqs": new})[1]["faqs"]
    assert [faq["id"] for faq in faqs] == ["f1", "f2"]
    assert world.api("GET", f"/agent/{world.agent_id}/faqs")[1]["faqs"] == faqs
    world.says("¿A qué hora abren?")
    assert world.answers() == ["A las diez."]


def test_ask_says_what_the_bot_would_do_and_sends_nothing(world: World) -> None:
    agent_id = made(world)
    answer = world.api("POST", f"/agent/{agent_id}/ask", {"texts": ["a q hora abren?"]})[1]
    assert (answer["decision"], answer["reply"], answer["source_ids"], answer["brain"]) == (
        "answer",
        "A las nueve.",
        ["f1"],
        "faq",
    )
    assert answer["ranked"][0]["id"] == "f1"
    assert answer["options"] == []
    assert world.ledger("send") == []


def test_health_ready_and_metrics_need_no_key(world: World) -> None:
    assert call("GET", f"{world.url}/health")[1]["status"] == "ok"
    assert eventually(lambda: call("GET", f"{world.url}/ready")[0] == 200)
    assert "released_inbox_oldest_age_seconds" in call("GET", f"{world.url}/metrics")[1]


def test_an_unknown_address_is_a_problem(world: World) -> None:
    assert call("GET", f"{world.url}/nothing")[1]["status"] == 404
    assert world.api("GET", "/conversation/99")[1]["title"] == "There is no such conversation"


def test_the_phone_number_id_may_stand_in_the_settings(tmp_path: Path) -> None:
    with World(tmp_path, phone_number_id="106540352242922") as world:
        answer = world.api("POST", "/agent", {"phone_number": NUMBER, "faqs": FAQS})[1]
        assert answer["phone_number_id"] == "106540352242922"
