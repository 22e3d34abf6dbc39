"""What becomes of a tool that the model wants, and of what the customer answers to it, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from src.messages.decision import Confirm


@dataclass(frozen=True)
class Call:
    """One call of a tool: its id, the tool's name and what it is given."""

    id: str
    tool: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """A tool has answered: `text` may be cited as `source_id`."""

    source_id: str
    text: str


@dataclass(frozen=True)
class Denied:
    """A tool was not called, or brought nothing: `why` is a sentence for the model, `reason` a word for us."""

    why: str
    reason: str


@dataclass(frozen=True)
class Proposed:
    """A tool would change something: nothing is done before the customer says yes to `decision`."""

    call: Call
    decision: Confirm


@dataclass(frozen=True)
class Confirmed:
    """The customer has said yes, and it was not begun yet."""

    action_id: int
    call: Call


@dataclass(frozen=True)
class Ended:
    """It was done, and the owner's system said `text`; or it was not, for `reason`.

    With `unknown` nobody can tell whether it was done: a person must look. It is never tried again.
    """

    call: Call
    text: str
    reason: str | None = None
    unknown: bool = False


@dataclass(frozen=True)
class Declined:
    """The customer has said no: nothing is done."""


@dataclass(frozen=True)
class Expired:
    """The customer has answered to something that is no longer asked: nothing is done."""


@dataclass(frozen=True)
class Lapsed:
    """The customer has said something else than yes or no to what was asked last: nothing is done."""


Wished = Told | Proposed | Denied
Taken = Confirmed | Ended | Declined | Expired | Lapsed
