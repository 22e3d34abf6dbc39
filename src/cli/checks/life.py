"""Who lives, in which version, and whether the work gets done."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection, func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from src import VERSION
from src.cli.checks.finding import Finding, fail, ok, warn
from src.core import processes
from src.core.database import Database, now_ms
from src.core.models import replies
from src.core.settings import Settings
from src.core.states import ReplyState
from src.core.upkeep_tables import chores
from src.messages.backlog import owed

_SLOW_S, _TOO_SLOW_S = 60, 300
_CHORE_LATE_S = 600
_STARTS = {
    "web": "`uvicorn src.main:app`, or `docker compose up -d web`",
    "worker": "`celery -A src.tasks worker`, or `docker compose up -d worker`",
    "beat": "`celery -A src.tasks beat`, or `docker compose up -d beat`",
}


def life(settings: Settings, database: Database) -> Iterator[Finding]:
    """What the tables tell; nothing where there is no database."""
    try:
        with database.read() as session:
            names = inspect(session).get_table_names()
            if not {"process", "chore", "conversation"} <= set(names):
                return
            yield from _processes(session, settings)
            yield _queue(session)
            yield _outbox(session)
            yield _periodic(session)
    except SQLAlchemyError:
        return  # the database's own checks say it


def _processes(session: Connection, settings: Settings) -> Iterator[Finding]:
    alive = processes.alive(session)
    kinds = Counter(row.kind for row in alive)
    wanted = ("web", "worker") if settings.broker_url else ("web",)
    found = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "none"
    missing = [kind for kind in wanted if not kinds[kind]]
    cause = "no sign of life in the database for 35 s"
    if missing:
        start = _STARTS[missing[0]] if settings.broker_url else "`released up`, or `docker compose up -d`"
        yield fail("processes", f"{found}: no {missing[0]} lives", cause, f"start it: {start}")
    else:
        yield ok("processes", found)
    versions = sorted({row.version for row in alive} | {VERSION})
    if len(versions) > 1:
        old = sorted({f"{row.kind} on {row.host} ({row.version})" for row in alive if row.version != VERSION})
        yield warn(
            "versions",
            f"{' and '.join(versions)} side by side",
            f"not {VERSION} as this command: {', '.join(old)}",
            "fine while an upgrade rolls; else start those again with the new version",
        )
    elif alive:
        yield ok("versions", VERSION)


def _queue(session: Connection) -> Finding:
    _, oldest = owed(session)
    seconds = (oldest or 0) // 1000
    if seconds < _SLOW_S:
        return ok("queue", "nobody waits" if oldest is None else f"the oldest question waits for {seconds} s")
    found = f"the oldest question waits for {seconds:,} s"
    cause = "the workers are too few, hang, or Meta refuses what they send"
    cure = "look for turn_failed and send_failed in the log; start more workers"
    if seconds < _TOO_SLOW_S:
        return warn("queue", found, cause, cure)
    return fail("queue", found, cause, cure)


def _outbox(session: Connection) -> Finding:
    uncertain: int = session.execute(
        select(func.count()).select_from(replies).where(replies.c.state == ReplyState.UNCERTAIN)
    ).scalar_one()
    if uncertain:
        return warn(
            "replies",
            f"{uncertain} uncertain",
            "Meta never said whether it took them, and nothing is sent twice",
            "look at the conversations that wait for a person, then reply or release",
        )
    return ok("replies", "none uncertain")


def _periodic(session: Connection) -> Finding:
    age = session.execute(
        select((now_ms() - chores.c.begun_at) / 1000).where(chores.c.name == "check_health")
    ).scalar()
    if age is None:
        return ok("clockwork", "not yet: the first periodic work comes a minute after the start")
    if age > _CHORE_LATE_S:
        cause = "no clock takes up the periodic work"
        return warn("clockwork", f"last {int(age):,} s ago", cause, f"start one: {_STARTS['beat']}")
    return ok("clockwork", f"last {int(age)} s ago")
