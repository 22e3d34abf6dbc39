"""The tokens of the sandbox: which work, until when, and what becomes of them; their clock can be moved."""

import secrets
import time
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.config import DAY, SandboxConfig
from sandbox.errors import GraphError
from sandbox.store import Store

LASTS = 60 * DAY  # Meta: a system user's token that was made to end
EXPIRED, LOGGED_OUT, INVALID = 463, 460, 467  # Meta's subcodes of error 190
_SAID = {
    EXPIRED: "Error validating access token: Session has expired.",
    LOGGED_OUT: "Error validating access token: The session has been invalidated because the user changed "
    "their password or Facebook has changed the session for security reasons.",
    INVALID: "The access token is invalid since the user hasn't engaged the app in longer than 90 days.",
}


@dataclass(frozen=True)
class Token:
    """A token; times in seconds by the tokens' clock. `dead` is the subcode of one that was ended early."""

    token: str
    issued_at: float
    expires_at: float | None = None
    dead: int | None = None

    def subcode(self, now: float) -> int | None:
        """Why it does not work; None while it does."""
        if self.dead is None and self.expires_at is not None and self.expires_at <= now:
            return EXPIRED
        return self.dead

    def view(self, now: float) -> dict[str, Any]:
        """What the control API shows."""
        return asdict(self) | {"works": self.subcode(now) is None}


class Tokens:
    """What was told of tokens stays in the store; the clock's shift ends with the process."""

    def __init__(self, store: Store, config: SandboxConfig) -> None:
        self._store, self._config = store, config
        self._shift = 0.0
        self._began = time.time()

    def now(self) -> float:
        """Seconds since 1970, as far as tokens go."""
        return time.time() + self._shift

    def advance(self, seconds: float) -> None:
        """Moves the tokens' clock on."""
        self._shift += seconds

    def find(self, token: str) -> Token | None:
        """The token; None for one that is not known. Without a configured token every other one is."""
        row = self._store.row("SELECT * FROM tokens WHERE token = ?", token)
        if row is not None:
            return Token(**dict(row))
        return Token(token, self._began) if self._config.access_token in (None, token) else None

    def check(self, token: str) -> Token:
        """The token, when it works. Raises GraphError 190 with Meta's subcode."""
        found = self.find(token)
        if found is None:
            raise GraphError(190)
        if (subcode := found.subcode(self.now())) is not None:
            raise GraphError(190, message=_SAID[subcode], subcode=subcode)
        return found

    def keep(self, token: Token) -> None:
        """Writes a token down, or what has changed of it."""
        with self._store.transaction():
            self._store.write("INSERT OR REPLACE INTO tokens VALUES (?, ?, ?, ?)", *asdict(token).values())

    def make(self, lasts: float | None) -> Token:
        """A new token that works from now on, for `lasts` seconds or for ever."""
        now = self.now()
        made = Token(f"EAAG{secrets.token_hex(24)}", now, None if lasts is None else now + lasts)
        self.keep(made)
        return made

    def all(self) -> list[Token]:
        """Every token that was made, told of or ended here, oldest first."""
        return [
            Token(**dict(row)) for row in self._store.rows("SELECT * FROM tokens ORDER BY issued_at, rowid")
        ]
