"""Counts the replies that Meta has accepted, and what it takes for them beyond a number's free ones of the month."""

import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from typing import Any

import phonenumbers
from phonenumbers import NumberParseException
from sqlalchemy import Connection, bindparam, func, select

from src.core.brain_tables import spending, usage
from src.core.database import insert_into, now_ms
from src.core.model_settings import ModelSettings
from src.core.models import AgentStatus, agents, conversations, replies, turns
from src.core.money_settings import fees_of
from src.core.money_telemetry import META_FEES
from src.messages.brain.money import add, periods_of

PURPOSE = "meta"  # beside the purposes of the model's calls, with the market as model
EVERYWHERE = "*"

_COUNTRY = re.compile(r"[A-Z]{2}")

_OF_NUMBER = (
    select(agents.c.id)
    .where(agents.c.phone_number_id == conversations.c.phone_number_id)
    .where(agents.c.status != AgentStatus.REMOVED)
    .limit(1)
    .scalar_subquery()
)
_REPLIES = (
    select(
        replies.c.id,
        conversations.c.phone_number_id,
        conversations.c.customer,
        func.coalesce(turns.c.agent_id, _OF_NUMBER, "").label("agent_id"),
        now_ms().label("now"),
    )
    .join_from(replies, conversations, conversations.c.id == replies.c.conversation_id)
    .join(turns, turns.c.id == replies.c.turn_id, isouter=True)
    .where(replies.c.id.in_(bindparam("ids", expanding=True)))
)


def scope_of(phone_number_id: str) -> str:
    """Under which scope of `spending` a number's replies of a month are counted."""
    return f"number:{phone_number_id}"


def record(session: Connection, settings: ModelSettings, reply_ids: Sequence[int]) -> None:
    """Counts replies that Meta has just accepted, and their fees. Call it once a reply, as the last of a transaction.

    Since October 2026 Meta charges service messages by the customer's market, but for 1,000 a number and month
    (META_FREE_REPLIES).
    """
    rows = session.execute(_REPLIES, {"ids": list(reply_ids)}).all() if reply_ids else []
    # In one order, so that two transactions never wait for each other.
    for row in sorted(rows, key=lambda row: (row.phone_number_id, row.id)):
        at = periods_of(row.now)
        market = country_of(row.customer)
        is_free = _count(session, row.phone_number_id, at.month) <= settings.meta_free_replies
        fee = 0 if is_free else _fee(market, settings.meta_fees)
        key = {"day": at.day, "agent_id": row.agent_id, "model": market, "purpose": PURPOSE}
        tokens = {"input_tokens": 0, "cached_tokens": 0, "output_tokens": 0}
        add(session, usage, [{**key, "calls": 1, **tokens, "cost": fee}])
        META_FEES.inc(fee)


def _count(session: Connection, phone_number_id: str, month: str) -> int:
    """Counts one more of the number's replies in this month; how many they are now."""
    row = {"scope": scope_of(phone_number_id), "period": month, "calls": 1, "cost": 0}
    count: int = session.execute(_counting(session.dialect.name), row).scalar_one()
    return count


@cache
def _counting(dialect: str) -> Any:
    more = insert_into(dialect, spending).on_conflict_do_update(
        index_elements=["scope", "period"], set_={"calls": spending.c.calls + 1}
    )
    return more.returning(spending.c.calls)


def country_of(customer: Mapping[str, str]) -> str:
    """The customer's country (ISO 3166), by telephone number or by the beginning of their user id; `*` if unknown."""
    country = customer.get("user_id", "").partition(".")[0]
    if wa_id := customer.get("wa_id"):
        try:
            country = phonenumbers.region_code_for_number(phonenumbers.parse(f"+{wa_id.lstrip('+')}")) or ""
        except NumberParseException:
            country = ""
    return country if _COUNTRY.fullmatch(country) else EVERYWHERE


@lru_cache(maxsize=512)
def _fee(market: str, fees: str | None) -> int:
    table = fees_of(fees) if fees else {}
    dollars = table.get(market, table.get(EVERYWHERE, Decimal(0)))
    return int((dollars * 1_000_000).quantize(Decimal(1), ROUND_HALF_UP))
