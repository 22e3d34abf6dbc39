"""What is spent is counted to the last call, and ceilings are looked at before the next one."""

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update

from src.accounts.retention import purge
from src.core import schema
from src.core.brain_tables import cached_answers, embeddings, spending, usage
from src.core.database import Database, now_ms
from src.core.instance import open_instance
from src.core.openai_client import Usage
from src.core.settings import Settings
from src.messages import chores
from src.messages.brain import costs, money
from src.messages.brain.money import Payer
from tests.integration.messages.money_world import KEYS

pytestmark = pytest.mark.both_databases

DAY_MS = 86_400_000
ANA, LUIS = b"a" * 16, b"l" * 16
CALL = Usage("gpt-6-luna", 3_000, 2_500, 150)  # 150 millionths
DEAR = Usage("gpt-6.1-terra", 1_000_000)  # a dollar


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url, KEYS)
    schema.migrate(found)
    yield found
    found.close()


def given_settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


def spend(database: Database, payer: Payer, use: Usage = CALL, purpose: str = "answer") -> int:
    with database.transaction() as session:
        return money.record_use(session, given_settings(), payer, purpose, use)


def ceiling(database: Database, payer: Payer, **values: Any) -> str | None:
    with database.read() as session:
        return money.ceiling_reached(session, given_settings(**values), payer)


def spent(database: Database) -> list[tuple[Any, ...]]:
    """Agent, model, purpose, calls, tokens and cost of every row of usage."""
    with database.read() as session:
        rows = session.execute(select(usage).order_by(usage.c.agent_id, usage.c.purpose, usage.c.model))
        return [tuple(row)[1:] for row in rows]


def test_a_call_is_counted_by_day_agent_model_and_purpose(database: Database) -> None:
    assert spend(database, Payer("a", ANA)) == 150
    spend(database, Payer("a", LUIS))
    spend(database, Payer("a", ANA), purpose="redraft")
    spend(database, Payer("b", None), Usage("gpt-transcribe", seconds=60), "transcribe")
    assert spent(database) == [
        ("a", "gpt-6-luna", "answer", 2, 6_000, 5_000, 300, 300),
        ("a", "gpt-6-luna", "redraft", 1, 3_000, 2_500, 150, 150),
        ("b", "gpt-transcribe", "transcribe", 1, 0, 0, 0, 4_500),
    ]


def test_a_customer_has_so_many_calls_in_a_day(database: Database) -> None:
    for _ in range(3):
        assert ceiling(database, Payer("a", ANA), customer_day_calls=3) is None
        spend(database, Payer("a", ANA))
    assert ceiling(database, Payer("a", ANA), customer_day_calls=3) == "customer_day"
    assert ceiling(database, Payer("a", LUIS), customer_day_calls=3) is None
    assert ceiling(database, Payer("a", None), customer_day_calls=3) is None
    a_day_later(database)
    assert ceiling(database, Payer("a", ANA), customer_day_calls=3) is None


def test_an_agent_has_so_many_dollars_in_an_hour(database: Database) -> None:
    for _ in range(2):
        assert ceiling(database, Payer("a", ANA), agent_hour_usd=2.0) is None
        spend(database, Payer("a", None), DEAR)
    assert ceiling(database, Payer("a", ANA), agent_hour_usd=2.0) == "agent_hour"
    assert ceiling(database, Payer("b", ANA), agent_hour_usd=2.0) is None
    a_day_later(database)
    assert ceiling(database, Payer("a", ANA), agent_hour_usd=2.0) is None


def test_the_instance_has_so_many_dollars_in_a_month(database: Database) -> None:
    for agent in "abc":
        assert ceiling(database, Payer("d", None), month_usd=3.0) is None
        spend(database, Payer(agent, None), DEAR)
    assert ceiling(database, Payer("d", None), month_usd=3.0) == "month"
    with database.transaction() as session:
        session.execute(update(spending).values(period="2020-01"))
    assert ceiling(database, Payer("d", None), month_usd=3.0) is None


def test_0_is_no_ceiling(database: Database) -> None:
    spend(database, Payer("a", ANA), DEAR)
    none = {"customer_day_calls": 0, "agent_hour_usd": 0, "month_usd": 0}
    assert ceiling(database, Payer("a", ANA), **none) is None


def test_calls_of_a_model_without_price_count_for_the_customers_day(database: Database) -> None:
    spend(database, Payer("a", ANA), Usage("llama3.3", 10_000, 0, 10_000))
    assert ceiling(database, Payer("a", ANA), customer_day_calls=1) == "customer_day"


def a_day_later(database: Database) -> None:
    """As if what was spent had been spent yesterday."""
    yesterday = spending.c.period
    with database.transaction() as session:
        session.execute(update(spending).values(period="2020-01-01" + func.substr(yesterday, 11)))


Call = tuple[str, bytes | None, str, int]
CALLS = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from([ANA, LUIS, None]),
        st.sampled_from(["answer", "redraft"]),
        st.integers(0, 10_000_000),
    ),
    min_size=1,
    max_size=24,
)


@given(CALLS)
@examples(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_sum_is_the_sum_of_its_parts_whoever_spends_at_the_same_time(
    database: Database, calls: list[Call]
) -> None:
    with database.transaction() as session:
        session.execute(usage.delete())
        session.execute(spending.delete())
    paid: list[int] = []

    def pay(some: list[Call]) -> None:
        for agent, customer, purpose, tokens in some:
            paid.append(spend(database, Payer(agent, customer), Usage("gpt-6-luna", tokens), purpose))

    threads = [threading.Thread(target=pay, args=(calls[first::4],)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(paid) == len(calls)
    with database.read() as session:
        counted = session.execute(
            select(*(func.sum(usage.c[name]) for name in ("calls", "input_tokens", "cost")))
        )
        assert [int(one) for one in counted.one()] == [len(calls), sum(call[3] for call in calls), sum(paid)]
        stands = {row.scope: (row.calls, row.cost) for row in session.execute(select(spending))}
        assert money.spent_in_month(session) == sum(paid)
    assert stands["instance"] == (len(calls), sum(paid))
    for customer in (ANA, LUIS):
        own = sum(call[1] == customer for call in calls)
        assert stands.get(f"customer:{customer.hex()}", (0, 0))[0] == own


def test_several_uses_in_one_transaction_never_wait_for_each_other(database: Database) -> None:
    """Two turns that pay for several things each, in opposite orders."""
    failed: list[BaseException] = []

    def pay(purposes: tuple[str, ...]) -> None:
        try:
            for _ in range(6):
                with database.transaction() as session:
                    for purpose in purposes:
                        money.record_use(session, given_settings(), Payer("a", ANA), purpose, CALL)
        except Exception as error:
            failed.append(error)

    orders = (("answer", "redraft", "embed"), ("embed", "redraft", "answer"))
    threads = [threading.Thread(target=pay, args=(order,)) for order in orders * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert [row[3] for row in spent(database)] == [24, 24, 24]


def test_costs_tell_the_last_days_newest_first(database: Database) -> None:
    spend(database, Payer("a", ANA))
    with database.transaction() as session:
        now: int = session.execute(select(now_ms())).scalar_one()
        figures = {"calls": 1, "input_tokens": 10, "cached_tokens": 0, "output_tokens": 0, "cost": 1}
        for age in (1, 6, 7):
            day = money.periods_of(now - age * DAY_MS).day
            row = {"day": day, "agent_id": "a", "model": "gpt-6-luna", "purpose": "answer"}
            session.execute(insert(usage).values(**row, **figures))
        row = {"day": money.periods_of(now).day, "agent_id": "a", "model": "ES", "purpose": "meta"}
        session.execute(insert(usage).values(**row, **{**figures, "input_tokens": 0, "cost": 20_000}))
    with database.read() as session:
        rows = costs.costs(session, 7)
    days = [money.periods_of(now - age * DAY_MS).day for age in (0, 0, 1, 6)]
    assert [row["day"] for row in rows] == days
    assert costs.totals(rows) == {
        "calls": 3,
        "input_tokens": 3_020,
        "cached_tokens": 2_500,
        "output_tokens": 150,
        "cost": 20_152,
        "replies": 1,
        "fees": 20_000,
    }


def test_what_has_served_its_time_is_cleaned_up_and_usage_stays(database: Database, tmp_path: Any) -> None:
    spend(database, Payer("a", ANA))
    settings = given_settings(
        released_home=tmp_path, secret_key="k" * 40, database_url=database.url.render_as_string(False)
    )
    instance = open_instance(settings)
    row: dict[str, Any]
    with database.transaction() as session:
        now: int = session.execute(select(now_ms())).scalar_one()
        for days in (13, 15):
            row = {"agent_id": "a", "version": days, "key": b"k" * 16, "draft": {}}
            session.execute(insert(cached_answers).values(**row, created_at=now - days * DAY_MS))
        for days in (89, 91):
            row = {"key": bytes([days]) * 16, "vector": b"v", "created_at": now - days * DAY_MS}
            session.execute(insert(embeddings).values(row))
        for days in (61, 63):
            at = money.periods_of(now - days * DAY_MS)
            for period in (at.day, at.hour):
                row = {"scope": f"x:{days}", "period": period, "calls": 1, "cost": 1}
                session.execute(insert(spending).values(row))
        row = {"day": "2020-01-01", "agent_id": "a", "model": "m", "purpose": "answer"}
        figures = dict.fromkeys(("calls", "input_tokens", "cached_tokens", "output_tokens", "cost"), 1)
        session.execute(insert(usage).values(**row, **figures))
    gone = SimpleNamespace(**chores.clean_up(instance), **purge(instance))
    instance.close()
    assert (gone.cached_answer, gone.embedding, gone.spending) == (1, 1, 2)
    with database.read() as session:
        assert session.execute(select(cached_answers.c.version)).scalars().all() == [13]
        assert session.execute(select(embeddings.c.key)).scalars().all() == [bytes([89]) * 16]
        scopes = set(session.execute(select(spending.c.scope)).scalars())
        assert scopes == {"x:61", "agent:a", "instance", f"customer:{ANA.hex()}"}
        assert len(session.execute(select(usage)).all()) == 2
