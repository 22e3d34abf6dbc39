"""An owner declares tools with their agent, gets each secret once, and is told what is wrong with them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from src.accounts.versions import load_config
from src.core.agent_config import Tool
from tests.world import NUMBER, World

FAQS = [{"q": "¿A qué hora abren?", "a": "A las nueve."}]
STATUS: dict[str, Any] = {
    "name": "order_status",
    "description": "Dice dónde está un pedido.",
    "parameters": {"type": "object", "properties": {"order": {"type": "string"}}, "required": ["order"]},
    "url": "https://shop.example.com/tools",
}
BOOK = {**STATUS, "name": "book_table", "changes": True, "url": "http://erp.internal:8080/book"}


@pytest.fixture(scope="module")
def without_agents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One in which every tool is refused."""
    with World(tmp_path_factory.mktemp("home"), outgoing_private="erp.internal:8080") as found:
        yield found


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """One whose operator lets tools call the house's own server."""
    with World(tmp_path, database_url, outgoing_private="erp.internal:8080") as found:
        yield found


def makes(world: World, *tools: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    body = {"phone_number": NUMBER, "phone_number_id": world.number_id, "faqs": FAQS, "tools": list(tools)}
    return world.api("POST", "/agent", body)


def kept(world: World, agent_id: str) -> dict[str, Tool]:
    with world.instance.database.read() as session:
        version = world.api("GET", f"/agent/{agent_id}")[1]["version"]
        return {tool.name: tool for tool in load_config(session, agent_id, version).tools}


def test_a_tools_secret_is_made_and_shown_once(world: World) -> None:
    status, made = makes(world, STATUS, {**BOOK, "secret": "a-secret-of-the-owners"})
    assert status == 201
    secret = made["tool_secrets"]["order_status"]
    assert secret.startswith("whsec_")
    assert list(made["tool_secrets"]) == ["order_status"]
    shown = world.api("GET", f"/agent/{made['agent_id']}")[1]
    assert [(tool["name"], tool["secret"], tool["changes"]) for tool in shown["tools"]] == [
        ("order_status", "set", False),
        ("book_table", "set", True),
    ]
    tools = kept(world, made["agent_id"])
    assert tools["order_status"].secret == secret
    assert tools["book_table"].secret == "a-secret-of-the-owners"
    assert secret not in str([shown, world.api("GET", "/agent")[1]])


def test_the_same_request_again_shows_the_same_secret(world: World) -> None:
    body = {"phone_number": NUMBER, "phone_number_id": world.number_id, "faqs": FAQS, "tools": [STATUS]}
    first = world.api("POST", "/agent", body, Idempotency_Key="k")
    assert world.api("POST", "/agent", body, Idempotency_Key="k") == first


def test_a_change_keeps_the_secrets_of_the_names_that_stay(world: World) -> None:
    agent_id = makes(world, STATUS)[1]["agent_id"]
    before = kept(world, agent_id)["order_status"].secret
    shown = world.api("GET", f"/agent/{agent_id}")[1]["tools"]  # sent back as it was shown
    shown[0]["description"] = "Otra cosa."
    status, changed = world.api("PATCH", f"/agent/{agent_id}", {"tools": [*shown, BOOK]})
    assert status == 200
    assert list(changed["tool_secrets"]) == ["book_table"]
    tools = kept(world, agent_id)
    assert (tools["order_status"].secret, tools["order_status"].description) == (before, "Otra cosa.")
    assert "tool_secrets" not in world.api("PATCH", f"/agent/{agent_id}", {"name": "Zarpa"})[1]
    assert list(kept(world, agent_id)) == ["order_status", "book_table"]


def test_tools_can_be_taken_away(world: World) -> None:
    agent_id = makes(world, STATUS)[1]["agent_id"]
    assert world.api("PATCH", f"/agent/{agent_id}", {"tools": []})[1]["tools"] == []
    assert world.api("PATCH", f"/agent/{agent_id}", {"tools": None})[0] == 200
    assert kept(world, agent_id) == {}


@pytest.mark.parametrize(
    ("tools", "field"),
    [
        ([STATUS, {**STATUS, "url": "https://other.example.com/"}], "tools[1].name"),
        ([{**STATUS, "name": "mcp_status"}], "tools[0].name"),
        ([{**STATUS, "name": "Order Status"}], "tools[0].name"),
        ([{**STATUS, "url": "http://shop.example.com/tools"}], "tools[0].url"),
        ([{**STATUS, "url": "http://erp.internal:8081/book"}], "tools[0].url"),
        ([{**STATUS, "url": "https://user:pw@shop.example.com/"}], "tools[0].url"),
        ([{**STATUS, "url": "https://2130706433/"}], "tools[0].url"),
        ([{**STATUS, "url": "https://127.0.0.1/"}], "tools[0].url"),
        ([{**STATUS, "url": "https://10.0.0.1/tools"}], "tools[0].url"),
        ([{**STATUS, "url": "https://169.254.169.254/latest"}], "tools[0].url"),
        ([{**STATUS, "url": "https://[::1]/"}], "tools[0].url"),
        ([{**STATUS, "url": "https://localhost:8443/"}], "tools[0].url"),
        ([{**STATUS, "url": "ftp://shop.example.com/"}], "tools[0].url"),
        ([{**STATUS, "parameters": {"type": "string"}}], "tools[0].parameters"),
        (
            [{**STATUS, "parameters": {"type": "object", "properties": {"a": {"type": "text"}}}}],
            "tools[0].parameters",
        ),
        ([{**STATUS, "secret": "short"}], "tools[0].secret"),
        ([{**STATUS, "secret": "whsec_not base64 at all"}], "tools[0].secret"),
        ([{**STATUS, "secret": "whsec_c2hvcnQ=AAAAAAA"}], "tools[0].secret"),
        ([{**STATUS, "description": ""}], "tools[0].description"),
        ([{**STATUS, "headers": {}}], "tools[0].headers"),
        ([{**STATUS, "name": f"tool_{number}"} for number in range(21)], "tools"),
    ],
)
def test_what_is_wrong_is_named(without_agents: World, tools: list[dict[str, Any]], field: str) -> None:
    status, problem = makes(without_agents, *tools)
    assert status == 422
    assert [error["field"] for error in problem["errors"]] == [field]
    assert without_agents.api("GET", "/agent")[1] == {"agents": []}
