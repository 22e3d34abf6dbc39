"""What waits, as Prometheus gauges: one query a figure, so that tables and dashboard cannot disagree."""

import shutil
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from src.accounts.tokens.age import age_of
from src.core import processes
from src.core.database import Database, now_ms
from src.core.instance import Instance
from src.core.models import AgentStatus, agents, conversations, replies
from src.core.settings import Settings
from src.core.states import Holder, ReplyState
from src.core.token_tables import TokenState, refused_tokens, tokens
from src.core.upkeep_tables import chores
from src.messages.brain import breaker

_OPEN = (ReplyState.QUEUED, ReplyState.SENDING, ReplyState.UNCERTAIN)
_KINDS = ("web", "worker", "beat")
_C = conversations.c
_LIVE = (agents.c.phone_number_id == _C.phone_number_id) & (agents.c.status == AgentStatus.LIVE)
_OWED = (_C.due_at.is_not(None), _C.holder == Holder.BOT)


def exposition(instance: Instance) -> bytes:
    """All that this process and the database tell, as Prometheus text; without the gauges while the database is away."""
    database, registry = instance.database, CollectorRegistry()
    up = Gauge("released_database_up", "1 while the database answers this process", registry=registry)
    _tell_disk(registry, database)
    try:
        with database.read() as session:
            from_database = gauges(session, instance.settings)
        up.set(1)
    except SQLAlchemyError:
        from_database = ""
    return generate_latest(REGISTRY) + generate_latest(registry) + from_database.encode()


def _tell_disk(registry: CollectorRegistry, database: Database) -> None:
    if database.sqlite:
        free = Gauge("released_disk_free_bytes", "Free space beside SQLite's file", registry=registry)
        free.set(shutil.disk_usage(Path(database.url.database or "").resolve().parent).free)


def gauges(session: Connection, settings: Settings) -> str:
    """Prometheus text of the instance's depths (rows) and ages (s); each query reads only what is open."""
    registry = CollectorRegistry()
    for tell in (_tell_inbox, _tell_people, _tell_outbox, _tell_processes):
        tell(session, registry)
    _tell_models(session, registry, settings)
    _tell_tokens(session, registry, settings.token_rotation_days)
    return generate_latest(registry).decode()


def _tell_inbox(session: Connection, registry: CollectorRegistry) -> None:
    depth = Gauge("released_inbox_depth", "Conversations that the bot owes an answer", registry=registry)
    age = Gauge(
        "released_inbox_oldest_age_seconds",
        "Age of the oldest message the bot owes an answer",
        registry=registry,
    )
    parked = Gauge(
        "released_inbox_parked",
        "Conversations that wait for an agent: it is paused, or there is none",
        registry=registry,
    )
    count, oldest_ms = owed(session)
    everything: int = session.execute(
        select(func.count()).select_from(conversations).where(*_OWED)
    ).scalar_one()
    depth.set(count)
    age.set((oldest_ms or 0) / 1000)
    parked.set(everything - count)


def owed(session: Connection) -> tuple[int, int | None]:
    """How many conversations the bot owes an answer, and the age of the oldest question (ms; None without one)."""
    waiting = select(func.count(), now_ms() - func.min(_C.unanswered_since)).where(*_OWED)
    count, oldest = session.execute(waiting.select_from(conversations).join(agents, _LIVE)).one()
    return count, None if oldest is None else max(0, oldest)


def _tell_people(session: Connection, registry: CollectorRegistry) -> None:
    held = Gauge(
        "released_conversations", "Conversations with people, by holder", ["holder"], registry=registry
    )
    waiting = Gauge(
        "released_waiting_conversations",
        "Conversations in which a person is needed, by reason",
        ["reason"],
        registry=registry,
    )
    age = Gauge("released_waiting_oldest_age_seconds", "How long a person has been needed", registry=registry)
    statement = select(
        _C.holder, _C.reason, func.count().label("number"), (now_ms() - func.min(_C.held_at)).label("age")
    )
    rows = session.execute(
        statement.where(_C.holder.in_((Holder.WAITING, Holder.PERSON))).group_by(_C.holder, _C.reason)
    ).all()
    for holder in (Holder.WAITING, Holder.PERSON):
        held.labels(holder.value).set(sum(row.number for row in rows if row.holder == holder))
    needed = [row for row in rows if row.holder == Holder.WAITING]
    for row in needed:
        waiting.labels(row.reason or "").set(row.number)
    age.set(max([0, *(row.age or 0 for row in needed)]) / 1000)


def _tell_outbox(session: Connection, registry: CollectorRegistry) -> None:
    depth = Gauge(
        "released_outbox_depth", "Replies that are under way, by state", ["state"], registry=registry
    )
    age = Gauge("released_outbox_oldest_age_seconds", "Age of the oldest queued reply", registry=registry)
    c = replies.c
    statement = select(c.state, func.count(), now_ms() - func.min(c.created_at)).where(c.state.in_(_OPEN))
    under_way = {row[0]: (row[1], row[2]) for row in session.execute(statement.group_by(c.state))}
    for state in _OPEN:
        depth.labels(state.value).set(under_way.get(state, (0, 0))[0])
    age.set(max(0, under_way.get(ReplyState.QUEUED, (0, 0))[1]) / 1000)


def _tell_models(session: Connection, registry: CollectorRegistry, settings: Settings) -> None:
    rests = Gauge(
        "released_model_breaker_open",
        "1 while a model is not called because it failed",
        ["model"],
        registry=registry,
    )
    for part, row in breaker.opened(session, settings).items():
        rests.labels(part).set(row is not None)


def _tell_tokens(session: Connection, registry: CollectorRegistry, rotation_days: int) -> None:
    refused = Gauge(
        "released_tokens_refused",
        "Access tokens that Meta refuses; nothing is sent by them",
        registry=registry,
    )
    refused.set(session.execute(select(func.count()).select_from(refused_tokens)).scalar_one())
    left = Gauge(
        "released_token_days_left",
        "Days until the first token ends, or where none does, until the first should be renewed",
        ["kind"],
        registry=registry,
    )
    current = select(tokens.c.issued_at, tokens.c.expires_at, now_ms().label("now"))
    rows = session.execute(current.where(tokens.c.state == TokenState.CURRENT)).all()
    for kind, endless in (("ends", False), ("endless", True)):
        ages = [age_of(row, row.now, rotation_days) for row in rows if (row.expires_at is None) == endless]
        if ages and (rotation_days or not endless):
            left.labels(kind).set(min(age.days_left for age in ages))


def _tell_processes(session: Connection, registry: CollectorRegistry) -> None:
    alive = Gauge(
        "released_processes", "Processes heard of in the last 35 s, by kind", ["kind"], registry=registry
    )
    kinds = [row.kind for row in processes.alive(session)]
    for kind in _KINDS:
        alive.labels(kind).set(kinds.count(kind))
    age = Gauge(
        "released_chore_age_seconds",
        "Since a piece of periodic work was last taken up",
        ["chore"],
        registry=registry,
    )
    for row in session.execute(select(chores.c.name, now_ms() - chores.c.begun_at)):
        age.labels(row[0]).set(max(0, row[1]) / 1000)
