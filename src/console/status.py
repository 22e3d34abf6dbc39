"""What the start page tells of the instance: its state, its agents, where its key lies, a number that is free."""

import itertools
import shlex
from typing import Any

import phonenumbers
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from src.accounts.agents import list_agents
from src.accounts.key_holder import OWNER
from src.accounts.numbers import list_numbers
from src.core import schema
from src.core.instance import Instance
from src.core.models import conversations
from src.core.states import Holder

# Mobile ranges, so that a number made up for a trial looks like one of the country.
_TRIAL_NUMBERS = {"es": "+34600000{:03d}", "pt-BR": "+5511990000{:03d}", "en": "+1202555{:04d}"}
_FIRST_TRIAL = 102


def database_state(instance: Instance) -> str:
    """`ok`, `schema` while a migration is due, or `away`."""
    try:
        return "ok" if schema.revision(instance.database) == schema.HEAD else "schema"
    except SQLAlchemyError:
        return "away"


def agents_shown(instance: Instance) -> list[dict[str, Any]]:
    """Each agent with `number` (as its country writes it) and `waiting` (conversations that wait for a person)."""
    with instance.database.read() as session:
        waiting = _waiting(session)
        return [
            {
                **agent,
                "number": written(agent["phone_number"]),
                "waiting": waiting.get(agent["phone_number_id"], 0),
            }
            for agent in list_agents(session, OWNER)
        ]


def _waiting(session: Connection) -> dict[str, int]:
    c = conversations.c
    statement = (
        select(c.phone_number_id, func.count()).where(c.holder == Holder.WAITING).group_by(c.phone_number_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def written(number: str) -> str:
    """`+34 600 00 01 02` for `+34600000102`."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def free_numbers(instance: Instance) -> dict[str, str]:
    """By the page's language, a plausible number that nobody here has; for trials with the sandbox alone."""
    with instance.database.read() as session:
        taken = {row["phone_number"] for row in list_numbers(session)}
    return {tag: _first_free(pattern, taken) for tag, pattern in _TRIAL_NUMBERS.items()}


def _first_free(pattern: str, taken: set[str]) -> str:
    return next(number for n in itertools.count(_FIRST_TRIAL) if (number := pattern.format(n)) not in taken)


def key_file(instance: Instance) -> str | None:
    """Where the API key lies; None when the setting API_KEY holds it."""
    return None if instance.settings.api_key else str((instance.settings.released_home / "api_key").resolve())


def curl(instance: Instance, origin: str) -> str:
    """A command that lists the agents, ready to be pasted into a shell on this machine."""
    path = key_file(instance)
    key = "$API_KEY" if path is None else f"$(cat {shlex.quote(path)})"
    return f'curl -H "Authorization: Bearer {key}" {origin}/agent'
