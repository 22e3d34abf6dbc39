"""What an operator may set of the edge: who may stand before us, who may call us from where, and how often."""

import re
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from src.core.model_settings import ModelSettings
from src.core.peers import proxies_of

_RATE = r"^[1-9]\d{0,6}/(second|minute|hour|day)$"
_ORIGIN = re.compile(r"https?://(?:[a-z0-9_.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?")


class EdgeSettings(ModelSettings):
    """The part of `Settings` that concerns the edge; `docs/settings.md` explains each."""

    app_env: Literal["dev", "prod"] = "dev"
    public_url: str | None = None
    local_proxy: str | None = None
    trusted_proxies: str = "127.0.0.1,::1"
    allowed_origins: str | None = None
    rate_limit_key: str = Field(default="600/minute", pattern=_RATE)
    rate_limit_address: str = Field(default="600/minute", pattern=_RATE)
    rate_limit_failures: str = Field(default="20/minute", pattern=_RATE)

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies_can_be_read(cls, value: str) -> str:
        proxies_of(value)
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _origins_are_exact(cls, value: str | None) -> str | None:
        for origin in origins_of(value):
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"{origin!r} is not an origin: write scheme, host and port in small letters, as "
                    "https://app.example.com, without a path; parted by commas"
                )
        return value

    @model_validator(mode="after")
    def _production_is_https(self) -> Self:
        if self.app_env == "prod" and urlsplit(self.public_url or "https:").scheme != "https":
            raise ValueError(
                "PUBLIC_URL must begin with https:// in production (APP_ENV=prod): put a proxy with a certificate in "
                "front (docs/running.md), or leave PUBLIC_URL out to serve this machine alone"
            )
        return self

    @property
    def serves_this_machine_only(self) -> bool:
        """True in production without PUBLIC_URL: then nobody else gets an answer."""
        return self.app_env == "prod" and self.public_url is None


def origins_of(setting: str | None) -> frozenset[str]:
    """The origins in ALLOWED_ORIGINS."""
    return frozenset(origin.strip() for origin in (setting or "").split(",") if origin.strip())
