"""`/conversation`: people beside the bot."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, StringConstraints

from src.api.dependencies import (
    ConversationsRead,
    ConversationsWrite,
    IdempotencyKey,
    Ring,
    TheInstance,
    WordId,
)
from src.api.routes import ScopedRoute, refused_by
from src.core import audit
from src.core.errors import AgentNotFound, ConversationNotFound, KeyReused, OptedOut, WindowClosed
from src.core.states import Holder
from src.core.visible import Seen
from src.messages import conversations, handoff, identity, search
from src.messages.conversations import Page
from src.messages.search import Search
from src.messages.transcript import show_conversation

router = APIRouter(prefix="/conversation", tags=["conversations"], route_class=ScopedRoute)

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=handoff.MAX_WORDS), Seen
]


Wanted = Annotated[str | None, Query(max_length=identity.LONGEST)]
Name = Annotated[
    str | None,
    Query(
        min_length=search.SHORTEST,
        max_length=search.LONGEST,
        description="words with which words of the customer's name begin; needs `agent`",
    ),
]
Said = Annotated[
    str | None,
    Query(
        min_length=search.SHORTEST,
        max_length=search.LONGEST,
        description="what either side has said, word for word but for case and accents; needs `agent`",
    ),
]


class ReplyInput(BaseModel):
    """A person's words to the customer."""

    text: Words


class NoteInput(BaseModel):
    """A person's words for other people; the customer never sees them."""

    text: Words


@router.get("", responses=refused_by(AgentNotFound))
def list_all(
    key_holder: ConversationsRead,
    instance: TheInstance,
    holder: Holder | None = None,
    agent: WordId | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    after: Annotated[str | None, Query(max_length=60)] = None,
    customer: Wanted = None,
    name: Name = None,
    text: Said = None,
    since: date | None = None,
    until: date | None = None,
) -> dict[str, Any]:
    """Conversations, those that wait for a person first; `after` takes the `next` of the page before.

    `name` and `text` are looked for within one agent: each is opened.
    """
    asked = Search(customer, name, text, since, until)
    with instance.database.read() as session:  # a search opens much: nobody's writing waits for it
        found = conversations.list_conversations(
            session, key_holder, Page(limit, holder, agent, after, asked)
        )
    with instance.database.transaction() as session:
        search.note(session, asked, agent)
    return found


@router.get("/{conversation_id}")
def show(key_holder: ConversationsRead, instance: TheInstance, conversation_id: Id) -> dict[str, Any]:
    """One conversation: what was said and why, what people noted, who was told."""
    with instance.database.transaction() as session:
        found = show_conversation(session, key_holder, conversation_id)
        audit.note(session, "read", audit.of_conversation(conversation_id))
    return found


@router.post("/{conversation_id}/takeover")
def take_over(key_holder: ConversationsWrite, instance: TheInstance, conversation_id: Id) -> dict[str, Any]:
    """A person takes the conversation; the bot is silent from now on."""
    with instance.database.transaction() as session:
        handoff.take_over(session, key_holder, conversation_id)
    return {"status": "ok", "holder": Holder.PERSON}


@router.post(
    "/{conversation_id}/reply",
    status_code=201,
    responses=refused_by(ConversationNotFound, KeyReused, OptedOut, WindowClosed),
)
def reply(
    key_holder: ConversationsWrite,
    instance: TheInstance,
    ring: Ring,
    conversation_id: Id,
    body: ReplyInput,
    key: IdempotencyKey = None,
) -> dict[str, Any]:
    """Sends a person's words; takes the conversation over. With an Idempotency-Key a repetition sends nothing."""
    with instance.database.transaction() as session:
        answer = handoff.reply(session, instance.keyring, key_holder, conversation_id, body.text, key)
    ring()
    return answer


@router.post("/{conversation_id}/note", status_code=201)
def note(
    key_holder: ConversationsWrite, instance: TheInstance, conversation_id: Id, body: NoteInput
) -> dict[str, Any]:
    """Keeps a note for other people; who has the conversation stays as it is."""
    with instance.database.transaction() as session:
        return {"note_id": handoff.add_note(session, key_holder, conversation_id, body.text), "status": "ok"}


@router.post("/{conversation_id}/release")
def release(
    key_holder: ConversationsWrite, instance: TheInstance, ring: Ring, conversation_id: Id
) -> dict[str, Any]:
    """Gives the conversation back to the bot, which answers what is still open."""
    with instance.database.transaction() as session:
        handoff.release(session, key_holder, conversation_id)
    ring()
    return {"status": "ok", "holder": Holder.BOT}
