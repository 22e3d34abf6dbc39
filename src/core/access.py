"""Which token and app secret speak for a number right now, and whether Meta refuses that token."""

from typing import Any

from sqlalchemy import Connection, LargeBinary, bindparam, delete, exists, select, update

from src.core.database import AnyRow, insert_into, now_ms
from src.core.instance import Instance
from src.core.meta_client import Line
from src.core.models import numbers, replies
from src.core.states import ReplyState
from src.core.token_tables import INSTANCE, TokenState, refused_tokens, tokens

WAITS = "Meta refuses the token"  # the reason of a reply that waits for a good one

_KNOWN = tokens.alias("known")
_IS_KNOWN = exists().where(_KNOWN.c.holder == INSTANCE, _KNOWN.c.key == bindparam("given", type_=LargeBinary))
# The instance's token, once the database knows the one of the environment: a new one there counts at once.
_OF_INSTANCE = (
    select(tokens.c.value)
    .where(tokens.c.holder == INSTANCE, tokens.c.state == TokenState.CURRENT, _IS_KNOWN)
    .scalar_subquery()
)
# What a statement that joins `numbers` selects, with `given(instance)`, so that `line_of` can tell.
COLUMNS = (
    numbers.c.access_token,
    numbers.c.app_secret,
    _OF_INSTANCE.label("instance_token"),
    exists(select(refused_tokens.c.key)).label("any_refused"),
)
_LINE = select(*COLUMNS).where(numbers.c.phone_number_id == bindparam("id"))
_ONLY = select(_OF_INSTANCE.label("token"))


def given(instance: Instance) -> dict[str, Any]:
    """The parameter of statements with `COLUMNS`."""
    return {"given": instance.given_key}


def line_of(instance: Instance, phone_number_id: str, row: AnyRow) -> Line:
    """The number with its own token and app secret, else the instance's; `row` has `COLUMNS`."""
    token = row.access_token or row.instance_token or instance.access_token
    return Line(phone_number_id, token, (row.app_secret,) if row.app_secret else instance.app_secrets)


def line(session: Connection, instance: Instance, phone_number_id: str) -> Line:
    """The number with the token and the app secrets that may speak for it, also when it is not registered."""
    row = session.execute(_LINE, {"id": phone_number_id, **given(instance)}).first()
    if row is None:
        return Line(phone_number_id, instance_token(session, instance), instance.app_secrets)
    return line_of(instance, phone_number_id, row)


def instance_token(session: Connection, instance: Instance) -> str:
    """The token that counts where a number has none of its own."""
    found: str | None = session.execute(_ONLY, given(instance)).scalar()
    return found or instance.access_token


def is_refused(session: Connection, instance: Instance, token: str) -> bool:
    """Does Meta refuse this token, as far as we know?"""
    key = refused_tokens.c.key
    return session.execute(select(key).where(key == instance.keyring.token_key(token))).first() is not None


def refuse(session: Connection, instance: Instance, token: str) -> bool:
    """Notes that Meta refuses this token; True when that is news. Safe to call twice."""
    row = {"key": instance.keyring.token_key(token), "refused_at": now_ms()}
    insert = insert_into(session.dialect.name, refused_tokens).values(row).on_conflict_do_nothing()
    return session.execute(insert.returning(refused_tokens.c.key)).first() is not None


def allow(session: Connection, key: bytes) -> None:
    """Meta takes this token, or nobody uses it any more; what waited for a good one is due. Safe to call twice."""
    session.execute(delete(refused_tokens).where(refused_tokens.c.key == key))
    wake(session)


def wake(session: Connection) -> None:
    """What waits for a good token looks at once whether there is one. Safe to call twice."""
    waits = (replies.c.state == ReplyState.QUEUED, replies.c.reason == WAITS)
    session.execute(update(replies).where(*waits).values(next_attempt_at=now_ms()))
