"""One frozen page of settings, read from the environment, `.env` and `NAME_FILE`."""

import os
import re
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from src.core.edge_settings import EdgeSettings
from src.core.env_file import require_readable
from src.core.errors import InvalidSettings
from src.core.meta_hosts import DEFAULT, hosts_of
from src.core.model_settings import is_placeholder

SECRET_KEY_SHORTEST, API_KEY_SHORTEST = 32, 16  # characters
_BROKERS = ("redis", "rediss", "sentinel", "amqp", "amqps", "pyamqp")
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


class _Files(PydanticBaseSettingsSource):
    """`NAME_FILE` holds the path of a file with the value of `NAME`, as container secrets do."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"{field_name.upper()}_FILE")
        if path is None:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidSettings(
                f"{field_name.upper()}_FILE names {path}, which cannot be read ({error}): correct the path or its rights"
            ) from error

    def __call__(self) -> dict[str, Any]:
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in found.items() if value is not None}


class Settings(EdgeSettings):
    """Everything that an operator may set; `docs/settings.md` explains each."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    released_home: Path = Path("data")
    database_url: str | None = None
    database_pool_size: int = Field(default=10, ge=2, le=500)
    database_pooler: bool = False
    celery_broker_url: str | None = Field(default=None, repr=False)
    celery_result_backend: str | None = Field(default=None, repr=False)
    redis_password: str | None = Field(default=None, repr=False)
    redis_prefix: str = Field(default="released", pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    metrics_port: int = Field(default=9100, ge=0, le=65535)
    secret_key: str | None = Field(default=None, min_length=SECRET_KEY_SHORTEST, repr=False)
    api_key: str | None = Field(default=None, min_length=API_KEY_SHORTEST, repr=False)

    meta_access_token: str | None = Field(default=None, repr=False)
    meta_app_secret: str | None = Field(default=None, repr=False)
    meta_verify_token: str | None = Field(default=None, repr=False)
    meta_graph_url: str | None = None
    media_hosts: str = DEFAULT
    sandbox_url: str | None = None
    phone_number_id: str | None = None
    meta_app_id: str | None = None
    waba_id: str | None = None
    token_rotation_days: int = Field(default=60, ge=0, le=60)
    token_ends: bool = True
    token_revoke: bool = True

    burst_wait_ms: int = Field(default=1_500, ge=0, le=6_000)
    worker_threads: int | None = Field(default=None, ge=1, le=1_000)
    retention_days: int = Field(default=14, ge=1, le=14)
    ai_notice: bool | None = None
    reply_max_age: int = Field(default=24 * 3600 - 300, ge=10, le=24 * 3600 - 300)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _Files(settings_cls), dotenv_settings

    @field_validator("meta_access_token", "meta_app_secret", "meta_app_id", "phone_number_id", "waba_id")
    @classmethod
    def _example_is_nothing(cls, value: str | None) -> str | None:
        return None if is_placeholder(value) else value

    @field_validator("celery_broker_url")
    @classmethod
    def _is_a_broker(cls, value: str | None) -> str | None:
        if value is not None and value.partition("://")[0] not in _BROKERS:
            raise ValueError(
                "must begin with redis://, rediss://, sentinel://, amqp:// or amqps:// (RabbitMQ)"
            )
        return value

    @field_validator("public_url", "meta_graph_url", "sandbox_url")
    @classmethod
    def _is_a_url(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"https?://[^\s/]+", value):
            raise ValueError("must begin with https:// (or http://) and name a host")
        return value.rstrip("/") if value else value

    @field_validator("media_hosts")
    @classmethod
    def _hosts_can_be_read(cls, value: str) -> str:
        hosts_of(value)
        return value

    @model_validator(mode="after")
    def _the_token_travels_sealed(self) -> Self:
        parts = urlsplit(self.meta_graph_url or "")
        if self.meta_access_token and parts.scheme == "http" and parts.hostname not in _THIS_MACHINE:
            raise ValueError(
                "META_GRAPH_URL must begin with https:// when META_ACCESS_TOKEN is set: the token would travel in the clear"
            )
        return self

    @model_validator(mode="after")
    def _meta_is_whole(self) -> Self:
        if (self.meta_access_token is None) != (self.meta_app_secret is None):
            missing = "META_APP_SECRET" if self.meta_app_secret is None else "META_ACCESS_TOKEN"
            raise ValueError(
                f"{missing} is missing or still the example's: set META_ACCESS_TOKEN and META_APP_SECRET together, "
                "or neither for the sandbox"
            )
        return self

    @property
    def threads(self) -> int:
        """Turns and sends under way at once in one process: a worker has nothing else to do."""
        return self.worker_threads or (200 if self.celery_broker_url else 32)

    @property
    def broker_url(self) -> str | None:
        """The broker with its password; None when this instance is one process."""
        return self._with_password(self.celery_broker_url)

    @property
    def result_backend(self) -> str | None:
        """Where results of what was asked for are kept, with its password."""
        return self._with_password(self.celery_result_backend)

    def _with_password(self, url: str | None) -> str | None:
        parts = urlsplit(url or "")
        if not self.redis_password or parts.scheme not in ("redis", "rediss") or parts.password:
            return url
        host = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=f":{quote(self.redis_password, safe='')}@{host}").geturl()

    @property
    def sandbox_mode(self) -> bool:
        """True while Meta's settings are absent or the example's: WhatsApp is then the sandbox."""
        return self.meta_access_token is None

    @property
    def tells_of_itself(self) -> bool:
        """True when each customer is told, with the first answer, that no person answers: unset, in production."""
        in_production = self.app_env == "prod" and not self.sandbox_mode
        return in_production if self.ai_notice is None else self.ai_notice

    @property
    def graph_url(self) -> str:
        """Where Meta's Graph API is, with its version, without a slash at the end."""
        if self.meta_graph_url:
            return self.meta_graph_url
        if self.sandbox_mode:
            return f"{self.sandbox_url or f'http://127.0.0.1:{self.port}/sandbox'}/v26.0"
        return "https://graph.facebook.com/v26.0"

    @property
    def app_secrets(self) -> tuple[str, ...]:
        """The app secrets that may sign a webhook; several, parted by commas, while one is changed for another."""
        return tuple(s.strip() for s in (self.meta_app_secret or "").split(",") if s.strip())


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process. `InvalidSettings` names each wrong one, in one line."""
    require_readable(Path(".env"))
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise InvalidSettings("; ".join(_explain(e) for e in error.errors())) from None


def _explain(error: Any) -> str:
    name = ".".join(str(part) for part in error["loc"]).upper()
    reason = error["msg"].removeprefix("Value error, ")
    return f"{name}: {reason}" if name else reason
