"""All that an instance holds about one customer, as one document."""

import base64
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Table, and_, or_, select

from src.accounts.backup.record import known
from src.accounts.key_holder import KeyHolder
from src.accounts.versions import load_config
from src.core import audit
from src.core.brain_tables import spending
from src.core.conversation_tables import actions, alerts, media, notes
from src.core.database import AnyRow, now_ms
from src.core.instance import Instance
from src.core.models import messages, receipts, replies, turns
from src.messages import opt_out
from src.messages.rights import traces
from src.messages.rights.headings import tag_of
from src.messages.rights.person import Person, agent_of, find_person, spent_by

FORMAT = "released-customer/1"
INLINE_MB = 20  # of all files together, in a document that carries them in itself
ELSEWHERE = {
    "seen": "keyed hashes by which a message that WhatsApp repeats is known, for 30 days: nothing can be read from them",
    "usage": "calls, tokens and cost of a day and agent: sums without a customer",
    "cached_answer": "what the bot answered to a question, by a keyed hash of the question: not whose question it was",
    "backup": "sealed copies of the whole instance, named under `backups`: they cannot be searched",
    "outside": "what WhatsApp (Meta), the model's provider, the owner's tools and e-mails have been given is theirs to tell",
}
Json = dict[str, Any]
# What becomes of a file's bytes: the document's `content` of it. Takes the message's id, type and bytes.
Keep = Callable[[int, str | None, bytes], Json]


def inline() -> Keep:
    """Files in the document itself, in base64, up to 20 MB together; of the others only size and type are told."""
    left = INLINE_MB * 1_000_000

    def keep(_id: int, _mime: str | None, content: bytes) -> Json:
        nonlocal left
        if len(content) > left:
            return {
                "left_out": f"with it the files were more than {INLINE_MB} MB: `released customers export` has it"
            }
        left -= len(content)
        return {"base64": base64.b64encode(content).decode()}

    return keep


def export(instance: Instance, key_holder: KeyHolder, written: str, keep: Keep) -> Json:
    """The document about the customer with this number or user id; the reading is in the audit log before it begins.

    Every column but keyed hashes is in it, times in ms since 1970. Raises `CustomerNotFound`, `Invalid`.
    """
    with instance.database.transaction() as session:
        person = find_person(session, instance.keyring, key_holder, written)
        audit.note(session, "exported", audit.of_customer(person.key))
    with instance.database.read() as session:
        person = find_person(session, instance.keyring, key_holder, written)
        return _collect(session, instance, key_holder, person, keep)


def _collect(
    session: Connection, instance: Instance, key_holder: KeyHolder, person: Person, keep: Keep
) -> Json:
    everywhere = key_holder.tenant is None
    return {
        "format": FORMAT,
        "made_at": session.execute(select(now_ms())).scalar_one(),
        "language": _language(session, person),
        "retention_days": instance.settings.retention_days,
        "customers": [row.customer for row in person.rows],
        "conversations": [_conversation(session, row, keep) for row in person.rows],
        "alerts_to_people": [_row(row) for row in traces.alerts_about(session, person)],
        "notices": [_row(row) for row in traces.notices_about(session, person, everywhere)],
        "spending": _spent(session, person),
        "audit": _audited(session, person, everywhere),
        "backups": known(session, instance.settings, key_holder),
        "elsewhere": ELSEWHERE,
    }


def _language(session: Connection, person: Person) -> str:
    """Which language the agent speaks to whom they wrote last; Spanish where it was removed."""
    newest = max(person.rows, key=lambda row: row.last_at)
    agent = agent_of(session, newest)
    return tag_of("es" if agent is None else load_config(session, agent.id, agent.version).language)


def _conversation(session: Connection, row: AnyRow, keep: Keep) -> Json:
    agent = agent_of(session, row)
    return {
        **_row(row),
        "agent_id": None if agent is None else agent.id,
        "opted_out_at": opt_out.since(session, row.id),
        "messages": [_message(session, one, keep) for one in _rows(session, messages, row.id)],
        "turns": _all(session, turns, row.id),
        "replies": _replies(session, row.id),
        "actions": _all(session, actions, row.id),
        "notes": _all(session, notes, row.id),
        "alerts": _all(session, alerts, row.id),
    }


def _message(session: Connection, row: AnyRow, keep: Keep) -> Json:
    found = session.execute(select(media).where(media.c.message_id == row.id)).first()
    if found is None:
        return {**_row(row), "media": None}
    kept = {} if found.content is None else keep(row.id, found.mime, found.content)
    return {**_row(row), "media": {**_row(found), **kept}}


def _replies(session: Connection, conversation_id: int) -> list[Json]:
    """What was sent, or was to be, each with what WhatsApp told of it."""
    rows = _rows(session, replies, conversation_id)
    keys = [row.wamid_key for row in rows if row.wamid_key is not None]
    told = session.execute(
        select(receipts).where(receipts.c.wamid_key.in_(keys)).order_by(receipts.c.id)
    ).all()
    return [
        {**_row(row), "receipts": [_row(one) for one in told if one.wamid_key == row.wamid_key]}
        for row in rows
    ]


def _audited(session: Connection, person: Person, everywhere: bool) -> list[Json]:
    """What is written in the audit log about their conversations; ids may have been another's before they began."""
    c = audit.entries.c
    about = [and_(c.object == audit.of_conversation(row.id), c.at >= row.created_at) for row in person.rows]
    if everywhere:
        about.append(c.object.in_([audit.of_customer(key) for key in {person.key, *person.keys}]))
    rows = session.execute(select(c.at, c.actor, c.action, c.object).where(or_(*about)).order_by(c.number))
    return [dict(row._mapping) for row in rows]


def _spent(session: Connection, person: Person) -> list[Json]:
    """What their days have cost; the scope is a keyed hash of theirs and stays out."""
    c = spending.c
    found = select(c.period, c.calls, c.cost).where(spent_by(session, person)).order_by(c.period)
    return [dict(row._mapping) for row in session.execute(found)]


def _rows(session: Connection, table: Table, conversation_id: int) -> list[AnyRow]:
    here = table.c.conversation_id == conversation_id
    return list(session.execute(select(table).where(here).order_by(table.c.id)).all())


def _all(session: Connection, table: Table, conversation_id: int) -> list[Json]:
    return [_row(row) for row in _rows(session, table, conversation_id)]


def _row(row: AnyRow) -> Json:
    """A row's columns without its keyed hashes and bytes; a column that is added later is in it too."""
    return {name: value for name, value in row._mapping.items() if not isinstance(value, bytes | memoryview)}
