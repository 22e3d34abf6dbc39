"""What an operator may set of the model, its money, and the ways out to other servers."""

import re
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from src.core.money_settings import fees_of, prices_of

# What an example file puts where a secret belongs.
_PLACEHOLDER = re.compile(r"^(your|my|change|replace|todo|xxx|example|placeholder|dummy|<)|\.\.\.", re.I)


def is_placeholder(value: str | None) -> bool:
    """Is nothing there, or only what an example file says?"""
    return not value or _PLACEHOLDER.search(value.strip()) is not None


class ModelSettings(BaseSettings):
    """The part of `Settings` that concerns the model; `docs/settings.md` explains each."""

    openai_api_key: str | None = Field(default=None, repr=False)
    openai_base_url: str = "https://api.openai.com/v1"
    openai_api: Literal["responses", "chat"] = "responses"
    openai_model: str = Field(default="gpt-6-luna", min_length=1, max_length=64)
    openai_second_model: str | None = Field(default=None, max_length=64)
    openai_effort: Literal["none", "minimal", "low", "medium", "high"] = "none"
    openai_timeout: float = Field(default=20.0, ge=1, le=30)
    openai_rps_per_agent: float = Field(default=1.0, gt=0, le=100)
    openai_max_wait: int = Field(default=30, ge=1, le=600)
    openai_prices: str | None = None
    openai_transcribe_model: str = Field(default="gpt-transcribe", max_length=64)
    openai_embedding_model: str | None = Field(default=None, max_length=64)
    faq_tokens: int = Field(default=8_000, ge=500, le=200_000)
    memory_tokens: int = Field(default=1_500, ge=0, le=50_000)
    media_max_mb: int = Field(default=16, ge=1, le=100)

    customer_day_calls: int = Field(default=200, ge=0)
    agent_hour_usd: float = Field(default=2.0, ge=0)
    month_usd: float = Field(default=100.0, ge=0)
    meta_fees: str | None = None
    meta_free_replies: int = Field(default=1_000, ge=0)

    smtp_url: str | None = Field(default=None, repr=False)
    smtp_from: str | None = Field(default=None, max_length=254)
    mcp_url: str | None = None
    mcp_token: str | None = Field(default=None, repr=False)
    outgoing_private: str | None = None

    @field_validator("openai_api_key")
    @classmethod
    def _example_is_no_key(cls, value: str | None) -> str | None:
        return None if is_placeholder(value) else value

    @field_validator("openai_base_url", "mcp_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"https?://[^\s/]+", value):
            raise ValueError("must begin with https:// (or http://) and name a host")
        _ = urlsplit(value or "").port  # raises ValueError where brackets or port are wrong
        return value.rstrip("/") if value else value

    @field_validator("smtp_url")
    @classmethod
    def _is_a_mail_server(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"smtps?://([^\s/@]*@)?[^\s/@]+", value):
            raise ValueError("must begin with smtp:// or smtps:// and name a host")
        _ = urlsplit(value or "").port  # raises ValueError where the port is wrong
        return value

    @field_validator("smtp_from")
    @classmethod
    def _is_an_address_of_mail(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"(?:[^<>@]*<)?[^\s<>@]+@[^\s<>@]+>?", value):
            raise ValueError("must be an e-mail address, such as bot@example.com or Bot <bot@example.com>")
        return value

    @field_validator("outgoing_private")
    @classmethod
    def _names_hosts(cls, value: str | None) -> str | None:
        for entry in (value or "").replace(",", " ").split():
            host = re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[\w.-]+)(?::(\d{1,5}))?", entry)
            if host is None or int(host[2] or 1) not in range(1, 65_536):
                raise ValueError(
                    f"{entry!r} is no host or host:port, such as 127.0.0.1:9000 or shop.internal"
                )
        return value

    @field_validator("openai_prices")
    @classmethod
    def _prices_can_be_read(cls, value: str | None) -> str | None:
        if value is not None:
            prices_of(value)
        return value

    @field_validator("meta_fees")
    @classmethod
    def _fees_can_be_read(cls, value: str | None) -> str | None:
        if value is not None:
            fees_of(value)
        return value
