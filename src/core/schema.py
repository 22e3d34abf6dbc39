"""The database's schema: which revision it has, and the way to ours."""

from pathlib import Path

from sqlalchemy import inspect, text

from src.core.database import Database
from src.core.errors import SchemaNewer

HEAD = "0001"
_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
_ADVISORY_LOCK = 0x52454C  # one migration at a time on PostgreSQL; SQLite's own lock does the same


def revision(database: Database) -> str | None:
    """The revision that the database has; None while it is empty."""
    with database.read() as session:
        if not inspect(session).has_table("alembic_version"):
            return None
        found: str | None = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found


def migrate(database: Database) -> None:
    """Brings the database to our revision. Safe to call twice, also from several processes at once.

    Raises `SchemaNewer` for a database that a newer Released has written.
    """
    known = {path.name.split("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py")}
    present = revision(database)
    if present == HEAD:
        return
    if present is not None and present not in known:
        raise SchemaNewer(
            f"the database has schema {present}, this version of Released knows only up to {HEAD}: "
            "install the newer version again, or restore a backup made with this one"
        )
    # Alembic is needed only here, and costs a start nothing when there is nothing to do.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with database.transaction() as session:
        if not database.sqlite:
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        config.attributes["connection"] = session
        command.upgrade(config, "head")
