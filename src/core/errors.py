"""Errors whose class says what to do next."""

from typing import Any

from src.core.openai_types import Usage


class Refusal(Exception):
    """The request cannot be done"""

    # The first line of a subclass's docstring is the title of the problem that the caller gets.
    status = 400

    def __init__(self, detail: str, **extensions: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extensions = extensions

    @property
    def title(self) -> str:
        return (type(self).__doc__ or "").strip().splitlines()[0]


class Unauthorized(Refusal):
    """An API key is required"""

    status = 401


class Forbidden(Refusal):
    """The key may not do this"""

    status = 403


class KeyNotFound(Refusal):
    """There is no such key"""

    status = 404


class AgentNotFound(Refusal):
    """There is no such agent"""

    status = 404


class VersionNotFound(Refusal):
    """The agent has no such version"""

    status = 404


class VersionNotReady(Refusal):
    """The version may not go live"""

    status = 409


class ConversationNotFound(Refusal):
    """There is no such conversation"""

    status = 404


class AgentExists(Refusal):
    """The number already has an agent"""

    status = 409


class NumberTaken(Refusal):
    """The number is registered otherwise"""

    status = 409


class KeyReused(Refusal):
    """The Idempotency-Key was used for another request"""

    status = 409


class WindowClosed(Refusal):
    """WhatsApp's 24-hour window is closed"""

    status = 409


class OptedOut(Refusal):
    """The customer wants no more messages"""

    status = 409


class CustomerNotFound(Refusal):
    """There is no such customer"""

    status = 404


class NumberNotRegistered(Refusal):
    """The number has no Phone Number ID yet"""

    status = 422


class ModelAway(Refusal):
    """The model does not answer now"""

    status = 503


class TokenNotGood(Refusal):
    """The access token cannot be used"""

    status = 422


class Invalid(Refusal):
    """The request has wrong fields"""

    status = 422


class InvalidSettings(Exception):
    """A setting is missing or wrong; the message names it and the cure."""


class SchemaNewer(Exception):
    """The database was written by a newer version of Released."""


class NeverSettled(Exception):
    """A turn's lease is no longer ours: another worker has the conversation."""


class MetaError(Exception):
    """A call to Meta did not succeed; `code` is Meta's, 0 where there was none."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


class MetaUnreachable(MetaError):
    """Nothing left this machine: try again."""


class MetaBusy(MetaError):
    """Meta asks to try later."""


class MetaDenied(MetaError):
    """Our token or right is refused: nothing will go until a person mends it."""


class MetaUncertain(MetaError):
    """It may have been accepted: wait for a status."""


class MetaRejected(MetaError):
    """Never send this again."""


class BrainError(Exception):
    """A call of the model brought nothing that can be used; `result` is the word that metrics and logs show for it.

    `paid` is true where it may have been billed all the same. The reason names statuses and codes, never a text of
    anybody's.
    """

    result = "failed"
    paid = False

    def __init__(self, reason: str, retry_after: float | None = None, usage: Usage | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after  # s, where the server named a time
        self.usage = usage  # where the server told it


class BrainUnreachable(BrainError):
    """Nothing left this machine: try again."""

    result = "unreachable"


class BrainBusy(BrainError):
    """The server asks to try later: a rate limit, or too much load."""

    result = "busy"


class BrainBroke(BrainError):
    """The account has no money or has reached its limit: no call until a person mends it."""

    result = "broke"


class BrainDenied(BrainError):
    """The key, the right or the model's name is wrong: no call until a person mends it."""

    result = "denied"


class BrainInvalid(BrainError):
    """The server does not take this very request: never the same again. `field` is what it names as wrong."""

    result = "invalid"
    field: str | None = None


class BrainDown(BrainError):
    """The server failed, was cut off, or took too long: perhaps billed, perhaps the next one works."""

    result = "down"
    paid = True


class BrainRefused(BrainError):
    """The model declined to answer this."""

    result = "refused"
    paid = True


class BrainGarbled(BrainError):
    """The answer was cut off, failed, empty or not in the shape that was asked for."""

    result = "garbled"
    paid = True
