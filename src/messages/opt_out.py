"""Who wants no more messages: the customer's last words say so, until they write anything else."""

from sqlalchemy import BigInteger, Connection, bindparam, select

from src.core.models import messages, turns
from src.core.states import MessageState
from src.messages import hearing
from src.messages.content import said_by_customer
from src.messages.intents import OPTED_OUT, opt_out

_M = messages.c
_NEWEST = (
    select(_M.kind, _M.content, _M.heard, _M.received_at, turns.c.detail)
    .join_from(messages, turns, turns.c.id == _M.turn_id, isouter=True)
    .where(_M.conversation_id == bindparam("here", type_=BigInteger), _M.state != MessageState.IGNORED)
    .order_by(_M.id.desc())
    .limit(1)
)


def since(session: Connection, conversation_id: int) -> int | None:
    """When the customer said that they want nothing more (ms); None when they never did, or wrote again since.

    Their newest message counts: as its turn understood it, or, where none has answered it, because a person has the
    conversation, by its own words. A reaction is no message.
    """
    row = session.execute(_NEWEST, {"here": conversation_id}).first()
    if row is None:
        return None
    said: int = row.received_at
    if row.detail is not None:
        return said if row.detail.get("reason") == OPTED_OUT else None
    words = hearing.words(row.kind, row.content, row.heard) or said_by_customer(row.kind, row.content)
    return said if words and opt_out(words, "es") is not None else None
