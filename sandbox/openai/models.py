"""`GET /v1/models`: which models there are."""

from typing import Any

from sandbox.config import SandboxConfig

Json = dict[str, Any]

KNOWN = ("gpt-6-luna", "gpt-6.1-terra", "gpt-transcribe", "text-embedding-3-small", "omni-moderation-latest")
_CREATED = 1_780_000_000


def names(config: SandboxConfig) -> tuple[str, ...]:
    """The models of this sandbox."""
    return (*KNOWN, *config.openai_models)


def view(name: str) -> Json:
    """One model, as the API shows it."""
    return {"id": name, "object": "model", "created": _CREATED, "owned_by": "system", "shutdown_date": None}
