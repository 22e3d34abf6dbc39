"""Keeps the tokens good: looks at each, rotates what is old, and revokes what has been replaced.

Each step is a call to Meta, then a commit; whoever dies between two leaves a row from which the next one goes on.
"""

import logging
import time
from collections import Counter

from sqlalchemy import delete, select

from src.accounts.tokens import rotation, stock
from src.accounts.tokens.age import DAY_MS, Stage, age_of
from src.accounts.tokens.holders import Holder, holders
from src.core import access
from src.core.database import AnyRow
from src.core.errors import MetaError
from src.core.instance import Instance
from src.core.meta_tokens import describe, refuses_token, works
from src.core.token_tables import TokenState, refused_tokens, tokens

log = logging.getLogger(__name__)

_RUN_SECONDS = 30.0  # other chores wait for this one
_CHECK_MS = DAY_MS - 3600 * 1000  # each day, also where the clock comes a little early


def keep_tokens(instance: Instance, now: int) -> dict[str, int]:
    """Does for each holder what is due at `now` (ms since 1970); returns what was done, counted.

    Safe to call twice, also from several clocks at once. A holder whose calls fail does not keep the others waiting;
    those for whom there is no time (`left`) have their turn in the next minutes.
    """
    with instance.database.read() as session:
        found = holders(session, instance)
    did: Counter[str] = Counter()
    first = (
        now // 60_000 % max(1, len(found))
    )  # another each minute, lest the last ones never have their turn
    ends = time.monotonic() + _RUN_SECONDS
    for holder in found[first:] + found[:first]:
        if time.monotonic() > ends:
            did["left"] += 1
            continue
        try:
            did[_keep(instance, holder, now)] += 1
        except MetaError as error:
            log.warning("token_call_failed", extra={"holder": holder.name, **rotation.told(error)})
            did["failed"] += 1
    _forget_refusals(instance)
    return dict(did)


def _keep(instance: Instance, holder: Holder, now: int) -> str:
    with instance.database.transaction() as session:
        current = stock.adopt(session, instance.keyring, holder, now)
        assert current is not None, "it was given one"
        refused = access.is_refused(session, instance, current.value)
    if refused:
        return _look_again(instance, holder, current)
    rotation.revoke_retired(instance, holder, current, now)
    if current.checked_at is None or current.checked_at < now - _CHECK_MS:
        if not check(instance, holder, current, now):
            return "refused"
        with instance.database.transaction() as session:
            current = stock.adopt(session, instance.keyring, holder, now)
            assert current is not None, "it was given one"
        _warn(instance, holder, current, now)
    due = instance.settings.token_rotation_days > 0 and is_due(instance, current, now)
    if rotation.fresh_of(instance, holder) is not None or due:
        return "rotated" if rotation.rotate(instance, holder, current, now) else "waits"
    return "kept"


def is_due(instance: Instance, current: AnyRow, now: int) -> bool:
    """Is it time for another token?"""
    return age_of(current, now, instance.settings.token_rotation_days).stage != Stage.YOUNG


def _look_again(instance: Instance, holder: Holder, current: AnyRow) -> str:
    """A token that Meta refused may work again; one read a minute tells."""
    line = holder.line(current.value)
    if line is None or not works(instance.meta, line):
        log.error("token_still_refused", extra={"holder": holder.name})
        return "refused"
    with instance.database.transaction() as session:
        access.allow(session, current.key)
    log.info("token_works_again", extra={"holder": holder.name})
    return "works"


def check(instance: Instance, holder: Holder, row: AnyRow, now: int) -> bool:
    """Asks Meta what the token is and writes it down; False when it is refused, which is noted.

    `debug_token` alone condemns no token: its word counts when a read is refused too.
    """
    app = rotation.app_of(holder, row)
    try:
        told = describe(instance.meta, app, row.value)
    except MetaError as error:
        if app is not None or not refuses_token(error):
            if isinstance(error, rotation.PASSING):
                raise
            with instance.database.transaction() as session:  # what it is stays unknown
                stock.note(session, row, checked_at=now)
            return True
        told = None
    if (told is None or not told.is_valid) and _is_dead(instance, holder, row):
        with instance.database.transaction() as session:
            access.refuse(session, instance, row.value)
        log.error("token_refused", extra={"phone_number_id": holder.name})
        return False
    with instance.database.transaction() as session:
        if told is not None and told.is_valid:
            stock.describe(session, row, told, now)
        else:
            stock.note(session, row, checked_at=now)
    return True


def _is_dead(instance: Instance, holder: Holder, row: AnyRow) -> bool:
    """Is it the token that is refused when a number is read, and not a right or the number?"""
    line = holder.line(row.value)
    try:
        return line is not None and not works(instance.meta, line)
    except rotation.PASSING:
        raise
    except MetaError:
        return False


def _warn(instance: Instance, holder: Holder, current: AnyRow, now: int) -> None:
    """A line a day in the log, once it should have been rotated."""
    age = age_of(current, now, instance.settings.token_rotation_days)
    told = {"holder": holder.name, "days_left": round(age.days_left, 1), "endless": age.endless}
    if age.stage == Stage.WARNING:
        log.warning("token_ends_soon", extra={**told, "problem": current.problem})
    elif age.stage == Stage.ALARM:
        log.error("token_ends", extra={**told, "problem": current.problem})


def _forget_refusals(instance: Instance) -> None:
    """A token that nobody speaks with any more may be refused as it likes."""
    used = select(tokens.c.key).where(tokens.c.state == TokenState.CURRENT)
    with instance.database.transaction() as session:
        old = (refused_tokens.c.key.not_in(used), refused_tokens.c.key != instance.given_key)
        session.execute(delete(refused_tokens).where(*old))
