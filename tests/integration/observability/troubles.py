"""Real troubles, each in a few lines: through the sandbox, over HTTP, or by what the database then says."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from src.core.database import Database
from src.core.errors import BrainBroke
from src.core.openai_client import Usage
from src.messages.brain import breaker, money
from src.messages.brain.money import Payer
from tests.world import World, call, eventually

QUESTION = "a que hora abren?"


def sql(database: Database, statement: str) -> list[Any]:
    """Runs one statement in the platform's database."""
    with database.transaction() as session:
        result = session.exec_driver_sql(statement)
        return list(result) if result.returns_rows else []


def a_new_customer(world: World) -> int:
    """The place of a customer who has never written."""
    _, made = call("POST", f"{world.sandbox}/api/customers", {"kind": "both"})
    world.customers.append(made["id"])
    return len(world.customers) - 1


def writes_to_a_meta_that(world: World, **fault: Any) -> None:
    """A new customer asks; the answer meets the fault."""
    world.fault(on="messages", **fault)
    world.says(QUESTION, a_new_customer(world))


def a_stranger_posts(world: World, times: int) -> None:
    """Webhooks that nobody of ours has signed."""
    for _ in range(times):
        assert call("POST", f"{world.url}/webhook", b"{}", X_Hub_Signature_256="sha256=00")[0] == 401


def a_reply_stays_uncertain(world: World) -> None:
    """Meta hangs up without an answer, and ten minutes go by."""
    writes_to_a_meta_that(world, kind="hang", seconds=0.1, accept=False, answer=False)
    state = "SELECT 1 FROM reply WHERE state = 'uncertain'"
    eventually(lambda: sql(world.instance.database, state))
    sql(world.instance.database, "UPDATE reply SET next_attempt_at = 1 WHERE state = 'uncertain'")


def a_customer_waits(world: World) -> None:
    """A customer has waited for two minutes, and nobody takes the conversation."""
    world.fault(on="messages", code=131026)
    world.says(QUESTION, a_new_customer(world))
    eventually(
        lambda: not sql(world.instance.database, "SELECT 1 FROM conversation WHERE due_at IS NOT NULL")
    )
    values = "holder = 'bot', unanswered_since = last_at - 120000, due_at = last_at + 600000"
    newest = "SELECT max(id) FROM conversation"
    sql(world.instance.database, f"UPDATE conversation SET {values} WHERE id = ({newest})")


def the_account_is_empty(world: World) -> None:
    """The model's server says that there is no money left."""
    breaker.record(
        world.instance.database, world.instance.settings.openai_model, BrainBroke("insufficient_quota")
    )


def the_month_is_spent(world: World) -> None:
    """Calls have cost as much as the instance's month may, and another one is asked for."""
    settings, payer = world.instance.settings, Payer(world.agent_id, None)
    spent = Usage("gpt-6.1-terra", int(settings.month_usd * 1_000_000))
    with world.instance.database.transaction() as session:
        money.record_use(session, settings, payer, "answer", spent)
        assert money.ceiling_reached(session, settings, payer) is not None


@contextmanager
def database_away(url: str) -> Iterator[None]:
    """PostgreSQL lets nobody in, and whoever was in is put out."""
    base, name = url.rsplit("/", 1)
    with psycopg.connect(f"{base}/postgres", autocommit=True) as session:
        session.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        out = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        session.execute(out.encode())
        yield
        session.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
