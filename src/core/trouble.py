"""What an error of the database or of the system means to whoever runs the instance: cause and cure."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from src.core.database import normalise_url
from src.core.errors import InvalidSettings, MetaError, Refusal, SchemaNewer
from src.core.instance import database_url
from src.core.settings import load_settings

_SQLITE_CURES = (
    ("unable to open", "make its folder, let this user write there, or name another file in DATABASE_URL"),
    ("readonly", "give this user the file and its folder with chown"),
    ("not a database", "name another file in DATABASE_URL, or restore the last backup: `released restore`"),
    ("locked", "end the other program that works with it"),
    ("full", "make room on its disk"),
    ("no such table", "run `released migrate`"),
    ("", "stop the instance, keep a copy of the file, and restore the last backup: `released restore`"),
)
_POSTGRESQL_CURES = (
    (
        "resolve host 'db'",
        "`db` is known among the containers alone: start them with `docker compose up -d`, or, for a start without "
        "them, take DATABASE_URL and CELERY_BROKER_URL out of .env",
    ),
    ("resolve host", "correct the host in DATABASE_URL"),
    ("does not exist", "run `released migrate`; if the database or the user is missing, make it"),
    ("permission denied", "let the user of DATABASE_URL own the database and its tables"),
    ("connection slots", "raise max_connections, or lower DATABASE_POOL_SIZE"),
    ("", "start it; if it runs, correct host, user, password and name in DATABASE_URL"),
)


@dataclass(frozen=True)
class Trouble:
    """What was found, why, and how to mend it."""

    found: str
    cause: str
    cure: str

    def __str__(self) -> str:
        return f"{self.found} ({self.cause}): {self.cure}"


@contextmanager
def one_line(program: str) -> Iterator[None]:
    """Ends the process with one line on standard error and exit code 1 for what is not ours to mend."""
    try:
        yield
    except (InvalidSettings, SchemaNewer, MetaError) as error:
        said = str(error)
    except Refusal as error:
        said = error.detail
    except OSError as error:
        said = _of_system(error)
    except SQLAlchemyError as error:
        said = str(of_database(normalise_url(database_url(load_settings())), error))
    else:
        return
    raise SystemExit(f"{program}: {said}")


def of_database(url: URL, error: SQLAlchemyError) -> Trouble:
    """Why the database at `url` does not do what is asked, from what its driver says; without a row's values."""
    cause = _cause(error)
    if url.get_backend_name() == "sqlite":
        return Trouble(f"SQLite cannot use {url.database}", cause, _cure(_SQLITE_CURES, cause))
    where = f"PostgreSQL at {url.host or 'the local socket'}:{url.port or 5432}"
    return Trouble(f"{where} does not answer as it should", cause, _cure(_POSTGRESQL_CURES, cause))


def _of_system(error: OSError) -> str:
    said = error.strerror or str(error) or type(error).__name__
    return (
        f"{error.filename}: {said}: give this user the right to it, or name another"
        if error.filename
        else said
    )


def _cause(error: SQLAlchemyError) -> str:
    """The first line of what was said, without the statement; with its parameters go a customer's words."""
    said = str(error.orig if isinstance(error, DBAPIError) and error.orig else error).strip()
    return (said.splitlines() or [type(error).__name__])[0]


def _cure(cures: tuple[tuple[str, str], ...], cause: str) -> str:
    return next(cure for sign, cure in cures if sign in cause)
