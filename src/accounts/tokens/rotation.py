"""One token makes room for the next: exchanged, stored, proven, promoted; and when nobody has it any more, revoked."""

import logging
from typing import Any

from src.accounts.tokens import stock
from src.accounts.tokens.holders import Holder
from src.core.database import AnyRow
from src.core.errors import MetaBusy, MetaError, MetaUncertain, MetaUnreachable
from src.core.instance import Instance
from src.core.meta_tokens import App, Described, describe, exchange, refuses_token, revoke, works
from src.core.token_tables import TokenState

log = logging.getLogger(__name__)

GRACE_MS = 120_000  # longer than any turn or send that began with the old token
AGAIN_MS = 60_000  # after a try that was cut off
_REFUSED_MS = 3_600_000  # after one that Meta refused
PASSING = (MetaBusy, MetaUncertain, MetaUnreachable)  # these may pass by themselves


def told(error: MetaError) -> dict[str, Any]:
    """What a log line tells of an error of Meta's."""
    return {"code": error.code, "kind": type(error).__name__}


def _passes(error: MetaError) -> bool:
    """Was Meta away? A refusal of the app (code 1) or a limit of calls is none that the next minute ends."""
    return isinstance(error, PASSING) and error.code in (0, 2)


def app_of(holder: Holder, row: AnyRow) -> App | None:
    """The token's app: its id as it was set, or as Meta told it; None while neither is known, or no secret."""
    app_id = holder.app_id or row.app_id
    return App(app_id, holder.app_secrets[0]) if app_id and holder.app_secrets else None


def fresh_of(instance: Instance, holder: Holder) -> AnyRow | None:
    """The token that is yet to be proven."""
    with instance.database.read() as session:
        return stock.in_state(session, holder, TokenState.FRESH)


def rotate(instance: Instance, holder: Holder, current: AnyRow, now: int, wait: bool = True) -> bool:
    """Exchanges the token unless that has been done, proves the new one and lets it count; False when it must wait.

    `wait`: not soon after a try that failed. Raises MetaError's children when Meta is away; what was reached stays.
    """
    fresh = fresh_of(instance, holder)
    if fresh is None:
        if not _exchange(instance, holder, current, now, wait):
            return False
        fresh = fresh_of(instance, holder)
    return fresh is not None and _prove(instance, holder, current, fresh, now, wait)


def _exchange(instance: Instance, holder: Holder, current: AnyRow, now: int, wait: bool) -> bool:
    app = app_of(holder, current)
    if app is None:
        return _fail(instance, holder, current, now, "META_APP_ID or the app's secret is not known")
    pause = _REFUSED_MS if current.problem else AGAIN_MS
    with instance.database.transaction() as session:
        if not stock.try_now(session, current, now, now - pause if wait else now):
            return False
    try:
        value = exchange(instance.meta, app, current.value, instance.settings.token_ends)
    except MetaError as error:
        if _passes(error):
            raise
        return _fail(instance, holder, current, now, f"Meta refuses to exchange it (code {error.code})")
    with instance.database.transaction() as session:
        if stock.add_fresh(session, instance.keyring, holder, value, now):
            return True
    return _fail(instance, holder, current, now, "Meta gave a token that was known")


def _fail(instance: Instance, holder: Holder, current: AnyRow, now: int, problem: str) -> bool:
    if problem != current.problem:
        log.warning("token_not_rotated", extra={"holder": holder.name, "problem": problem})
    with instance.database.transaction() as session:
        stock.note(session, current, problem=problem, tried_at=now)
    return False


def _prove(
    instance: Instance, holder: Holder, current: AnyRow, fresh: AnyRow, now: int, longer: bool
) -> bool:
    """It must be valid, have every right of the old one, last `longer`, and read a number."""
    app = app_of(holder, current)
    known = describe(instance.meta, app, fresh.value)
    line = holder.line(fresh.value)
    flaw = _flaw(current, known, longer)
    if flaw is None and line is not None:
        try:
            flaw = None if works(instance.meta, line) else "Meta refuses the new token"
        except PASSING:
            raise
        except MetaError as error:
            flaw = f"the new token cannot read its number (code {error.code})"
    if flaw is not None:
        with instance.database.transaction() as session:
            stock.end(session, fresh, now)
        return _fail(instance, holder, current, now, flaw)
    with instance.database.transaction() as session:
        stock.describe(session, fresh, known, now)
        done = stock.promote(session, instance.keyring, holder, fresh, now)
    if done:
        log.info("token_rotated", extra={"holder": holder.name, "expires_at": known.expires_at})
    return done


def _flaw(current: AnyRow, known: Described, longer: bool) -> str | None:
    if not known.is_valid:
        return "the new token is not valid"
    missing = set((current.scopes or "").split()) - set(known.scopes)
    if missing:
        return f"the new token lacks {' and '.join(sorted(missing))}"
    ends, ended = known.expires_at, current.expires_at
    if longer and ends is not None and ended is not None and ends <= ended:
        return "the new token does not last longer"
    return None


def revoke_retired(instance: Instance, holder: Holder, current: AnyRow, now: int) -> None:
    """Ends at Meta the oldest token that was replaced, when nobody can have it any more. Raises MetaError's children."""
    with instance.database.read() as session:
        old = stock.in_state(session, holder, TokenState.RETIRED)
        left = now - GRACE_MS
        if old is None or old.since > left or stock.others_with(session, old, left):
            return
    app = app_of(holder, current)
    over = old.expires_at is not None and old.expires_at <= now
    if instance.settings.token_revoke and app is not None and not over:
        with instance.database.transaction() as session:
            pause = _REFUSED_MS if old.problem else AGAIN_MS
            if not stock.try_now(session, old, now, now - pause):
                return
        if not _revoke(instance, holder, app, old, current):
            return
    with instance.database.transaction() as session:
        stock.end(session, old, now)
        stock.note(session, current, checked_at=None)  # look at once whether the new one still works


def _revoke(instance: Instance, holder: Holder, app: App, old: AnyRow, current: AnyRow) -> bool:
    try:
        revoke(instance.meta, app, old.value, by=current.value)
    except MetaError as error:
        if _passes(error):
            raise
        if not refuses_token(error) and not describe(instance.meta, app, old.value).is_valid:
            return True  # whoever revoked it died before writing so
        problem = f"Meta does not revoke it (code {error.code})"
        log.warning("token_not_revoked", extra={"holder": holder.name, "problem": problem})
        with instance.database.transaction() as session:
            stock.note(session, old, problem=problem)
        return False
    log.info("token_revoked", extra={"holder": holder.name})
    return True
