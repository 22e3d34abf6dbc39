"""What was spent: calls of the model and Meta's fees, by day, agent, model and purpose."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from src.core.brain_tables import spending, usage
from src.core.database import now_ms
from src.core.model_settings import ModelSettings
from src.core.models import numbers
from src.messages import fees
from src.messages.brain.money import periods_of

_DAY_MS = 86_400_000
_FIGURES = ("calls", "input_tokens", "cached_tokens", "output_tokens", "cost")

Row = dict[str, Any]


def costs(session: Connection, days: int) -> list[Row]:
    """Each use of the last `days` UTC days, today's with them, newest day first: day, agent_id, model, purpose, calls,
    input_tokens (the cached ones too), cached_tokens, output_tokens, cost (millionths of a US dollar).

    Replies that Meta took have the purpose `meta` and their market as model.
    """
    now: int = session.execute(select(now_ms())).scalar_one()
    c = usage.c
    since = periods_of(now - (days - 1) * _DAY_MS).day
    found = session.execute(select(usage).where(c.day >= since))
    key = ("agent_id", "purpose", "model")
    rows = sorted((dict(row._mapping) for row in found), key=lambda row: [row[name] for name in key])
    return sorted(rows, key=lambda row: str(row["day"]), reverse=True)


def totals(rows: Sequence[Row]) -> dict[str, int]:
    """The figures of all calls of the model; `replies` and `fees` are Meta's, `cost` holds both."""
    meta = [row for row in rows if row["purpose"] == fees.PURPOSE]
    calls = [row for row in rows if row["purpose"] != fees.PURPOSE]
    found = {name: sum(row[name] for row in calls) for name in _FIGURES}
    paid = sum(row["cost"] for row in meta)
    found |= {"replies": sum(row["calls"] for row in meta), "fees": paid, "cost": found["cost"] + paid}
    return found


def free_replies(session: Connection, settings: ModelSettings) -> list[Row]:
    """This UTC month's replies of each number: phone_number_id, phone_number, replies, free_left."""
    now: int = session.execute(select(now_ms())).scalar_one()
    month = spending.c.period == periods_of(now).month
    counted = {row.scope: row.calls for row in session.execute(select(spending).where(month))}
    found = []
    ids = select(numbers.c.phone_number_id, numbers.c.phone_number).order_by(numbers.c.phone_number)
    for row in session.execute(ids):
        replies = counted.get(fees.scope_of(row.phone_number_id), 0)
        left = max(0, settings.meta_free_replies - replies)
        found.append({**row._mapping, "replies": replies, "free_left": left})
    return found
