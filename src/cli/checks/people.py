"""Is there a person behind each agent, and do they hear of it when a customer waits?"""

from collections.abc import Iterator

from sqlalchemy import Connection, func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from src.accounts.handoff_input import NO_SMTP, cannot_mail, no_way_to_a_person
from src.accounts.versions import load_config
from src.cli.checks.finding import Finding, ok, warn
from src.core.agent_config import Handoff
from src.core.conversation_tables import AlertState, alerts
from src.core.database import Database, now_ms
from src.core.errors import InvalidSettings
from src.core.models import AgentStatus, agents
from src.core.settings import Settings

_DAY_MS = 24 * 3600 * 1000


def people(settings: Settings, database: Database) -> Iterator[Finding]:
    """What the agents' configurations and the alerts tell; nothing where there is no database."""
    try:
        with database.read() as session:
            if not inspect(session).has_table(alerts.name):
                return
            behind = _handoffs(session)
            failed = _failed(session)
    except (SQLAlchemyError, InvalidSettings):
        return  # the database's own checks say it
    if behind:
        yield _ways(settings, behind)
    if any(cannot_mail(handoff, settings) for handoff in behind.values()):
        yield warn("e-mail", "an agent's people are not told", NO_SMTP, "set SMTP_URL and SMTP_FROM")
    yield _told(failed)


def _handoffs(session: Connection) -> dict[str, Handoff]:
    a = agents.c
    rows = session.execute(select(a.id, a.version).where(a.status != AgentStatus.REMOVED).order_by(a.id))
    return {row.id: load_config(session, row.id, row.version).handoff for row in rows.all()}


def _ways(settings: Settings, behind: dict[str, Handoff]) -> Finding:
    without = [agent_id for agent_id, handoff in behind.items() if no_way_to_a_person(handoff)]
    if not without:
        return ok("people", "every agent has somebody behind it")
    found = f"nobody is told by {', '.join(without[:3])}{' and others' if without[3:] else ''}"
    if settings.sandbox_mode:
        return ok("people", f"{found}; conversations wait in `released conversations list`")
    cause = (
        "WhatsApp's policy asks for a clear way to a person; they wait in `released conversations list` alone"
    )
    return warn("people", found, cause, "PATCH /agent/{id} with `handoff` (docs/people.md)")


def _failed(session: Connection) -> list[tuple[str, str, int]]:
    """Channel, reason and how many of the last day's alerts have failed."""
    c = alerts.c
    failed = (c.state == AlertState.FAILED, c.settled_at > now_ms() - _DAY_MS)
    rows = session.execute(
        select(c.channel, c.error, func.count()).where(*failed).group_by(c.channel, c.error)
    )
    return [(row[0], row[1] or "", row[2]) for row in rows]


def _told(failed: list[tuple[str, str, int]]) -> Finding:
    if not failed:
        return ok("alerts", "none has failed in the last day")
    found = f"{sum(count for _, _, count in failed)} have failed in the last day"
    cause = ", ".join(f"{channel}: {reason} ({count})" for channel, reason, count in failed)
    return warn("alerts", found, cause, "docs/people.md, When it does not arrive, says what each means")
