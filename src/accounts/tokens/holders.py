"""Who holds a token: the instance, and each number that has one of its own."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from src.core.errors import NumberNotRegistered, TokenNotGood
from src.core.instance import Instance
from src.core.meta_client import Line
from src.core.models import numbers
from src.core.token_tables import INSTANCE


@dataclass(frozen=True)
class Holder:
    """Whose token it is, what it was given, and the secrets of which one is its app's."""

    name: str  # a Phone Number ID, or `INSTANCE`
    given: str | None  # the token in the environment, or at the number
    reads: str | None  # the Phone Number ID by which a token is tried
    app_id: str | None  # where it was set; else Meta tells it
    app_secrets: tuple[str, ...]

    @property
    def is_instance(self) -> bool:
        """Is it the instance?"""
        return self.name == INSTANCE

    def line(self, token: str) -> Line | None:
        """A number of the holder's with this token; None where it has no number."""
        return None if self.reads is None else Line(self.reads, token, self.app_secrets)


def holders(session: Connection, instance: Instance) -> list[Holder]:
    """The instance first, then the numbers with a token of their own. In sandbox mode only these."""
    rows = session.execute(select(numbers).order_by(numbers.c.created_at, numbers.c.phone_number_id)).all()
    own = [
        Holder(
            row.phone_number_id,
            row.access_token,
            row.phone_number_id,
            None if row.app_secret else instance.settings.meta_app_id,
            (row.app_secret,) if row.app_secret else instance.app_secrets,
        )
        for row in rows
        if row.access_token is not None
    ]
    settings = instance.settings
    if settings.meta_access_token is None:
        return own
    without = [row.phone_number_id for row in rows if row.access_token is None]
    reads = without[0] if without else settings.phone_number_id
    whole = Holder(INSTANCE, settings.meta_access_token, reads, settings.meta_app_id, instance.app_secrets)
    return [whole, *own]


def holder_of(session: Connection, instance: Instance, phone_number_id: str | None) -> Holder:
    """The number's holder, or without an id the instance. Raises `NumberNotRegistered` and `TokenNotGood`.

    A number without a token of its own is a holder too: it may be given one.
    """
    found = {holder.name: holder for holder in holders(session, instance)}
    if (known := found.get(phone_number_id or INSTANCE)) is not None:
        return known
    if phone_number_id is None:
        raise TokenNotGood(
            "this instance is in sandbox mode and needs no token: set META_ACCESS_TOKEN and META_APP_SECRET first"
        )
    row = session.execute(select(numbers).where(numbers.c.phone_number_id == phone_number_id)).first()
    if row is None:
        raise NumberNotRegistered(
            f"no number has the id {phone_number_id}: `released numbers list` shows them with their ids"
        )
    app_id = None if row.app_secret else instance.settings.meta_app_id
    secrets = (row.app_secret,) if row.app_secret else instance.app_secrets
    return Holder(phone_number_id, None, phone_number_id, app_id, secrets)
