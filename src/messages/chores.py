"""Periodic work of an instance: taken up once a period, however many clocks there are."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, delete, select, tuple_
from sqlalchemy.exc import SQLAlchemyError

from src.accounts.retention import purge
from src.accounts.tokens.keep import keep_tokens
from src.core import processes
from src.core.actor import acting
from src.core.brain_tables import embeddings, spending
from src.core.database import insert_into, now_ms
from src.core.instance import Instance
from src.core.models import receipts, seen
from src.core.upkeep_tables import backups, chores, idempotency
from src.core.upkeep_tables import processes as process_table
from src.messages.backlog import owed
from src.messages.brain.money import periods_of
from src.messages.hearing.forgetting import forget_media
from src.messages.people.returns import give_back_silent

log = logging.getLogger(__name__)

CLOCK_SECONDS = 60.0
_DAY_MS = 24 * 3600 * 1000
_BATCH = 1_000  # rows that one transaction deletes at most: nobody waits long for it
SEEN_DAYS = 30  # Meta repeats for seven days
_IDEMPOTENCY_DAYS = 2
_GONE_DAYS = 1  # processes that ended without a word
_EMBEDDING_DAYS = 90  # then it is made anew
_SPENDING_DAYS = 62  # the month before the last is over
_BACKUP_DAYS = 400  # a file that is older was promised to be gone long ago


@dataclass(frozen=True)
class Chore:
    """A piece of periodic work: `work` returns counts for the log."""

    period_ms: int
    work: Callable[[Instance], dict[str, int]]


def run_due(instance: Instance) -> dict[str, dict[str, int]]:
    """Does every chore whose period is over; returns what each did. Safe to call twice, also from two clocks."""
    done = {}
    for name, chore in CHORES.items():
        try:
            with instance.database.transaction() as session:
                mine = _claim(session, name, chore.period_ms)
            if mine:
                with acting("clock"):
                    done[name] = chore.work(instance)
                log.info("chore_done", extra={"chore": name, "did": done[name]})
        except SQLAlchemyError:
            log.exception("chore_failed", extra={"chore": name})
    return done


def _claim(session: Connection, name: str, period_ms: int) -> bool:
    """True for the one clock that comes first after the period's end."""
    c = chores.c
    insert = insert_into(session.dialect.name, chores).values(name=name, begun_at=now_ms())
    mine = insert.on_conflict_do_update(
        index_elements=["name"], set_={"begun_at": now_ms()}, where=c.begun_at <= now_ms() - period_ms
    )
    return session.execute(mine.returning(c.name)).first() is not None


def check_health(instance: Instance) -> dict[str, int]:
    """Seconds that the oldest open question waits, and how many processes of each kind live."""
    with instance.database.read() as session:
        _, oldest = owed(session)
        kinds = [row.kind for row in processes.alive(session)]
    if instance.settings.broker_url and "worker" not in kinds:
        log.error("no_worker")
    return {
        "oldest_s": (oldest or 0) // 1000,
        **{kind: kinds.count(kind) for kind in ("web", "worker", "beat")},
    }


def clean_up(instance: Instance) -> dict[str, int]:
    """Deletes what only guards against repetition or saves it, once its time is over; rows by table."""
    key = idempotency.c.key
    with instance.database.read() as session:
        now: int = session.execute(select(now_ms())).scalar_one()
    # A month's word sorts before its days': it goes with the first of them.
    last = periods_of(now - _SPENDING_DAYS * _DAY_MS).day
    made = embeddings.c.created_at
    return {
        "embedding": _delete_where(instance, embeddings, made < now - _EMBEDDING_DAYS * _DAY_MS),
        "spending": _delete_where(instance, spending, spending.c.period < last),
        "backup": _delete_where(instance, backups, backups.c.made_at < now - _BACKUP_DAYS * _DAY_MS),
        "seen": _delete_before(instance, seen, seen.c.key, seen.c.seen_at, SEEN_DAYS),
        # A receipt's id grows with its time, so the first ones by id are the oldest.
        "receipt": _delete_before(instance, receipts, receipts.c.id, receipts.c.received_at, SEEN_DAYS),
        "idempotency": _delete_before(
            instance, idempotency, key, idempotency.c.created_at, _IDEMPOTENCY_DAYS
        ),
        "process": _delete_before(
            instance, process_table, process_table.c.id, process_table.c.seen_at, _GONE_DAYS
        ),
    }


def _delete_before(instance: Instance, table: Table, key: Column[Any], at: Column[Any], days: int) -> int:
    order = key if table is receipts else at
    first = select(key, at).order_by(order).limit(_BATCH).subquery()
    old = select(first.c[key.name]).where(first.c[at.name] < now_ms() - days * _DAY_MS)
    total = 0
    while True:
        with instance.database.transaction() as session:
            gone = session.execute(delete(table).where(key.in_(old))).rowcount
        total += gone
        if gone < _BATCH:
            return total


def _delete_where(instance: Instance, table: Table, is_old: ColumnElement[bool]) -> int:
    key = list(table.primary_key)
    old = select(*key).where(is_old).limit(_BATCH)
    total = 0
    while True:
        with instance.database.transaction() as session:
            gone = session.execute(delete(table).where(tuple_(*key).in_(old))).rowcount
        total += gone
        if gone < _BATCH:
            return total


def _keep_tokens(instance: Instance) -> dict[str, int]:
    with instance.database.read() as session:
        now: int = session.execute(select(now_ms())).scalar_one()
    return keep_tokens(instance, now)


CHORES = {
    "check_health": Chore(60_000, check_health),
    "clean_up": Chore(3_600_000, clean_up),
    "forget_media": Chore(3_600_000, forget_media),
    "give_back_silent": Chore(60_000, give_back_silent),
    "purge": Chore(1_800_000, purge),  # so that nothing is an hour over age
    "keep_tokens": Chore(60_000, _keep_tokens),
}


class Clock:
    """Does the chores of an instance that is one process; at full size `celery beat` is the clock."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Waits for the chore that runs."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(CLOCK_SECONDS):
            run_due(self._instance)
