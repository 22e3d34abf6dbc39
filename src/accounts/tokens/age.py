"""How old a token is, and what that asks for."""

from dataclasses import dataclass
from enum import StrEnum

from src.core.database import AnyRow

DAY_MS = 24 * 3600 * 1000


class Stage(StrEnum):
    """What a token's age asks for, by the part of its life that is left."""

    YOUNG = "young"
    DUE = "due"  # a quarter: it is exchanged (day 45 of 60)
    WARNING = "warning"  # a sixth: that should have happened (day 50)
    ALARM = "alarm"  # a twelfth: somebody must look (day 55)


@dataclass(frozen=True)
class Age:
    """The end of a token, or of its time to be rotated; `days_left` may be below zero."""

    days_left: float
    stage: Stage
    endless: bool  # it goes on working after that, as far as Meta tells


def age_of(row: AnyRow, now: int, days: int) -> Age:
    """The age of a row of `token`, where a token is to be renewed within `days`; 0: only its own end counts."""
    life = (days or 60) * DAY_MS
    ends = [row.expires_at] if row.expires_at is not None else []
    if days or not ends:
        ends.append(row.issued_at + life)
    left = min(ends) - now
    endless = row.expires_at is None
    if days == 0 and endless:
        return Age(left / DAY_MS, Stage.YOUNG, endless)
    return Age(left / DAY_MS, _stage(left, life), endless)


def _stage(left: int, life: int) -> Stage:
    if left * 12 <= life:
        return Stage.ALARM
    if left * 6 <= life:
        return Stage.WARNING
    return Stage.DUE if left * 4 <= life else Stage.YOUNG
