"""Erases a customer: all of it in one transaction, which nothing of theirs that is under way outlives."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, select
from sqlalchemy.exc import OperationalError

from src.accounts.backup.record import known
from src.accounts.key_holder import KeyHolder
from src.core import audit
from src.core.brain_tables import spending
from src.core.conversation_tables import actions, alerts, media, notes
from src.core.instance import Instance
from src.core.models import conversations, messages, notices, receipts, replies, turns
from src.messages.rights import traces
from src.messages.rights.collect import ELSEWHERE
from src.messages.rights.person import Person, find_person, spent_by

_TRIES = 3
_IN_EACH_OTHERS_WAY = ("40P01", "55P03")  # PostgreSQL: a deadlock was ended; a lock took too long
_SOME = 500  # keys of one statement


KEPT = {name: ELSEWHERE[name] for name in ("seen", "usage", "cached_answer", "outside")}


def erase(instance: Instance, key_holder: KeyHolder, written: str) -> dict[str, Any]:
    """{status, deleted, kept, backups}: rows by table, what stays and why, and the copies that still hold them.

    From the commit on no send to them begins, and a turn that was under way settles nothing: its lease is gone. Safe
    to call twice: the second raises `CustomerNotFound`. Raises `Invalid`.
    """
    for left in reversed(range(_TRIES)):
        try:
            with instance.database.transaction() as session:
                gone = _erase(session, instance, key_holder, written)
            break
        except OperationalError as error:
            if not left or getattr(error.orig, "sqlstate", None) not in _IN_EACH_OTHERS_WAY:
                raise
    instance.database.shrink()
    with instance.database.read() as session:
        copies = known(session, instance.settings, key_holder)
    return {"status": "ok", "deleted": gone, "kept": KEPT, "backups": copies}


def _erase(session: Connection, instance: Instance, key_holder: KeyHolder, written: str) -> dict[str, int]:
    """Takes their conversations' locks first: whoever works on one has settled by then, or finds nothing."""
    person = find_person(session, instance.keyring, key_holder, written, lock=True)
    others = traces.notices_about(session, person, everywhere=key_holder.tenant is None)
    gone = {
        "media": _gone_of(session, media, "message_id", _ids_of(session, messages, person)),
        **{table.name: _gone_here(session, table, person) for table in (actions, notes, alerts)},
        "receipt": _receipts_gone(session, person),
        "reply": _gone_here(session, replies, person),
        "turn": _gone_here(session, turns, person),
        "message": _gone_here(session, messages, person),
        "notice": _gone_of(session, notices, "id", [row.id for row in others]),
        "spending": session.execute(delete(spending).where(spent_by(session, person))).rowcount,
    }
    # After the alerts: one that was on its way to somebody's chat is there by now.
    told = [row.id for row in traces.alerts_about(session, person)]
    gone["reply"] += _gone_of(session, replies, "id", told)
    gone["conversation"] = _gone_of(session, conversations, "id", person.ids)
    audit.note(session, "erased", audit.of_customer(person.key), before=gone)
    return gone


def _ids_of(session: Connection, table: Table, person: Person) -> list[int]:
    here = table.c.conversation_id.in_(person.ids)
    return list(session.execute(select(table.c.id).where(here)).scalars())


def _gone_here(session: Connection, table: Table, person: Person) -> int:
    return session.execute(delete(table).where(table.c.conversation_id.in_(person.ids))).rowcount


def _gone_of(session: Connection, table: Table, column: str, keys: Sequence[int | str | bytes]) -> int:
    some = (keys[at : at + _SOME] for at in range(0, len(keys), _SOME))
    return sum(session.execute(delete(table).where(table.c[column].in_(part))).rowcount for part in some)


def _receipts_gone(session: Connection, person: Person) -> int:
    """What WhatsApp told of their replies; of an attempt that failed, or has no answer yet, it is found by its tracker."""
    c = replies.c
    tried = (c.conversation_id.in_(person.ids), c.attempts > 0)
    sent = session.execute(select(c.wamid_key, c.tracker, c.attempts).where(*tried)).all()
    keys = [row.wamid_key for row in sent if row.wamid_key is not None]
    trackers = [
        f"{row.tracker.split('.')[0]}.{attempt}"
        for row in sent
        if row.wamid_key is None or row.attempts > 1
        for attempt in range(1, row.attempts + 1)
    ]
    return _gone_of(session, receipts, "wamid_key", keys) + _gone_of(session, receipts, "tracker", trackers)
