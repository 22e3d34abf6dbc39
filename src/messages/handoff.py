"""Hands a conversation to a person and back; while a person has it, the bot is silent."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from src.accounts.idempotency import remember, remembered
from src.accounts.key_holder import OWNER, KeyHolder
from src.core import audit
from src.core.conversation_tables import notes
from src.core.database import AnyRow, now_ms
from src.core.errors import ConversationNotFound, OptedOut, WindowClosed
from src.core.keyring import Keyring
from src.core.models import Author, conversations, messages, replies
from src.core.states import Holder, MessageState, ReplyState, move
from src.core.telemetry import HANDOFFS
from src.messages import opt_out, window
from src.messages.actions import actions
from src.messages.conversations import seen_by
from src.messages.people.alerts import raise_alerts
from src.messages.queue import queue_replies

MAX_WORDS = 4_096  # Meta, "Text messages": characters of text.body


def begin_waiting(session: Connection, conversation_id: int, reason: str) -> None:
    """The conversation waits for a person, and the owner's people are told; what the bot has queued still goes.

    Where one waits already it only learns the newer reason; where a person has it, nothing changes.
    """
    c = conversations.c
    begun = session.execute(
        update(conversations)
        .where(c.id == conversation_id, c.holder == Holder.BOT)
        .values(holder=Holder.WAITING, reason=reason, held_at=now_ms())
        .returning(c.held_at)
    ).scalar()
    if begun is None:
        waits = (c.id == conversation_id, c.holder == Holder.WAITING)
        session.execute(update(conversations).where(*waits).values(reason=reason))
        return
    HANDOFFS.labels(reason).inc()
    raise_alerts(session, conversation_id, begun, reason)


def call_person(session: Connection, conversation_id: int, reason: str) -> None:
    """As `begin_waiting`, and withholds what the bot still wanted to send."""
    begin_waiting(session, conversation_id, reason)
    withhold(session, conversation_id, reason)


def withhold(session: Connection, conversation_id: int, reason: str) -> None:
    """What the bot still wanted to send does not go."""
    c = replies.c
    queued = session.execute(
        select(c.id).where(
            c.conversation_id == conversation_id, c.state == ReplyState.QUEUED, c.author == Author.BOT
        )
    )
    move(session, replies, list(queued.scalars()), ReplyState.QUEUED, ReplyState.WITHHELD, reason=reason)


def take_over(session: Connection, key_holder: KeyHolder, conversation_id: int) -> None:
    """A person has the conversation: from this commit on, no send of the bot starts, and no tool that it asked about.

    Safe to call twice.
    """
    _lock(session, key_holder, conversation_id)
    session.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(holder=Holder.PERSON, reason=None, held_at=now_ms())
    )
    withhold(session, conversation_id, "a person took over")
    actions.end_open(session, conversation_id)
    audit.note(session, "taken over", audit.of_conversation(conversation_id))


def release(session: Connection, key_holder: KeyHolder, conversation_id: int) -> None:
    """Gives the conversation back to the bot, which answers what is still open. Safe to call twice."""
    if _lock(session, key_holder, conversation_id).holder == Holder.PERSON:
        # What the bot had begun to send when the person came, and Meta has put off since.
        withhold(session, conversation_id, "a person took over")
    c = messages.c
    open_since = session.execute(
        select(c.received_at)
        .where(c.conversation_id == conversation_id, c.state == MessageState.RECEIVED)
        .order_by(c.id)
        .limit(1)
    ).scalar()
    session.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(
            holder=Holder.BOT,
            reason=None,
            held_at=None,
            failures=0,
            misses=0,
            unanswered_since=open_since,
            due_at=now_ms() if open_since is not None else None,
        )
    )
    audit.note(session, "released", audit.of_conversation(conversation_id))


def release_untouched(session: Connection, conversation_id: int, held_at: int) -> bool:
    """Releases the conversation unless somebody has touched it since `held_at`; True when it is the bot's again."""
    if _lock(session, OWNER, conversation_id).held_at != held_at:
        return False
    release(session, OWNER, conversation_id)
    return True


def reply(
    session: Connection,
    keyring: Keyring,
    key_holder: KeyHolder,
    conversation_id: int,
    text: str,
    key: str | None,
) -> dict[str, Any]:
    """Queues a person's words and takes over: {reply_id, status}; what was open counts as answered.

    The same `key` again sends nothing and gets the same answer. Raises `WindowClosed`: after 24 h of silence
    WhatsApp takes only templates; `OptedOut`, `KeyReused`, `ConversationNotFound`.
    """
    row = _lock(session, key_holder, conversation_id)
    request = f"{conversation_id} {text}"
    if (before := remembered(session, keyring, key_holder, key, request)) is not None:
        return before
    if (said_at := opt_out.since(session, conversation_id)) is not None:
        raise _opted_out(said_at)
    now: int = session.execute(select(now_ms())).scalar_one()
    if not window.is_open(row.last_inbound_at, now):
        raise _closed(row.last_inbound_at)
    answer = {"reply_id": f"r{_queue(session, key_holder, conversation_id, text, now)}", "status": "queued"}
    remember(session, keyring, key_holder, key, request, answer)
    audit.note(session, "replied", audit.of_conversation(conversation_id), after=[answer["reply_id"], text])
    return answer


def _closed(last_inbound_at: int | None) -> WindowClosed:
    closed_at = window.closes_at(last_inbound_at)
    if closed_at is None:
        return WindowClosed("the customer has never written: WhatsApp takes only templates until they do")
    return WindowClosed(
        f"the window closed at {_clock(closed_at)}, 24 hours (less five minutes) after the customer last wrote: WhatsApp takes "
        "only templates until they write again; reach them another way, or wait and reply then",
        window_closes_at=closed_at,
    )


def _opted_out(said_at: int) -> OptedOut:
    return OptedOut(
        f"the customer wrote at {_clock(said_at)} that they want nothing more from here: write when they write again",
        opted_out_at=said_at,
    )


def _clock(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _queue(session: Connection, key_holder: KeyHolder, conversation_id: int, text: str, now: int) -> int:
    take_over(session, key_holder, conversation_id)
    c = messages.c
    for state in (MessageState.RECEIVED, MessageState.EXPIRED):
        found = session.execute(select(c.id).where(c.conversation_id == conversation_id, c.state == state))
        move(session, messages, list(found.scalars()), state, MessageState.ANSWERED)
    session.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(due_at=None, unanswered_since=None, last_at=now)
    )
    content = {"type": "text", "text": {"body": text, "preview_url": False}}
    return queue_replies(session, conversation_id, None, Author.PERSON, [content], now, now)[0]


def add_note(session: Connection, key_holder: KeyHolder, conversation_id: int, text: str) -> int:
    """Keeps a person's words for other people and returns the note's id; the customer never sees them."""
    _lock(session, key_holder, conversation_id)
    row = {"conversation_id": conversation_id, "text": text, "created_at": now_ms()}
    note_id: int = session.execute(insert(notes).values(row).returning(notes.c.id)).scalar_one()
    audit.note(session, "noted", audit.of_conversation(conversation_id), after=[note_id, text])
    return note_id


def _lock(session: Connection, key_holder: KeyHolder, conversation_id: int) -> AnyRow:
    mine = (conversations.c.id == conversation_id, *seen_by(key_holder))
    statement = select(conversations).where(*mine).with_for_update()
    row = session.execute(statement).first()
    if row is None:
        raise ConversationNotFound(
            f"no conversation has the id {conversation_id}; GET /conversation lists them"
        )
    return row
