"""What a person does with a token: puts a good one in the place of another, or has it rotated now."""

from src.accounts.tokens import rotation, stock
from src.accounts.tokens.holders import Holder, holder_of
from src.accounts.tokens.keep import check
from src.core import access
from src.core.database import AnyRow
from src.core.errors import TokenNotGood
from src.core.instance import Instance
from src.core.meta_tokens import works
from src.core.token_tables import TokenState

_MAKE = (
    "make one in business.facebook.com, Settings, Users, System users: Generate token, with both whatsapp_business "
    "permissions"
)


def set_token(instance: Instance, phone_number_id: str | None, value: str, now: int) -> str:
    """Lets `value` count for the number, or for the instance, at once and in every process; returns whose it is.

    It must read a number first. What waited for a good token goes out within seconds. The one before is not revoked.
    Raises `TokenNotGood`, and MetaError's children when Meta is away.
    """
    with instance.database.read() as session:
        holder = holder_of(session, instance, phone_number_id)
    line = holder.line(value)
    if line is not None and not works(instance.meta, line):
        raise TokenNotGood(f"Meta refuses this token; nothing was changed: {_MAKE}")
    with instance.database.transaction() as session:
        stock.adopt(session, instance.keyring, holder, now)  # so that the environment's is known from now on
        stock.replace(session, instance.keyring, holder, value, now)
        current = stock.in_state(session, holder, TokenState.CURRENT)
    assert current is not None, "it has just been set"
    check(instance, holder, current, now)
    return holder.name


def rotate_now(instance: Instance, phone_number_id: str | None, now: int) -> str:
    """Exchanges and proves the token whatever its age; returns whose it is. The old one is revoked by the clock.

    Raises `TokenNotGood` with what stands in the way, and MetaError's children when Meta is away.
    """
    holder, current = _current(instance, phone_number_id, now)
    if current.checked_at is None and check(instance, holder, current, now):
        holder, current = _current(instance, phone_number_id, now)
    if not rotation.rotate(instance, holder, current, now, wait=False):
        _, left = _current(instance, phone_number_id, now)
        raise TokenNotGood(
            f"the token was not rotated, and goes on counting: {left.problem or 'another process does it'}; "
            "docs/tokens.md says what to do by hand"
        )
    return holder.name


def _current(instance: Instance, phone_number_id: str | None, now: int) -> tuple[Holder, AnyRow]:
    with instance.database.transaction() as session:
        holder = holder_of(session, instance, phone_number_id)
        current = stock.adopt(session, instance.keyring, holder, now)
        if current is None:
            raise TokenNotGood(
                f"{holder.name} speaks with the instance's token: leave --number out, or give it one of its own by "
                "`released tokens set --number ID --token-file FILE`"
            )
        if access.is_refused(session, instance, current.value):
            raise TokenNotGood(
                f"Meta refuses the token, so that it cannot be exchanged: {_MAKE}, then "
                "`released tokens set --token-file FILE`"
            )
    return holder, current
