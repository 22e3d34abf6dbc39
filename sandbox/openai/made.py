"""What every answer is made with: identifiers, headers, counts."""

import secrets
import time

from sandbox.openai.asked import Asked, Said
from sandbox.openai.counter import tokens

_IMAGE_TOKENS = 765  # of a picture of middling size
_LIMITS = {"requests": 10_000, "tokens": 2_000_000}


def identifier(prefix: str) -> str:
    """An id as OpenAI makes them."""
    return f"{prefix}{secrets.token_hex(24)}"


def headers(began: float) -> dict[str, str]:
    """The headers of every answer; `began` is the time.time() of the request's arrival."""
    made = {
        "x-request-id": f"req_{secrets.token_hex(16)}",
        "openai-version": "2020-10-01",
        "openai-processing-ms": str(round((time.time() - began) * 1000)),
    }
    for kind, limit in _LIMITS.items():
        made[f"x-ratelimit-limit-{kind}"] = str(limit)
        made[f"x-ratelimit-remaining-{kind}"] = str(limit - 1)
        made[f"x-ratelimit-reset-{kind}"] = "6ms"
    return made


def counted(asked: Asked, said: Said) -> tuple[int, int]:
    """Tokens in and out."""
    spoken = "".join((said.text or "", said.refusal or "", *(said.call or ())))
    return tokens(asked.talk.whole) + asked.talk.images * _IMAGE_TOKENS, tokens(spoken)
