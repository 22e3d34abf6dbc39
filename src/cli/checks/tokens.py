"""How old are Meta's tokens, does Meta refuse one, and can they be rotated? It asks the database alone."""

from collections.abc import Iterator

from sqlalchemy import inspect, select
from sqlalchemy.exc import SQLAlchemyError

from src.accounts.tokens.age import Stage
from src.accounts.tokens.status import TokenStatus, token_status
from src.cli.checks.finding import Finding, fail, ok, warn
from src.cli.checks.graph import RENEW
from src.core.database import now_ms
from src.core.instance import Instance
from src.core.token_tables import tokens as table

_BY_HAND = f"docs/runbooks/token-ends.md: {RENEW}"


def tokens(instance: Instance) -> Iterator[Finding]:
    """What the tables tell of each token; nothing in sandbox mode, or where there is no database."""
    try:
        with instance.database.read() as session:
            if not inspect(session).has_table(table.name):
                return
            now: int = session.execute(select(now_ms())).scalar_one()
            found = token_status(session, instance, now)
    except SQLAlchemyError:
        return  # the database's own checks say it
    for one in found:
        yield _age(one)


def _age(one: TokenStatus) -> Finding:
    name = "token age" if one.phone_number is None else f"token age {one.phone_number}"
    days = f"{one.age.days_left:.0f} days left"
    if one.refused:
        return fail(name, "Meta refuses it; replies wait", "it has ended, or was revoked", RENEW)
    if one.missing:
        return warn(name, f"it lacks {' and '.join(one.missing)}", "it was made without", RENEW)
    if one.age.stage == Stage.YOUNG:
        return ok(name, f"{days}, Meta has not told its end" if one.state == "unknown" else days)
    cause = one.problem or "it has not been rotated yet"
    if one.age.stage == Stage.ALARM and not one.age.endless:
        return fail(name, days, cause, _BY_HAND)
    if one.age.stage == Stage.DUE and one.problem is None:
        return ok(name, f"{days}; it is rotated by itself now")
    return warn(name, days, cause, _BY_HAND)
