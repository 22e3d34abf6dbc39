"""A gated agent's changes wait as drafts; what is live changes by publishing or rolling back, and history stays."""

import threading
from typing import Any

from src.accounts.key_holder import OWNER
from src.accounts.versions import keep_report
from tests.world import World

NINE = [{"q": "¿A qué hora abren?", "a": "A las nueve."}]
TEN = [{"q": "¿A qué hora abren?", "a": "A las diez."}]
BETTER: dict[str, Any] = {"worse": False, "reasons": [], "against": 1, "changed": 2}
WORSE: dict[str, Any] = {**BETTER, "worse": True, "reasons": ["2 new wrong answers"]}


def gated(world: World) -> str:
    """The path of a gated agent that opens at nine."""
    world.knows(NINE[0]["q"], NINE[0]["a"])
    path = f"/agent/{world.agent_id}"
    assert world.api("PATCH", path, {"gated": True})[1]["gated"] is True
    return path


def compared(world: World, version: int, report: dict[str, Any]) -> None:
    with world.instance.database.transaction() as session:
        keep_report(session, OWNER, world.agent_id, version, report)


def statuses(world: World, path: str) -> list[tuple[int, str]]:
    """Number and status of each version, oldest first."""
    found = world.api("GET", f"{path}/versions")[1]["versions"]
    return [(one["version"], one["status"]) for one in reversed(found)]


def asked(world: World, path: str, **more: Any) -> str:
    body = {"texts": ["¿A qué hora abren?"], **more}
    return str(world.api("POST", f"{path}/ask", body)[1]["reply"])


def test_a_gated_agents_change_is_a_draft_that_can_be_tried(world: World) -> None:
    path = gated(world)
    answer = world.api("PUT", f"{path}/faqs", {"faqs": TEN})[1]
    assert (answer["status"], answer["version"], answer["faqs"][0]["id"]) == ("draft", 2, "f1")
    assert statuses(world, path) == [(1, "live"), (2, "draft")]
    assert asked(world, path) == "A las nueve."
    assert asked(world, path, version=2) == "A las diez."
    assert world.api("GET", f"{path}/faqs")[1]["faqs"][0]["a"] == "A las nueve."
    assert world.api("GET", f"{path}/faqs?version=2")[1]["faqs"][0]["a"] == "A las diez."
    world.says("¿A qué hora abren?")
    assert world.answers() == ["A las nueve."]


def test_changes_gather_in_one_draft(world: World) -> None:
    path = gated(world)
    named = world.api("PATCH", path, {"name": "Zarpa"})[1]
    assert (named["status"], named["version"], named["name"]) == ("draft", 2, "Zarpa")
    assert world.api("PUT", f"{path}/faqs", {"faqs": TEN})[1]["version"] == 3
    shown = world.api("GET", path)[1]
    assert (shown["status"], shown["version"], shown["draft"], shown["name"]) == ("live", 1, 3, None)
    published = world.api("POST", f"{path}/publish", {"anyway": True})[1]
    assert (published["status"], published["version"], published["name"]) == ("live", 3, "Zarpa")
    assert asked(world, path) == "A las diez."
    assert statuses(world, path) == [(1, "former"), (2, "superseded"), (3, "live")]
    assert world.api("GET", path)[1]["draft"] is None


def test_a_draft_goes_live_only_when_it_was_compared_and_is_not_worse(world: World) -> None:
    path = gated(world)
    world.api("PUT", f"{path}/faqs", {"faqs": TEN})
    status, problem = world.api("POST", f"{path}/publish")
    assert (status, problem["title"]) == (409, "The version may not go live")
    assert "was not compared" in problem["detail"]
    compared(world, 2, WORSE)
    status, problem = world.api("POST", f"{path}/publish", {"version": 2})
    assert (status, "2 new wrong answers" in problem["detail"]) == (409, True)
    assert world.api("GET", f"{path}/versions")[1]["versions"][0]["report"] == WORSE
    compared(world, 2, BETTER)
    assert world.api("POST", f"{path}/publish", {})[1]["version"] == 2
    assert asked(world, path) == "A las diez."


def test_what_cannot_be_published_is_refused_with_what_to_do(world: World) -> None:
    path = gated(world)
    assert "has no draft" in world.api("POST", f"{path}/publish")[1]["detail"]
    assert world.api("POST", f"{path}/publish", {"version": 9})[0] == 404
    assert world.api("POST", f"{path}/ask", {"texts": ["x"], "version": 9})[0] == 404
    assert world.api("POST", f"{path}/rollback", {"version": 2**64})[0] == 422
    assert world.api("GET", f"{path}/faqs?version=0")[0] == 422
    assert "is live" in world.api("POST", f"{path}/publish", {"version": 1})[1]["detail"]
    world.api("PUT", f"{path}/faqs", {"faqs": TEN})
    world.api("PATCH", path, {"gated": False})
    assert world.api("PATCH", path, {"name": "Zarpa"})[1]["version"] == 3
    status, problem = world.api("POST", f"{path}/publish", {"version": 2})
    assert (status, "would undo it" in problem["detail"]) == (409, True)


def test_pausing_counts_at_once_and_leaves_the_draft_open(world: World) -> None:
    path = gated(world)
    world.api("PUT", f"{path}/faqs", {"faqs": TEN})
    compared(world, 2, BETTER)
    assert world.api("PATCH", path, {"paused": True})[1]["status"] == "paused"
    assert world.api("PATCH", path, {"paused": False})[1]["status"] == "live"
    published = world.api("POST", f"{path}/publish")[1]
    assert (published["version"], published["draft"]) == (5, None)
    assert world.api("GET", f"{path}/versions")[1]["versions"][0]["report"] == BETTER
    assert asked(world, path) == "A las diez."


def test_a_rollback_brings_back_what_was_said_before_under_a_new_number(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve.")
    path = f"/agent/{world.agent_id}"
    assert world.api("POST", f"{path}/rollback")[0] == 409
    world.api("PUT", f"{path}/faqs", {"faqs": [*TEN, {"q": "¿Hay wifi?", "a": "Sí."}]})
    world.api("PATCH", path, {"paused": True})
    world.api("PATCH", path, {"paused": False})
    back = world.api("POST", f"{path}/rollback")[1]
    assert (back["version"], back["status"], back["faqs"]) == (5, "live", 1)
    assert asked(world, path) == "A las nueve."
    newest = world.api("GET", f"{path}/versions")[1]["versions"][0]
    assert (newest["change"], newest["status"]) == ("version 1 again", "live")
    faqs = world.api("PUT", f"{path}/faqs", {"faqs": [*NINE, {"q": "¿Hay baño?", "a": "Sí."}]})[1]["faqs"]
    assert [faq["id"] for faq in faqs] == ["f1", "f3"]  # f2 was the wifi's, and is never used again
    assert world.api("POST", f"{path}/rollback", {"version": 2})[1]["version"] == 7
    assert asked(world, path) == "A las diez."


def test_a_rollback_needs_no_gate_and_overtakes_drafts(world: World) -> None:
    path = gated(world)
    world.api("PUT", f"{path}/faqs", {"faqs": TEN})
    world.api("POST", f"{path}/publish", {"anyway": True})
    world.api("PATCH", path, {"name": "Zarpa"})
    assert world.api("POST", f"{path}/rollback")[1]["version"] == 4
    assert statuses(world, path) == [(1, "former"), (2, "former"), (3, "superseded"), (4, "live")]
    assert asked(world, path) == "A las nueve."


def test_a_question_that_only_the_draft_left_out_keeps_its_id(world: World) -> None:
    path = gated(world)
    world.api("PUT", f"{path}/faqs", {"faqs": [{"q": "¿Hay wifi?", "a": "Sí."}]})
    faqs = world.api("PUT", f"{path}/faqs", {"faqs": [*TEN, {"q": "¿Hay wifi?", "a": "Sí."}]})[1]["faqs"]
    assert [faq["id"] for faq in faqs] == ["f1", "f2"]


def test_changes_at_the_same_time_each_get_a_version(world: World) -> None:
    path = gated(world)
    found: list[tuple[int, Any]] = []

    def change(number: int) -> None:
        found.append(world.api("PATCH", path, {"name": f"n{number}"}))

    threads = [threading.Thread(target=change, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answer["version"] for _, answer in found) == list(range(2, 10))
    assert [status for _, status in statuses(world, path)] == ["live", *["draft"] * 8]


def test_a_gated_agent_is_removed_like_any_other(world: World) -> None:
    path = gated(world)
    world.api("PUT", f"{path}/faqs", {"faqs": TEN})
    assert world.api("DELETE", path)[0] == 204
    assert world.api("POST", f"{path}/publish")[0] == 404
