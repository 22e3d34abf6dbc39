"""Which of our errors a status or a code of the model's server is: what to do about it."""

import math
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from src.core.errors import (
    BrainBroke,
    BrainBusy,
    BrainDenied,
    BrainDown,
    BrainError,
    BrainInvalid,
    BrainRefused,
)

# OpenAI's error codes (API reference, Error codes); any `…_spend_limit_exceeded` is of the first kind too.
BROKE = frozenset(
    {
        "insufficient_quota",
        "credit_balance_exhausted",
        "organization_usage_limit_exceeded",
        "billing_hard_limit_reached",
        "billing_not_active",
    }
)
# What the model's owner does not want to be answered; `content_filter` is Azure's.
REFUSED = frozenset(
    {
        "content_filter",
        "content_policy_violation",
        "image_content_policy_violation",
        "invalid_prompt",
        "bio_policy",
        "misalignment_policy_violation",
    }
)
_BUSY = frozenset({409, 429, 503, 529})
_DENIED = frozenset({401, 403, 404})
_LONGEST = 3600.0  # s; a server that names a longer time is asked again after this
_CODE = re.compile(r"[a-z][a-z0-9_.-]{0,63}")


def error_for(status: int, body: Any, headers: Mapping[str, str]) -> BrainError:
    """The error that says what to do about an answer of `status`; `body` is its JSON `error`, where it has one."""
    said = body if isinstance(body, Mapping) else {}
    words = {word for word in (said.get("code"), said.get("type")) if isinstance(word, str)}
    code = next((word for word in (said.get("code"), said.get("type")) if _is_code(word)), None)
    reason = f"{status} {code}" if code else str(status)
    if status == 402 or words & BROKE or any(word.endswith("_spend_limit_exceeded") for word in words):
        return BrainBroke(reason)
    if words & REFUSED:
        return BrainRefused(reason)
    if status in _BUSY:
        return BrainBusy(reason, retry_after=retry_after(headers))
    if status in _DENIED or 300 <= status < 400:  # an address that leads elsewhere is a wrong address
        return BrainDenied(reason)
    if 400 <= status < 500 and status != 408:
        return _invalid(reason, said)
    return BrainDown(reason, retry_after=retry_after(headers))


def _invalid(reason: str, said: Mapping[str, Any]) -> BrainInvalid:
    """Servers that do not take a schema say so in `param`, or only in their sentence."""
    error = BrainInvalid(reason)
    sentence = str(said.get("message", ""))
    if "response_format" in sentence or "json_schema" in sentence:
        error.field = "response_format"
    elif _is_code(said.get("param")):
        error.field = said["param"]
    return error


def _is_code(word: Any) -> bool:
    """A word of the API's, not a sentence, which may hold what a customer wrote."""
    return isinstance(word, str) and _CODE.fullmatch(word) is not None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that the server asks to wait (`retry-after-ms`, `retry-after`); None where it names no time."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) / unit
        except ValueError:
            continue
        return min(max(seconds, 0.0), _LONGEST) if not math.isnan(seconds) else None
    try:
        then = parsedate_to_datetime(headers.get("retry-after", "")).timestamp()
    except ValueError:
        return None
    return min(max(then - time.time(), 0.0), _LONGEST)
