"""Every route with every kind of key, for objects of one's own, of another's, of nobody's, and for none.

What is expected is computed from the scope that a route declares in the API's description; every cell is asked over
HTTP.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import select, update
from sqlmodel import SQLModel

import src.console
from src.accounts.key_holder import KeyHolder, Scope
from src.api.routes import ScopedRoute
from src.core.api_key_text import new_key
from src.core.trust_tables import api_keys
from src.main import _edges
from tests.integration.keys.keys_world import NOBODYS, Tenants
from tests.world import API_KEY, eventually

EXAMPLES = json.loads((Path(src.console.__file__).parent / "reference.json").read_text("utf-8"))["examples"]
MINE, OTHERS, MISSING = "acme", "zarpa", "missing"
# What needs no scope: whether it lives, and the pages for people, which have guards of their own.
OPEN = {
    *("GET /health", "GET /ready", "GET /metrics"),
    *("GET /", "GET /docs", "GET /language/{tag}", "POST /start/preview", "POST /start/agent"),
}


@dataclass(frozen=True)
class Operation:
    """A request of the API with the scope that it declares."""

    method: str
    path: str
    scope: Scope
    tag: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Holder:
    """A key, or none; what it may and whose objects it sees. `allowed` is None where nothing opens."""

    kind: str
    key: str | None
    allowed: frozenset[Scope] | None
    tenant: str = MINE


def operations(world: Tenants) -> list[Operation]:
    found = []
    for path, methods in world.asks(None, "GET", "/openapi.json")[1]["paths"].items():
        for method, given in methods.items():
            for needed in given.get("security", ()):
                (scopes,) = needed.values()
                (scope,) = scopes
                found.append(Operation(method.upper(), path, Scope(scope), given["tags"][0]))
    # What removes comes last, that the others find something.
    return sorted(found, key=lambda one: (one.method == "DELETE", one.path))


def holders(world: Tenants) -> Iterator[Holder]:
    everything = tuple(Scope)
    for tenant in (MINE, NOBODYS):
        for scope in Scope:
            allowed = KeyHolder("x", frozenset({scope})).allowed
            yield Holder(f"{scope} of {tenant}", world.key(scope, tenant=tenant), allowed, tenant)
    yield Holder("all scopes", world.key(*everything, tenant=MINE), frozenset(Scope))
    yield Holder("the owner's", API_KEY, frozenset(Scope), NOBODYS)
    yield Holder("none", None, None)
    yield Holder("unknown", new_key(), None)
    yield Holder("of another kind", "rel_" + "x" * 43, None)
    whole = world.key(*everything, tenant=MINE)
    yield Holder("mistyped", whole[:-1] + ("0" if whole[-1] != "0" else "1"), None)
    for kind, column in (("expired", "expires_at"), ("revoked", "revoked_at")):
        made = world.made(*everything, tenant=MINE)
        with world.instance.database.transaction() as session:
            session.execute(update(api_keys).where(api_keys.c.id == made["key_id"]).values({column: 1}))
        yield Holder(kind, made["key"], None)


def address(world: Tenants, operation: Operation, whose: str) -> str:
    """The path with the ids of what belongs to `whose`."""
    ids = {
        "{agent_id}": world.agents.get(whose, "asst_" + "x" * 24),
        "{conversation_id}": str(world.chats.get(whose, 2**40)),
        "{key_id}": world.keys.get(whose, "key_" + "x" * 16),
        "{customer}": world.people.get(whose, "34600000999"),
    }
    path = operation.path
    for name, value in ids.items():
        path = path.replace(name, value)
    return path


def body_of(world: Tenants, operation: Operation) -> Any:
    if operation.name == "POST /agent":
        return world.agent_body(*world.new_number())
    if operation.name == "POST /key":  # no more than whoever asks has
        return {"name": "x", "scopes": ["operations:read"]}
    return EXAMPLES.get(operation.name, {}).get("body")


def expected(operation: Operation, holder: Holder, whose: str) -> str:
    """`401`, `403`, `404`, or `let in`."""
    if holder.allowed is None:
        return "401"
    if operation.scope not in holder.allowed:
        return "403"
    sees = whose != MISSING and holder.tenant in (NOBODYS, whose)
    return "let in" if sees or "{" not in operation.path else "404"


def outcome(status: int) -> str:
    return str(status) if status in (401, 403, 404) or status >= 500 else "let in"


def test_every_cell_of_routes_keys_and_owners(tenants: Tenants) -> None:
    counts: Counter[str] = Counter()
    began = time.monotonic()
    everybody = list(holders(tenants))
    for operation in operations(tenants):
        places = (MINE, OTHERS, NOBODYS, MISSING) if "{" in operation.path else (MINE,)
        for holder in everybody:
            for whose in places:
                wanted = expected(operation, holder, whose)
                if wanted == "let in":
                    renew(tenants, operation, whose)
                path = address(tenants, operation, whose)
                status, answer = tenants.asks(holder.key, operation.method, path, body_of(tenants, operation))
                cell = (operation.name, holder.kind, whose, status, answer)
                assert outcome(status) == wanted, cell
                if wanted != "let in":
                    assert answer["status"] == status, cell
                counts[wanted] += 1
    total = sum(counts.values())
    print(f"{total} cells in {time.monotonic() - began:.0f} s: {dict(counts)}")
    assert total > 1_000
    assert all(counts[kind] > 100 for kind in ("401", "403", "404", "let in"))


def renew(world: Tenants, operation: Operation, whose: str) -> None:
    """Another agent, or another customer of it, in the place of one that is to be removed."""
    if operation.name not in ("DELETE /agent/{agent_id}", "DELETE /customer/{customer}"):
        return
    key = world.key("agents:write", tenant=whose)
    world.numbers[whose] = world.new_number()
    status, made = world.asks(key, "POST", "/agent", world.agent_body(*world.numbers[whose]))
    assert status == 201, made
    world.agents[whose] = made["agent_id"]
    if operation.name == "DELETE /customer/{customer}":
        world.chats[whose] = world.chats_with(whose)


def test_what_is_anothers_answers_word_by_word_as_what_does_not_exist(tenants: Tenants) -> None:
    key = tenants.key(*Scope, tenant=MINE)
    asked = 0
    for operation in operations(tenants):
        if "{" not in operation.path:
            continue
        answers = set()
        for whose in (OTHERS, NOBODYS, MISSING):
            path = address(tenants, operation, whose)
            status, answer = tenants.asks(key, operation.method, path, body_of(tenants, operation))
            assert status == 404, (operation.name, whose)
            answers.add(json.dumps(answer).replace(path.split("/")[2], "ID"))
            asked += 1
        assert len(answers) == 1, (operation.name, answers)
    assert asked > 30


def test_every_route_declares_a_scope_or_is_known_to_need_none(tenants: Tenants) -> None:
    scoped = {operation.name for operation in operations(tenants)}
    every = {
        f"{method} {route.path}"
        for route in routes(_edges(tenants.instance))
        for method in route.methods or ()
    }
    assert len(scoped) > 15
    assert every - scoped == OPEN
    for name in every - OPEN:
        method, path = name.split(" ")
        assert tenants.asks(None, method, path.replace("{", "").replace("}", ""), {})[0] == 401, name


def routes(app: Any) -> Iterator[APIRoute]:
    """Every route, those of included routers too."""
    for route in app.routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from (
                APIRoute(route.include_context.prefix + one.path, one.endpoint, methods=one.methods)
                for one in routes(route.original_router)
            )


def test_to_look_needs_a_scope_to_read_and_all_else_one_to_write(tenants: Tenants) -> None:
    areas = {"agents": "agents", "conversations": "conversations", "keys": "operations"}
    for operation in operations(tenants):
        right = "read" if operation.method == "GET" else "write"
        assert operation.scope == f"{areas[operation.tag]}:{right}", operation.name


def kept(world: Tenants) -> dict[str, Sequence[Any]]:
    """Every row, but for who looked, when a key was used, and the signs of life of processes."""
    left_out = {"audit", "process", "chore"}
    with world.instance.database.read() as session:
        return {
            table.name: session.execute(
                select(*(column for column in table.c if column.name != "last_used_at")).order_by(
                    *table.primary_key
                )
            ).all()
            for table in SQLModel.metadata.sorted_tables
            if table.name not in left_out
        }


def at_rest(world: Tenants) -> dict[str, Sequence[Any]] | None:
    """Every row, once Meta has told what became of each reply."""
    before = kept(world)
    time.sleep(1.2)  # longer than the dispatcher's own clock
    return before if kept(world) == before else None


def test_to_look_changes_nothing(tenants: Tenants) -> None:
    looks = [one for one in operations(tenants) if one.method == "GET"]
    assert len(looks) > 5
    before = eventually(lambda: at_rest(tenants), 30)
    assert sum(map(len, before.values())) > 20
    for operation in looks:
        for method in ("GET", "HEAD", "OPTIONS"):
            tenants.asks(API_KEY, method, address(tenants, operation, MINE))
    for path in (*(name.split(" ")[1] for name in OPEN if name.startswith("GET ")), "/webhook"):
        tenants.asks(None, "GET", path.replace("{tag}", "es"))
    assert kept(tenants) == before


def test_a_route_without_a_scope_cannot_be_made() -> None:
    def open_to_all() -> None: ...

    app = FastAPI()
    app.router.route_class = ScopedRoute
    with pytest.raises(TypeError, match="open_to_all must ask for a key holder"):
        app.get("/agent/secrets")(open_to_all)
