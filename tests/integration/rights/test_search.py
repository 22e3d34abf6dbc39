"""Conversations are found by customer, name, words, state and days; by the database, or by opening one agent's."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import update

from src.core import audit
from src.core.models import conversations, messages
from tests import launch
from tests.integration.keys.keys_world import Tenants
from tests.world import World, call, eventually

pytestmark = pytest.mark.both_databases


def found(world: World, **asked: str) -> list[str]:
    """The names of whom a search finds."""
    query = "&".join(f"{key}={quote(value)}" for key, value in asked.items())
    status, page = world.api("GET", f"/conversation?{query}")
    assert status == 200, page
    return sorted(one["customer"]["name"] for one in page["conversations"])


def crowd(world: World) -> None:
    world.knows("¿A qué hora abren?", "A las nueve en punto.")
    for number, (name, text) in enumerate(
        (
            ("Íñigo Peña", "¿A qué hora abren?"),
            ("Ana María Ruiz", "quiero hablar con una persona"),
            ("Anabel", "hola"),
        )
    ):
        _, made = call(
            "POST", f"{world.sandbox}/api/customers", {"name": name, "wa_id": f"34655500{number:03d}"}
        )
        world.customers.insert(number, made["id"])
        world.says(text, number)
        world.answers(1, number)


def test_by_name_words_and_state(world: World) -> None:
    crowd(world)
    agent = world.agent_id
    assert found(world, agent=agent, name="ana") == ["Ana María Ruiz", "Anabel"]
    assert found(world, agent=agent, name="MARIA a") == ["Ana María Ruiz"]
    assert found(world, agent=agent, name="inigo") == ["Íñigo Peña"]
    assert found(world, agent=agent, name="ana", holder="waiting") == ["Ana María Ruiz"]
    assert found(world, agent=agent, text="QUE  HORA") == ["Íñigo Peña"]
    assert found(world, agent=agent, text="en punto") == ["Íñigo Peña"]  # what the bot said
    assert found(world, agent=agent, text="hablar con una", name="ana") == ["Ana María Ruiz"]
    assert found(world, agent=agent, text="nobody said this") == []
    ids: list[str] = []
    after = ""
    while True:
        page = world.api("GET", f"/conversation?agent={agent}&name=ana&limit=1{after}")[1]
        ids += [one["customer"]["name"] for one in page["conversations"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert ids == ["Ana María Ruiz", "Anabel"]


def test_by_customer_and_days(world: World) -> None:
    crowd(world)
    assert found(world, customer="+34 655 500 001") == ["Ana María Ruiz"]
    assert found(world, customer="+34655500999") == []
    today = datetime.now(UTC).date()
    with world.instance.database.transaction() as session:
        week = 7 * 24 * 3600 * 1000
        only = conversations.c.id == 1
        times = {name: conversations.c[name] - week for name in ("created_at", "last_at")}
        session.execute(update(conversations).where(only).values(times))
        session.execute(
            update(messages)
            .where(messages.c.conversation_id == 1)
            .values(received_at=messages.c.received_at - week)
        )
    old, day = str(today - timedelta(days=7)), timedelta(days=1)
    assert found(world, since=old, until=old) == ["Íñigo Peña"]
    assert found(world, until=str(today - day)) == ["Íñigo Peña"]
    assert found(world, since=str(today - day)) == ["Ana María Ruiz", "Anabel"]
    assert found(world, agent=world.agent_id, text="hora abren", since=old) == ["Íñigo Peña"]
    assert found(world, agent=world.agent_id, text="hora abren", since=str(today - day)) == []


def test_what_cannot_be_looked_for_names_the_field(world: World) -> None:
    crowd(world)
    for query, field in (
        ("name=ana", "name"),
        ("text=hola", "text"),
        ("customer=655", "customer"),
        (f"agent={world.agent_id}&name=%20%20%20", "name"),
        ("since=2026-11-20&until=2026-11-19", "until"),
    ):
        status, problem = world.api("GET", f"/conversation?{query}")
        assert (status, problem["errors"][0]["field"]) == (422, field), query
    for query in ("since=yesterday", "name=a", f"text={'x' * 201}"):
        assert world.api("GET", f"/conversation?{query}")[0] == 422


def test_a_search_is_in_the_audit_log_without_what_was_looked_for(world: World) -> None:
    crowd(world)
    found(world, agent=world.agent_id, text="en punto")
    found(world, customer="34655500001")
    found(world, since="2026-01-01")
    with world.instance.database.read() as session:
        last = [(row.action, row.object) for row in reversed(audit.latest(session, 3))]
    key = world.instance.keyring.lookup("wa:34655500001").hex()
    assert last == [
        ("searched", f"conversations of {world.agent_id}"),
        ("searched", f"customer {key}"),
        ("searched", "conversations"),
    ]


def test_a_shell_searches_too(world: World) -> None:
    crowd(world)
    env = {"PATH": "/usr/bin:/bin", "RELEASED_HOME": str(world.home)}
    env["DATABASE_URL"] = str(world.settings()["database_url"])

    def listed(*words: str) -> list[str]:
        done = launch.run("src", "conversations", "list", "--json", *words, env=env)
        assert done.returncode == 0, done.stderr
        return [one["customer"]["name"] for one in json.loads(done.stdout)["conversations"]]

    assert listed("--customer", "+34655500000") == ["Íñigo Peña"]
    assert listed("--agent", world.agent_id, "--name", "anab") == ["Anabel"]
    assert listed("--agent", world.agent_id, "--text", "en punto", "--since", "2026-01-01") == ["Íñigo Peña"]
    assert listed("--until", "2026-01-01") == []
    wrong = launch.run("src", "conversations", "list", "--name", "ana", env=env)
    assert (wrong.returncode, "within one agent" in wrong.stderr) == (1, True)


def test_a_tenant_finds_and_erases_within_its_own_alone(tenants: Tenants) -> None:
    """The same customer writes to two tenants: each sees, exports and erases what is said to its own number."""
    number = tenants.people["acme"]
    customer = next(
        one["id"]
        for one in call("GET", f"{tenants.sandbox}/api/state")[1]["customers"]
        if one["wa_id"] == number
    )
    chat = f"{tenants.sandbox}/api/chats/{customer}/{tenants.numbers['zarpa'][1]}/messages"
    assert call("POST", chat, {"type": "text", "text": "también aquí"})[0] == 201
    both = eventually(lambda: len(tenants.api("GET", f"/customer/{number}")[1]["conversations"]) == 2)
    assert both
    keys = {one: tenants.key("conversations:write", tenant=one) for one in ("acme", "zarpa")}
    for tenant, key in keys.items():
        path = f"/conversation?customer={number}"
        (seen,) = tenants.asks(key, "GET", path)[1]["conversations"]
        assert seen["phone_number_id"] == tenants.numbers[tenant][1]
        document = tenants.asks(key, "GET", f"/customer/{number}")[1]
        assert [one["phone_number_id"] for one in document["conversations"]] == [tenants.numbers[tenant][1]]
        assert not [one for one in document["audit"] if one["object"].startswith("customer")]
    assert tenants.asks(keys["acme"], "DELETE", f"/customer/{number}")[1]["deleted"]["conversation"] == 1
    assert tenants.asks(keys["acme"], "GET", f"/customer/{number}")[0] == 404
    assert len(tenants.asks(keys["zarpa"], "GET", f"/customer/{number}")[1]["conversations"]) == 1
