"""One running instance: its settings, keys, database and ways out, opened and closed together."""

import threading
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from src.core.api_key_text import new_key
from src.core.database import Database, normalise_url
from src.core.errors import InvalidSettings
from src.core.meta_client import MetaClient
from src.core.openai_client import OpenAIClient
from src.core.security import Keyring, secret_file
from src.core.settings import Settings


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
        """The token for calls to Meta where a number has none of its own."""
        return self.settings.meta_access_token or self.keyring.token("sandbox access token")

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
    """Makes home, keys and API key when they are missing. Raises `InvalidSettings`."""
    home = private_folder(settings.released_home)
    keyring = Keyring(settings.secret_key or secret_file(home / "secret_key"))
    database = Database(
        database_url(settings), keyring, settings.database_pool_size, settings.database_pooler
    )
    meta = MetaClient(settings.graph_url, settings.threads, settings.media_hosts)
    openai = OpenAIClient(settings) if settings.openai_api_key else None
    return Instance(
        settings, keyring, database, meta, openai, settings.api_key or secret_file(home / "api_key", new_key)
    )


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
