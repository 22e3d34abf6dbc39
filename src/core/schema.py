"""The database's schema: which revision it has, and the way to ours."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from src.core import master_key
from src.core.database import Database
from src.core.errors import SchemaNewer

log = logging.getLogger(__name__)

HEAD = "0007"
_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
_ADVISORY_LOCK = 0x52454C  # one migration at a time on PostgreSQL; SQLite's own lock does the same
_TRIES = 6  # a step that waits too long for a busy table gives way and begins again


def revision(database: Database) -> str | None:
    """The revision that the database has; None while it is empty."""
    with database.read() as session:
        if not inspect(session).has_table("alembic_version"):
            return None
        found: str | None = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found


def state(database: Database) -> str:
    """ "ok", or what is wrong with the database, or with our key to it, and how to mend it."""
    try:
        present = revision(database)
        fits = master_key.opens(database)
    except SQLAlchemyError as error:
        return f"away ({type(error).__name__}): check DATABASE_URL and that the server runs"
    if not fits:
        return master_key.DOES_NOT_OPEN
    # A newer schema is one that this version can work with, as long as the exchange for the newer version lasts.
    works = present is not None and present >= HEAD
    return "ok" if works else f"schema {present or 'none'}, not {HEAD}: run `released migrate`"


def migrate(database: Database, to: str = "head") -> None:
    """Brings the database to our revision, or back to the older `to`.

    Safe to call twice, also from several processes at once: the others wait until the first has ended.
    Raises `SchemaNewer` for a database that a newer Released has written.
    """
    if to == "head" and _is_current(database):
        return
    with _alone(database) as session:
        if to == "head" and _is_current(database):
            return
        for attempt in range(1, _TRIES + 1):
            try:
                _run(session, to)
            except OperationalError as error:
                if attempt == _TRIES or not _gave_way(error):
                    raise
                log.warning("migration_waits", extra={"attempt": attempt})
                session.rollback()
                time.sleep(attempt)
            else:
                return


def _is_current(database: Database) -> bool:
    known = {path.name.split("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py")}
    present = revision(database)
    if present is not None and present not in known:
        raise SchemaNewer(
            f"the database has schema {present}, this version of Released knows only up to {HEAD}: "
            "install the newer version again, or restore a backup made with this one"
        )
    return present == HEAD


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """A connection to migrate with, while nobody else does."""
    if database.sqlite:
        with database.transaction() as session:
            yield session
        return
    with database.connect() as guard, database.connect() as session:
        key = {"key": _ADVISORY_LOCK}
        while not guard.execute(text("SELECT pg_try_advisory_lock(:key)"), key).scalar_one():
            guard.rollback()
            time.sleep(0.2)
        guard.rollback()  # the lock is the connection's, not a transaction's
        session.execute(text("SET statement_timeout = 0"))  # an index of a large table takes its time
        session.commit()
        try:
            yield session
        finally:
            guard.execute(text("SELECT pg_advisory_unlock(:key)"), key)


def _run(session: Connection, to: str) -> None:
    # Alembic is needed only here, and costs a start nothing when there is nothing to do.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = session
    if to == "head":
        command.upgrade(config, to)
    else:
        command.downgrade(config, to)


def _gave_way(error: OperationalError) -> bool:
    """True when PostgreSQL ended a step because it waited too long for a lock."""
    return getattr(error.orig, "sqlstate", None) == "55P03"
