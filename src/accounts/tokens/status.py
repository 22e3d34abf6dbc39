"""What is to be known of every token, without the tokens."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from src.accounts.tokens.age import Age, age_of
from src.accounts.tokens.holders import Holder, holders
from src.core.database import AnyRow
from src.core.instance import Instance
from src.core.models import numbers
from src.core.token_tables import TokenState, refused_tokens, tokens

SCOPES = ("whatsapp_business_messaging", "whatsapp_business_management")


@dataclass(frozen=True)
class TokenStatus:
    """A holder's token; times in ms since 1970."""

    holder: str
    phone_number: str | None
    refused: bool
    age: Age
    expires_at: int | None
    checked_at: int | None
    scopes: tuple[str, ...]  # empty while Meta has not told
    problem: str | None
    fresh: bool  # another is got and not yet proven
    retired: int  # earlier ones that still work, to be revoked

    @property
    def state(self) -> str:
        """In a word: `refused`, or the stage of its age; `unknown` while Meta has told nothing."""
        if self.refused:
            return "refused"
        return str(self.age.stage) if self.scopes or self.age.stage != "young" else "unknown"

    @property
    def missing(self) -> list[str]:
        """The rights that it lacks, as far as Meta has told."""
        return [scope for scope in SCOPES if self.scopes and scope not in self.scopes]


def token_status(session: Connection, instance: Instance, now: int) -> list[TokenStatus]:
    """Every holder's token that was looked at once, the instance's first; nothing is asked of Meta."""
    known = {row.holder: row for row in session.execute(_CURRENT)}
    refused = {bytes(row.key) for row in session.execute(select(refused_tokens.c.key))}
    names = {row.phone_number_id: row.phone_number for row in session.execute(_NAMES)}
    counts = {(holder, state): count for holder, state, count in session.execute(_COUNTS)}
    days = instance.settings.token_rotation_days
    return [
        _status(holder, row, age_of(row, now, days), names.get(holder.name), row.key in refused, counts)
        for holder in holders(session, instance)
        if (row := known.get(holder.name)) is not None
    ]


_CURRENT = select(tokens).where(tokens.c.state == TokenState.CURRENT)
_NAMES = select(numbers.c.phone_number_id, numbers.c.phone_number)
_COUNTS = select(tokens.c.holder, tokens.c.state, func.count().label("count")).group_by(
    tokens.c.holder, tokens.c.state
)


def _status(
    holder: Holder,
    row: AnyRow,
    age: Age,
    phone_number: str | None,
    refused: bool,
    counts: dict[tuple[str, TokenState], int],
) -> TokenStatus:
    return TokenStatus(
        holder=holder.name,
        phone_number=phone_number,
        refused=refused,
        age=age,
        expires_at=row.expires_at,
        checked_at=row.checked_at,
        scopes=tuple((row.scopes or "").split()),
        problem=row.problem,
        fresh=(holder.name, TokenState.FRESH) in counts,
        retired=counts.get((holder.name, TokenState.RETIRED), 0),
    )
