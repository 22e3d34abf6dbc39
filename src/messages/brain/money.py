"""What calls of the model cost and who pays; the ceilings that stop them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, and_, or_, select

from src.core.brain_tables import spending
from src.core.brain_tables import usage as usages
from src.core.database import insert_into, now_ms
from src.core.model_settings import ModelSettings
from src.core.money_telemetry import CEILING_REACHED, MODEL_COST
from src.core.openai_client import Usage
from src.messages.brain.prices import cost_of

_DOLLAR = 1_000_000
_INSTANCE = "instance"
_S = spending.c


@dataclass(frozen=True)
class Payer:
    """Who a call is for: an agent, and the customer (keyed hash) unless it is for nobody's question."""

    agent_id: str
    customer_key: bytes | None


@dataclass(frozen=True)
class Periods:
    """The UTC day, hour and month of a time, as words that sort by time."""

    day: str
    hour: str
    month: str


def periods_of(now: int) -> Periods:
    """The periods in which a time (ms) lies."""
    at = datetime.fromtimestamp(now / 1000, UTC)
    return Periods(f"{at:%Y-%m-%d}", f"{at:%Y-%m-%dT%H}", f"{at:%Y-%m}")


def ceiling_reached(session: Connection, settings: ModelSettings, payer: Payer) -> str | None:
    """Which ceiling forbids the next call: `customer_day`, `agent_hour`, `month`; None when none does.

    Look before each call. Calls that are under way at that time may take a ceiling over by their own cost.
    """
    at = periods_of(session.execute(select(now_ms())).scalar_one())
    scopes = _scopes(payer, at)
    here = or_(*(and_(_S.scope == scope, _S.period == period) for scope, period in scopes.values()))
    found = {row.scope: row for row in session.execute(select(spending).where(here))}
    for ceiling, (scope, _) in scopes.items():
        row = found.get(scope)
        if row is not None and _is_over(settings, ceiling, row.calls, row.cost):
            CEILING_REACHED.labels(ceiling).inc()
            return ceiling
    return None


def _scopes(payer: Payer, at: Periods) -> dict[str, tuple[str, str]]:
    """Scope and period of each ceiling, in the order in which they are named to the caller."""
    found = {}
    if payer.customer_key is not None:
        found["customer_day"] = (f"customer:{payer.customer_key.hex()}", at.day)
    found["agent_hour"] = (f"agent:{payer.agent_id}", at.hour)
    found["month"] = (_INSTANCE, at.month)
    return found


def _is_over(settings: ModelSettings, ceiling: str, calls: int, cost: int) -> bool:
    """0 is no ceiling."""
    if ceiling == "customer_day":
        return 0 < settings.customer_day_calls <= calls
    dollars = settings.agent_hour_usd if ceiling == "agent_hour" else settings.month_usd
    return 0 < dollars * _DOLLAR <= cost


def record_use(session: Connection, settings: ModelSettings, payer: Payer, purpose: str, usage: Usage) -> int:
    """Adds a call to the day's usage and to what the ceilings look at; its cost in millionths of a US dollar."""
    cost = cost_of(usage, settings.openai_prices)
    at = periods_of(session.execute(select(now_ms())).scalar_one())
    # The instance's row first, in every transaction: who holds it waits for nobody.
    scopes = reversed(_scopes(payer, at).values())
    add(session, spending, [{"scope": s, "period": p, "calls": 1, "cost": cost} for s, p in scopes])
    row = {"day": at.day, "agent_id": payer.agent_id, "model": usage.model[:64], "purpose": purpose}
    counted = {
        "calls": 1,
        "input_tokens": usage.input_tokens,
        "cached_tokens": usage.cached_tokens,
        "output_tokens": usage.output_tokens,
        "cost": cost,
    }
    add(session, usages, [{**row, **counted}])
    MODEL_COST.labels(purpose).inc(cost)
    return cost


def spent_in_month(session: Connection) -> int:
    """What the instance's calls have cost in this UTC month, in millionths of a US dollar."""
    month = periods_of(session.execute(select(now_ms())).scalar_one()).month
    here = (_S.scope == _INSTANCE, _S.period == month)
    return session.execute(select(_S.cost).where(*here)).scalar() or 0


def add(session: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Adds each row's figures to those that stand under its key, in the order given; makes what is not there."""
    session.execute(_adding(session.dialect.name, table), list(rows))


@cache
def _adding(dialect: str, table: Table) -> Any:
    insert = insert_into(dialect, table)
    figures = [column for column in table.columns if not column.primary_key]
    more = {column.name: column + insert.excluded[column.name] for column in figures}
    keys = [column.name for column in table.primary_key]
    return insert.on_conflict_do_update(index_elements=keys, set_=more)
