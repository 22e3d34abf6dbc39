"""Meta's calls about tokens: what one is, another in its place, and its end (System Users, Access Tokens)."""

from dataclasses import dataclass
from typing import Any

from src.core.errors import MetaDenied, MetaError, MetaUncertain
from src.core.meta_client import Line, MetaClient

TOKEN_CODES = frozenset({0, 190})  # the token itself is refused, whatever is asked by it


@dataclass(frozen=True)
class App:
    """The app that a token belongs to."""

    id: str
    secret: str

    @property
    def token(self) -> str:
        """The app's own token, as the Graph API takes it."""
        return f"{self.id}|{self.secret}"


@dataclass(frozen=True)
class Described:
    """What Meta says of a token; times in ms since 1970, None where it never ends or nothing is said."""

    is_valid: bool
    issued_at: int | None
    expires_at: int | None
    scopes: tuple[str, ...]
    app_id: str | None


def refuses_token(error: MetaError) -> bool:
    """Is it the token that Meta refuses: ended, revoked, or never one?"""
    return isinstance(error, MetaDenied) and error.code in TOKEN_CODES


def describe(meta: MetaClient, app: App | None, token: str) -> Described:
    """What `token` is (`debug_token`), asked by the app, or where it is not known by the token itself.

    Raises MetaError's children; the shape of the answer is taken as the Graph API's documentation has it.
    """
    asked = {"input_token": token, "access_token": app.token if app else token}
    data = meta.get("debug_token", asked).get("data")
    if not isinstance(data, dict):
        raise MetaUncertain(0, "Meta said nothing of the token")
    scopes = data.get("scopes")
    return Described(
        is_valid=data.get("is_valid") is True,
        issued_at=_ms(data.get("issued_at")),
        expires_at=_ms(data.get("expires_at")),
        scopes=tuple(map(str, scopes)) if isinstance(scopes, list) else (),
        app_id=str(data.get("app_id") or "") or None,
    )


def exchange(meta: MetaClient, app: App, token: str, ends: bool) -> str:
    """A new token of the same rights, which lasts 60 days where `ends`; the old one goes on working.

    Raises MetaError's children. Not safe to call twice: each call makes a token.
    """
    asked = {
        "grant_type": "fb_exchange_token",
        "client_id": app.id,
        "client_secret": app.secret,
        "fb_exchange_token": token,
    }
    answer = meta.get(
        "oauth/access_token", asked | ({"set_token_expires_in_60_days": "true"} if ends else {})
    )
    if not isinstance(answer.get("access_token"), str):
        raise MetaUncertain(0, "Meta gave no token")
    return str(answer["access_token"])


def revoke(meta: MetaClient, app: App, token: str, by: str) -> None:
    """Ends `token` at once, asked by another of the same app. Raises MetaError's children. Safe to call twice."""
    asked = {"client_id": app.id, "client_secret": app.secret, "revoke_token": token, "access_token": by}
    meta.get("oauth/revoke", asked)


def works(meta: MetaClient, line: Line) -> bool:
    """Does Meta let the token read its number? Raises MetaError's children for what says nothing of the token."""
    try:
        meta.read_number(line)
    except MetaError as error:
        if refuses_token(error):
            return False
        raise
    return True


def _ms(seconds: Any) -> int | None:
    return int(seconds) * 1000 if isinstance(seconds, int | float) and seconds > 0 else None
