"""The instance's master key: does it open what its database holds?"""

from sqlalchemy import Connection, LargeBinary, inspect, select, type_coerce
from sqlalchemy.exc import SQLAlchemyError

from src.core.database import Database
from src.core.errors import InvalidSettings
from src.core.key_tables import data_keys
from src.core.models import agent_versions

CAUSE = "the rows were sealed with another master key"
CURE = "give the instance the key it was made with (`secret_key` in its home, or SECRET_KEY)"
DOES_NOT_OPEN = f"SECRET_KEY does not open this database: {CAUSE}; {CURE}"

# The bytes as they lie there: opened without being read as JSON, of which an agent may have megabytes.
_SEALED = select(type_coerce(agent_versions.c.config, LargeBinary)).limit(1)
_ANY_KEY = select(data_keys.c.id).limit(1)
_PLACE = "agent_version.config"


def holds_sealed(session: Connection) -> bool:
    """True when there are rows that only the key they were sealed with opens."""
    has_keys = inspect(session).has_table(data_keys.name) and session.execute(_ANY_KEY).first() is not None
    return has_keys or _one(session) is not None


def opens(database: Database) -> bool:
    """False when the database holds rows of another key; true also while nothing is sealed in it."""
    with database.read() as session:
        sealed = _one(session)
    try:
        database.keyring.look()
        if sealed is not None:
            database.keyring.open(sealed, _PLACE)
    except InvalidSettings:
        return False
    return True


def require(database: Database) -> None:
    """Raises `InvalidSettings` when the key is another one. A database that is away is not asked: `/ready` goes on to."""
    try:
        fits = opens(database)
    except SQLAlchemyError:
        return
    if not fits:
        raise InvalidSettings(DOES_NOT_OPEN)


def _one(session: Connection) -> bytes | None:
    """A sealed value, as it lies there; None where there is none."""
    if not inspect(session).has_table(agent_versions.name):
        return None
    found = session.execute(_SEALED).scalar()
    return None if found is None else bytes(found)
