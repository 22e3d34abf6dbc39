"""Stops calls of a model that cannot succeed, and tries with one call whether it works again."""

import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, select, update

from src.core.brain_tables import breakers
from src.core.database import AnyRow, Database, insert_into, now_ms
from src.core.errors import BrainBroke, BrainBusy, BrainDenied, BrainDown, BrainError, BrainUnreachable
from src.core.model_settings import ModelSettings

log = logging.getLogger(__name__)

IN_A_ROW = 3  # failures after which calls stop, where the server may come back by itself
OUTAGE_S, OUTAGE_MOST_S = 10, 120
MEND_S, MEND_MOST_S = 300, 1_800  # where a person must mend it
TRY_MS = 35_000  # longer than the one call that tries can take; if it never ends, the next one may
_AWAY = (BrainBusy, BrainDown, BrainUnreachable)
_TO_MEND = (BrainBroke, BrainDenied)
NEEDS_A_PERSON = frozenset(kind.result for kind in _TO_MEND)  # reasons

_B = breakers.c


def is_open(session: Connection, name: str) -> bool:
    """Must the model of that name not be called now?

    Ask it right before a call, inside a transaction: when the time is over, the one who is told False has been written
    down as the one who tries, and must call and `record` what came of it.
    """
    row = session.execute(select(_B.open_until, now_ms().label("now")).where(_B.name == name)).first()
    if row is None or row.open_until is None:
        return False
    if row.open_until > row.now:
        return True
    mine = update(breakers).where(_B.name == name, _B.open_until == row.open_until)
    tries = mine.values(open_until=now_ms() + TRY_MS, tried_at=now_ms())
    return session.execute(tries.returning(_B.name)).first() is None


def record(database: Database, name: str, error: BrainError | None) -> None:
    """Notes how a call of the model ended; `None` is success, and so is an error that only a living server can give."""
    if isinstance(error, _AWAY + _TO_MEND):
        with database.transaction() as session:
            told = _fail(session, name, error)
        if told is not None:
            log.error("breaker_opened", extra=told)
        return
    with database.read() as session:
        troubled = session.execute(select(_B.name).where(_B.name == name)).first()
    if troubled is not None:
        with database.transaction() as session:
            gone = delete(breakers).where(_B.name == name).returning(_B.opened_at, _B.reason)
            row = session.execute(gone).first()
        if row is not None and row.opened_at is not None:
            log.warning("breaker_closed", extra={"model": name, "reason": row.reason})


def _fail(session: Connection, name: str, error: BrainError) -> dict[str, Any] | None:
    """Writes the failure down; what the log is told when calls stop by it."""
    fresh = insert_into(session.dialect.name, breakers).values(name=name, failures=0)
    session.execute(fresh.on_conflict_do_nothing())
    locked = select(breakers, now_ms().label("now")).where(_B.name == name).with_for_update()
    row = session.execute(locked).one()
    if row.open_until is not None and row.open_until > row.now and row.tried_at is None:
        return None  # a call that was under way when calls stopped
    values = after_failure(row, error, row.now)
    session.execute(update(breakers).where(_B.name == name).values(**values))
    if values["open_until"] is None:
        return None
    return {
        "model": name,
        "reason": error.result,
        "seconds": (values["open_until"] - row.now) // 1000,
    }


def after_failure(row: AnyRow, error: BrainError, now: int) -> Mapping[str, Any]:
    """The breaker's new columns: closed and one failure more, or open for a while that doubles with each vain try."""
    to_mend = isinstance(error, _TO_MEND)
    if row.open_until is None:
        tries = 0
        if not to_mend and row.failures + 1 < IN_A_ROW:
            return {"failures": row.failures + 1, "reason": error.result, "open_until": None}
    else:
        same = to_mend == (row.reason in NEEDS_A_PERSON)
        tries = row.failures - IN_A_ROW + 1 if same else 0
    first, most = (MEND_S, MEND_MOST_S) if to_mend else (OUTAGE_S, OUTAGE_MOST_S)
    seconds = min(first * 2.0 ** min(tries, 10), most)
    seconds = max(seconds, min(error.retry_after or 0.0, MEND_MOST_S))
    return {
        "failures": IN_A_ROW + tries,
        "reason": error.result,
        "open_until": now + int(seconds * 1000),
        "opened_at": row.opened_at or now,
        "tried_at": None,
    }


def opened(session: Connection, settings: ModelSettings) -> dict[str, AnyRow | None]:
    """Each model of the settings by its part (first, second, transcribe, embed): name, reason, opened_at, open_until
    and now (ms) of a model that is not called, else None."""
    parts = {
        "first": settings.openai_model,
        "second": settings.openai_second_model,
        "transcribe": settings.openai_transcribe_model,
        "embed": settings.openai_embedding_model,
    }
    statement = select(_B.name, _B.reason, _B.opened_at, _B.open_until, now_ms().label("now"))
    found = {row.name: row for row in session.execute(statement.where(_B.open_until.is_not(None)))}
    return {part: found.get(name) for part, name in parts.items() if name}
