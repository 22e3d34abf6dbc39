"""Business numbers: their shape, their Phone Number IDs, and the tokens and secrets that belong to them."""

import re
import threading
import time
from typing import Any

import phonenumbers
from sqlalchemy import Connection, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from src.core import access, audit
from src.core.database import now_ms
from src.core.errors import Invalid, NumberNotRegistered, NumberTaken
from src.core.instance import Instance
from src.core.meta_client import Line
from src.core.models import numbers

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_RELOAD_SECONDS = 1.0

REGISTRATION = (
    "Meta registers a number only after a one-time code, so this step is yours: "
    "1. in Meta's WhatsApp Manager choose Phone numbers, then Add phone number; "
    "2. give name and category, then the number, and choose SMS or call; "
    "3. type the code that Meta sends to the number; "
    "4. under WhatsApp, API Setup, copy the Phone Number ID; "
    "5. run `released numbers add {number} --id PHONE_NUMBER_ID` (or send it as `phone_number_id`), then try again"
)


def normalise_number(written: str) -> tuple[str, str | None]:
    """The number as E.164, and a warning when it is not plausible. Raises `Invalid` when it has no such shape."""
    compact = re.sub(r"[\s().\-/]", "", written)
    if not _E164.fullmatch(compact):
        raise Invalid(
            "phone_number must be + and country code, then 7 to 15 digits in all, such as +34600000147",
            errors=[{"field": "phone_number", "message": "is not an E.164 number such as +34600000147"}],
        )
    try:
        parsed = phonenumbers.parse(compact)
    except phonenumbers.NumberParseException:
        return compact, f"{compact} begins with no country code that is in use"
    if not phonenumbers.is_possible_number(parsed):
        return compact, f"{compact} has an unusual length for its country"
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return number, None if phonenumbers.is_valid_number(
        parsed
    ) else f"{number} is in no range that its country gives out"


def add_number(session: Connection, number: str, phone_number_id: str, **optional: str | None) -> None:
    """Registers `number` under its Phone Number ID; `optional` are waba_id, access_token, app_secret.

    Safe to call twice. Raises `NumberTaken` when number or id stand with another.
    """
    c = numbers.c
    for row in session.execute(
        select(c.phone_number, c.phone_number_id).where(
            or_(c.phone_number == number, c.phone_number_id == phone_number_id)
        )
    ):
        if (row.phone_number, row.phone_number_id) != (number, phone_number_id):
            raise NumberTaken(f"{row.phone_number} is registered with the id {row.phone_number_id}")
        known = {key: value for key, value in optional.items() if value is not None}
        if known:
            session.execute(update(numbers).where(c.phone_number_id == phone_number_id).values(**known))
            audit.note(session, "number changed", f"number {phone_number_id}", after=known)
            access.wake(session)
        return
    session.execute(
        insert(numbers).values(
            phone_number_id=phone_number_id, phone_number=number, created_at=now_ms(), **optional
        )
    )
    audit.note(session, "number added", f"number {phone_number_id}", after=optional)


def list_numbers(session: Connection) -> list[dict[str, Any]]:
    """Every number with its id and account, oldest first."""
    c = numbers.c
    rows = session.execute(
        select(c.phone_number, c.phone_number_id, c.waba_id).order_by(c.created_at, c.phone_number)
    )
    return [dict(row._mapping) for row in rows]


def id_of(session: Connection, number: str) -> str | None:
    """The Phone Number ID under which `number` is registered."""
    found: str | None = session.execute(
        select(numbers.c.phone_number_id).where(numbers.c.phone_number == number)
    ).scalar()
    return found


def resolve_id(instance: Instance, number: str, given: str | None, name: str | None) -> str:
    """The Phone Number ID of `number`: as given, as registered, from `PHONE_NUMBER_ID`, or, in sandbox mode, a new one.

    Raises `NumberNotRegistered`, which explains what to do in Meta's panel.
    """
    with instance.database.read() as session:
        found = given or id_of(session, number) or instance.settings.phone_number_id
    if found:
        return found
    if instance.settings.sandbox_mode:
        waba = instance.settings.waba_id or "sandbox"
        line = Line(waba, instance.access_token, instance.app_secrets)
        return instance.meta.add_number(waba, line, number, name)
    raise NumberNotRegistered(REGISTRATION.format(number=number), phone_number=number)


class SigningSecrets:
    """The app secrets that may sign a webhook: the instance's and those of single numbers."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._own = tuple(secret.encode() for secret in instance.app_secrets)
        self._reloaded = 0.0
        self._lock = threading.Lock()
        self.known = self._own

    def reload(self) -> bool:
        """Reads the numbers' secrets again, once a second at most; True when there is one that was not known."""
        with self._lock:
            if time.monotonic() - self._reloaded < _RELOAD_SECONDS:
                return False
            self._reloaded = time.monotonic()
            before = self.known
            try:
                self.known = self._own + self._of_numbers()
            except SQLAlchemyError:
                return False  # unsigned is refused, also while the database is away
            return self.known != before

    def _of_numbers(self) -> tuple[bytes, ...]:
        c = numbers.c
        with self._instance.database.read() as session:
            found = session.execute(select(c.app_secret).where(c.app_secret.is_not(None))).scalars()
            return tuple(secret.encode() for secret in found)
