"""Holds the days of a draft against its sources: which weekdays and months, and which hours on which day."""

from src.messages.brain.grounding.calendar import holidays_in, month, months_in
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.grounds import Grounds

_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def check(grounds: Grounds) -> list[Failure]:
    """Days, months and holidays that neither sources nor customer name; hours that the sources give to other days."""
    claims = grounds.claims
    failures: list[Failure] = []
    if claims.days - _days_known(grounds):
        failures.append(
            _failure(grounds, "weekday", [_NAMES[day] for day in claims.days - _days_known(grounds)])
        )
    named = {month(name): name for name in months_in(claims.flat)}
    known = {month(name) for text in (*grounds.sources, grounds.customer) for name in months_in(text.flat)}
    dated = {value[0] for one in claims.mentions for value in one.of("date") if isinstance(value, tuple)}
    if unknown := set(named) - known - dated:  # a month in a date is held against the sources as a date
        failures.append(_failure(grounds, "month", [named[number] for number in unknown]))
    if holidays_in(claims.flat) and not any(
        holidays_in(text.flat) for text in (*grounds.sources, grounds.customer)
    ):
        failures.append(Failure("days", f"Nothing about holidays is in the cited sources {grounds.names}."))
    return failures + _hours(grounds)


def _days_known(grounds: Grounds) -> frozenset[int]:
    return frozenset().union(*(text.days for text in (*grounds.sources, grounds.customer)))


def _hours(grounds: Grounds) -> list[Failure]:
    """Hours that are the sources', but of another day."""
    stated = [pair for text in grounds.sources for pair in text.hours]
    general = {minute for days, minutes in stated if days is None for minute in minutes}
    told = {minute for _, minutes in stated for minute in minutes}
    for days, minutes in grounds.claims.hours:
        if not stated or days is None or minutes & general:
            continue
        for day in days:
            that_day = {minute for known, at in stated if known and day in known for minute in at}
            # The customer may have named another time; then the day must have hours at all.
            if not (minutes & that_day if minutes & told else that_day):
                hour = ", ".join(f"{one // 60}:{one % 60:02}" for one in sorted(minutes))
                return [
                    Failure(
                        "days", f"The cited sources {grounds.names} do not give {hour} for {_NAMES[day]}."
                    )
                ]
    return []


def _failure(grounds: Grounds, what: str, names: list[str]) -> Failure:
    return Failure(
        "days", f"The {what} {', '.join(sorted(names))} is not in the cited sources {grounds.names}."
    )
