"""One running instance: its settings, keys, database and ways out, opened and closed together."""

import threading
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryFile

from sqlalchemy.exc import SQLAlchemyError

from src.core import data_keys, master_key
from src.core.api_key_text import new_key
from src.core.database import Database, normalise_url
from src.core.errors import InvalidSettings
from src.core.keyring import Keyring
from src.core.meta_client import MetaClient
from src.core.openai_client import OpenAIClient
from src.core.security import secret_file
from src.core.settings import API_KEY_SHORTEST, SECRET_KEY_SHORTEST, Settings


@dataclass(frozen=True)
class Instance:
    """What every part of the process shares; `openai` is None without a key: the FAQ answerer answers then."""

    settings: Settings
    keyring: Keyring
    database: Database
    meta: MetaClient
    openai: OpenAIClient | None
    api_key: str

    @property
    def verify_token(self) -> str:
        """What Meta repeats in its handshake."""
        return self.settings.meta_verify_token or self.keyring.token("verify")

    @property
    def app_secrets(self) -> tuple[str, ...]:
        """The secrets that sign webhooks for every number; the sandbox has one of its own."""
        return (
            (self.keyring.token("sandbox app secret"),)
            if self.settings.sandbox_mode
            else self.settings.app_secrets
        )

    @property
    def access_token(self) -> str:
        """The token that the instance was given; `src.core.access` knows whether another has taken its place."""
        return self.settings.meta_access_token or self.keyring.token("sandbox access token")

    @cached_property
    def given_key(self) -> bytes:
        """By which the database knows the token that the instance was given."""
        return self.keyring.token_key(self.access_token)

    def warm_up(self) -> None:
        """Begins, in a thread, to load what the first call of the model needs."""
        if self.openai is not None:
            threading.Thread(target=self.openai.warm_up, daemon=True).start()

    def close(self) -> None:
        """Ends connections. Safe to call twice."""
        self.meta.close()
        if self.openai is not None:
            self.openai.close()
        self.database.close()


def open_instance(settings: Settings) -> Instance:
    """Makes home, keys and API key when they are missing.

    Raises `InvalidSettings`, also when the key does not open the database; a SQLAlchemyError when there is no key
    yet and the database cannot be asked whether it needs one.
    """
    home = private_folder(settings.released_home)
    path = home / "secret_key"
    # A file may be changed while we run: `released secrets rotate`.
    again = None if settings.secret_key else partial(secret_file, path, SECRET_KEY_SHORTEST)
    keyring = Keyring(_master_key(settings, path), again)
    database = Database(
        database_url(settings), keyring, settings.database_pool_size, settings.database_pooler
    )
    master_key.require(database)
    with suppress(SQLAlchemyError):  # a database that is away
        data_keys.ensure(database)
    meta = MetaClient(settings.graph_url, settings.threads, settings.media_hosts)
    openai = OpenAIClient(settings) if settings.openai_api_key else None
    api_key = settings.api_key or secret_file(home / "api_key", API_KEY_SHORTEST, new_key)
    return Instance(settings, keyring, database, meta, openai, api_key)


def _master_key(settings: Settings, path: Path) -> str:
    """The key that is set or kept, else a new one; never a new one beside rows that another has sealed."""
    if settings.secret_key:
        return settings.secret_key
    if not path.exists():
        with (
            closing(Database(database_url(settings), Keyring(""), 1, settings.database_pooler)) as database,
            database.read() as session,
        ):
            if master_key.holds_sealed(session):
                raise InvalidSettings(
                    f"SECRET_KEY is not set and {path} is missing, but the database holds what was sealed with a "
                    f"master key: {master_key.CURE}"
                )
    return secret_file(path, SECRET_KEY_SHORTEST)


def database_url(settings: Settings) -> str:
    """The database's URL: what is set, else SQLite's file in the instance's home."""
    return settings.database_url or f"sqlite:///{(settings.released_home / 'released.db').resolve()}"


def exists(settings: Settings) -> bool:
    """Is there a database to open? Of a server's nothing is known before it is asked."""
    url = normalise_url(database_url(settings))
    return url.get_backend_name() != "sqlite" or Path(url.database or "").exists()


def private_folder(path: Path) -> Path:
    """The folder, made with mode 0700 when it is missing. Raises `InvalidSettings` when it cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with TemporaryFile(dir=path):  # under a name of its own: several processes may start at once
            pass
    except OSError as error:
        raise InvalidSettings(
            f"RELEASED_HOME: {path} cannot be written ({error.strerror}): give this user the folder or name another"
        ) from error
    return path
