"""The database: does it answer, has it our schema, does our key open it, will its connections do?"""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from src.cli.checks.finding import SECONDS, Finding, fail, ok, warn
from src.core import master_key, processes, schema, trouble
from src.core.database import Database, now_ms
from src.core.models import agent_versions
from src.core.settings import Settings

_OLDEST = 14  # PostgreSQL's versions before it are no longer mended by anybody
_SKEW_MS, _GREAT_SKEW_MS = 5_000, 120_000


def absent(path: Path) -> Iterator[Finding]:
    """SQLite's file was never made, or this user may not see it."""
    cause = "the instance was never started, or this user may not enter its folder"
    cure = "start it: `released up`; or run as the user who owns the folder"
    yield fail("database", f"{path} is not there", cause, cure)


def store(settings: Settings, database: Database, has_key: bool) -> Iterator[Finding]:
    """What the database says of itself; nothing more when it does not answer."""
    began = time.time()
    try:
        with database.read() as session:
            database_ms: int = session.execute(select(now_ms())).scalar_one()
            skew = database_ms - (began + time.time()) * 500
            yield _version(session, database)
            yield from _schema(database)
            if database.sqlite:
                yield _integrity(session)
            else:
                yield _clock(skew)
                yield _connections(session, settings)
            if inspect(session).has_table(agent_versions.name):
                yield _key(session, database) if has_key else _no_key(settings)
    except SQLAlchemyError as error:
        yield _away(database, error)


def _away(database: Database, error: SQLAlchemyError) -> Finding:
    met = trouble.of_database(database.url, error)
    return fail("database", met.found, met.cause, met.cure)


def _version(session: Connection, database: Database) -> Finding:
    if database.sqlite:
        size = Path(database.url.database or "").stat().st_size
        return ok("database", f"SQLite {sqlite3.sqlite_version}, {size / 1e6:,.1f} MB")
    number = int(session.execute(text("SHOW server_version_num")).scalar_one())
    name = session.execute(text("SHOW server_version")).scalar_one()
    where = f"{database.url.host or 'the local socket'}:{database.url.port or 5432}/{database.url.database}"
    if number < _OLDEST * 10_000:
        cure = f"upgrade PostgreSQL to {_OLDEST} or newer"
        return warn("database", f"PostgreSQL {name} at {where}", "nobody mends this version any more", cure)
    return ok("database", f"PostgreSQL {name} at {where}")


def _schema(database: Database) -> Iterator[Finding]:
    present = schema.revision(database)
    if present == schema.HEAD:
        yield ok("schema", present)
    elif present is None:
        yield fail("schema", "the database is empty", "it was never migrated", "run `released migrate`")
    elif present > schema.HEAD:
        cause = f"a newer Released has brought it there; this one has {schema.HEAD}"
        cure = "fine while an upgrade rolls; else install the newer version"
        yield warn("schema", present, cause, cure)
    else:
        yield fail("schema", present, f"this version needs {schema.HEAD}", "run `released migrate`")


def _integrity(session: Connection) -> Finding:
    driver: Any = session.connection.driver_connection
    ends = time.monotonic() + SECONDS
    driver.set_progress_handler(lambda: time.monotonic() > ends, 100_000)
    try:
        said = driver.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError:
        return ok("integrity", f"not known: too large to be checked in {SECONDS:.0f} s")
    except sqlite3.DatabaseError as error:
        said = str(error)
    finally:
        driver.set_progress_handler(None, 0)
    if said != "ok":
        cure = "stop the instance, keep a copy of the file, and restore the last backup: `released restore`"
        return fail("integrity", "the file is damaged", said.splitlines()[-1], cure)
    return ok("integrity", "the file is whole")


def _clock(skew_ms: float) -> Finding:
    found = f"{abs(skew_ms) / 1000:.1f} s between this machine and the database"
    if abs(skew_ms) < _SKEW_MS:
        return ok("clock", found)
    cure = "switch on time synchronisation on both machines: `timedatectl set-ntp true`"
    if abs(skew_ms) < _GREAT_SKEW_MS:
        return warn("clock", found, "one of the two clocks is wrong", cure)
    return fail("clock", found, "leases and WhatsApp's 24 hours are judged by a wrong clock", cure)


def _connections(session: Connection, settings: Settings) -> Finding:
    most, kept = (
        int(session.execute(text(f"SHOW {name}")).scalar_one())
        for name in ("max_connections", "superuser_reserved_connections")
    )
    count = 1
    if inspect(session).has_table("process"):
        count = max(1, len(processes.alive(session)))
    needed = count * settings.database_pool_size
    found = f"{count} processes may use {needed} of PostgreSQL's {most - kept}"
    if needed > most - kept:
        return warn(
            "connections",
            found,
            "under load a process may get none",
            "lower DATABASE_POOL_SIZE, raise max_connections, or put PgBouncer between",
        )
    return ok("connections", found)


def _key(session: Connection, database: Database) -> Finding:
    if not master_key.opens(database):
        found = "SECRET_KEY does not open this database"
        return fail("key", found, master_key.CAUSE, master_key.CURE)
    return ok("key", "opens the database" if master_key.holds_sealed(session) else "nothing is sealed yet")


def _no_key(settings: Settings) -> Finding:
    return fail(
        "key",
        "there is no master key",
        f"SECRET_KEY is not set, and {settings.released_home / 'secret_key'} cannot be read",
        "set RELEASED_HOME to the instance's folder, or SECRET_KEY to the key it was made with",
    )
