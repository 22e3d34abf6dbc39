"""Is the model called, or has it failed; and how much of the month's money is left?"""

from collections.abc import Iterator

from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from src.cli.checks.finding import Finding, fail, ok, warn
from src.core.brain_tables import breakers
from src.core.database import AnyRow, Database
from src.core.settings import Settings
from src.messages.brain import breaker, money

_MINUTE_MS = 60_000
_CURES = {
    "broke": ("the account has no money left, or has reached its limit", "add credit, or raise its limit"),
    "denied": (
        "the server refuses the key, or knows no such model",
        "correct OPENAI_API_KEY or the model's name: `released doctor --live` asks the server about both",
    ),
}
_AWAY = (
    "the server is overloaded, fails or is not reached",
    "nothing to do if it passes: one call after the other tries it again; else see the provider's status page",
)


def spending(settings: Settings, database: Database) -> Iterator[Finding]:
    """What the tables tell of the model; nothing where there is no database or no model."""
    if settings.openai_api_key is None:
        return
    try:
        with database.read() as session:
            if not inspect(session).has_table(breakers.name):
                return
            resting = [row for row in breaker.opened(session, settings).values() if row is not None]
            spent = money.spent_in_month(session) / 1_000_000
    except SQLAlchemyError:
        return  # the database's own checks say it
    yield from map(_rests, resting)
    if not resting:
        yield ok("calls", f"{settings.openai_model} is called")
    yield _month(spent, settings.month_usd)


def _rests(row: AnyRow) -> Finding:
    since = (row.now - row.opened_at) // _MINUTE_MS
    left = max(0, -((row.now - row.open_until) // _MINUTE_MS))
    again = f"tried again in {left} min" if left else "tried again with the next question"
    found = f"{row.name} is not called ({row.reason}), for {since or 'less than 1'} min now; {again}"
    if row.reason in breaker.NEEDS_A_PERSON:
        return fail("calls", found, *_CURES[row.reason])
    return warn("calls", found, *_AWAY)


def _month(spent: float, ceiling: float) -> Finding:
    if not ceiling:
        return ok("spending", f"{spent:,.2f} US$ for models this month, without a ceiling")
    found = f"{spent:,.2f} of {ceiling:,.2f} US$ for models this month"
    if spent < ceiling:
        return ok("spending", found)
    cause = "the month's ceiling is reached: the FAQs answer without the model"
    return warn("spending", found, cause, "raise MONTH_USD, or look where it went: `released costs`")
