"""Holds the days of a draft against its sources: which weekdays and months, and which hours on which day."""

from src.messages.brain.grounding.calendar import holidays_in, month, months_in
from src.messages.brain.grounding.failure import Failure
from src.messages.brain.grounding.grounds import Grounds

_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def check(grounds: Grounds) -> list[Failure]:
    """Days, months and holidays that neither sources nor customer name; hours that the sources give to other days."""
    claims = grounds.claims
    failures: list[Failure] = []
    given = [*grounds.sources, *grounds.as_claims]
    strange = claims.days - frozenset().union(*(text.days for text in given))
    if strange and (strange := strange - grounds.customer.days):
        failures.append(_failure(grounds, "weekday", [_NAMES[day] for day in strange]))
    if named := {month(name): name for name in months_in(claims.flat)}:
        # A month in a date is held against the sources as a date.
        dated = {value[0] for one in claims.mentions for value in one.of("date") if isinstance(value, tuple)}
        known = {month(name) for text in (*given, grounds.customer) for name in months_in(text.flat)}
        if unknown := set(named) - known - dated:
            failures.append(_failure(grounds, "month", [named[number] for number in unknown]))
    if holidays_in(claims.flat) and not holidays_in(grounds.flat_sources) and not holidays_in(grounds.heard):
        failures.append(Failure("days", f"Nothing about holidays is in the cited sources {grounds.names}."))
    return failures + _hours(grounds)


def _hours(grounds: Grounds) -> list[Failure]:
    """Hours that are the sources', but of another day."""
    stated = [pair for text in (*grounds.sources, *grounds.as_claims) for pair in text.hours]
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
