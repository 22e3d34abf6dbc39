"""Signatures of webhooks, Meta's and ours, and secrets that are kept in files."""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from src.core.errors import InvalidSettings

_WHSEC = "whsec_"


def signed_by(secret_values: tuple[bytes, ...], body: bytes, header: bytes) -> bool:
    """True when `header` (`sha256=<hex>`) is the HMAC of the raw body under one of the secrets.

    Every secret is tried, in constant time (Meta: Webhooks, Validating Payloads). Bytes are compared, because a
    comparison of `str` raises on a header that is not ASCII.
    """
    matches = False
    for secret in secret_values:
        right = b"sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest().encode()
        matches |= hmac.compare_digest(right, header)
    return matches


def new_webhook_secret() -> str:
    """A fresh secret for webhooks of ours, as Standard Webhooks writes it: `whsec_` and 24 bytes in base64."""
    return _WHSEC + base64.b64encode(os.urandom(24)).decode()


def webhook_key(secret: str) -> bytes:
    """The bytes that sign: after `whsec_` what the base64 says, else the text itself. ValueError for bad base64."""
    if not secret.startswith(_WHSEC):
        return secret.encode()
    return base64.b64decode(secret.removeprefix(_WHSEC), validate=True)


def webhook_headers(secret: str, message_id: str, at: int, body: bytes) -> dict[str, str]:
    """The headers that sign a webhook of ours (Standard Webhooks 1.0, `v1`); `at` is in seconds since 1970."""
    signed = f"{message_id}.{at}.".encode() + body
    digest = hmac.new(webhook_key(secret), signed, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": message_id, "webhook-timestamp": str(at), "webhook-signature": signature}


def same(given: str, right: str) -> bool:
    """Compares two secrets in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


def secret_file(path: Path, shortest: int, new: Callable[[], str] = _new_secret) -> str:
    """The secret kept in `path` (mode 0600), made on first use. Safe to call twice, also from two processes.

    Raises `InvalidSettings` when the file cannot be used, or holds fewer than `shortest` characters.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
            fresh.touch(mode=0o600)
            fresh.write_text(new() + "\n", encoding="ascii")
            try:
                os.link(fresh, path)  # only the first of two wins, and never half written
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return _long_enough(path, path.read_bytes().decode("ascii", "replace").strip(), shortest)
    except OSError as error:
        raise InvalidSettings(
            f"{path} cannot be used ({error.strerror}): give this user the folder or set RELEASED_HOME to another"
        ) from error


def _long_enough(path: Path, secret: str, shortest: int) -> str:
    if len(secret) < shortest or not secret.isascii():
        raise InvalidSettings(
            f"{path} holds no secret of {shortest} ASCII characters or more: put the former one back, or, if it was "
            "never used, remove the file and a new one is made"
        )
    return secret
