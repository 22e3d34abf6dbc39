"""Which backups were made, and until when one that follows the rule of retention is kept."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from src.accounts.key_holder import KeyHolder
from src.core import schema
from src.core.database import Database, now_ms
from src.core.settings import Settings
from src.core.upkeep_tables import backups

_SINCE = "0007"  # the schema that has the table
_DAY_MS = 24 * 3600 * 1000
_C = backups.c


@contextmanager
def recorded(database: Database, file: Path) -> Iterator[None]:
    """Writes down that a backup is made, before it is: so it is named in itself, and by what is restored from it.

    Nothing stays of one that fails. Where nothing can be written (an older schema, a full disk) it is made all the same.
    """
    number = _begin(database, file)
    try:
        yield
    except BaseException:
        if number is not None:
            with suppress(SQLAlchemyError), database.transaction() as session:
                session.execute(delete(backups).where(_C.id == number))
        raise


def _begin(database: Database, file: Path) -> int | None:
    row = {"file": str(file.resolve())[:4096], "made_at": now_ms()}
    try:
        if (schema.revision(database) or "") < _SINCE:
            return None
        with database.transaction() as session:
            made: int = session.execute(insert(backups).values(row).returning(_C.id)).scalar_one()
        return made
    except SQLAlchemyError:
        return None


def known(session: Connection, settings: Settings, key_holder: KeyHolder) -> list[dict[str, Any]]:
    """{file, made_at, delete_by, there}, oldest first: backups that are not over age by the rule, or are there still.

    A tenant reads of a file its name alone, not where it lies. `delete_by` (ms) is when `RETENTION_DAYS` of it end;
    `there` is None where its folder cannot be seen from here. Copies that were made elsewhere are not known.
    """
    now: int = session.execute(select(now_ms())).scalar_one()
    rows = session.execute(select(_C.file, _C.made_at).order_by(_C.made_at, _C.id))
    keep = settings.retention_days * _DAY_MS
    found = [
        {
            "file": row.file if key_holder.tenant is None else Path(row.file).name,
            "made_at": row.made_at,
            "delete_by": row.made_at + keep,
            "there": _is_there(Path(row.file)),
        }
        for row in rows
    ]
    return [one for one in found if one["there"] or one["delete_by"] > now]


def _is_there(file: Path) -> bool | None:
    try:
        return file.exists() if file.parent.is_dir() else None
    except OSError:
        return None
