"""Why a backup could not be made, read or restored."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from src.core.errors import Refusal


class NoBackup(Refusal):
    """The backup cannot be made or restored"""


class Damaged(NoBackup):
    """The backup is not as it was written"""


def from_system(doing: str, error: OSError) -> NoBackup:
    """What the system said, with the cure where there is one."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoBackup(f"{doing}: the disk is full; make room, or choose a folder on another disk")
    return NoBackup(f"{doing}: {error.strerror or error}")


@contextmanager
def driver_errors(session: Connection) -> Iterator[None]:
    """What is asked of the driver itself fails as what is asked of SQLAlchemy does."""
    try:
        yield
    except session.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(None, None, error) from error


@contextmanager
def told_by_the_database(doing: str) -> Iterator[None]:
    """Turns what the database or its driver raises into `NoBackup`, without a row's values."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        said = (str(cause).splitlines() or [type(cause).__name__])[0]
        full = "; make room on its disk" if "full" in said or "No space" in said else ""
        raise NoBackup(f"{doing}: the database said: {said}{full}") from error
