"""`/conversation`: people beside the bot."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, StringConstraints

from src.accounts.idempotency import remember, remembered
from src.api.dependencies import ApiKey, IdempotencyKey, Ring, TheInstance
from src.core.states import Holder
from src.messages import conversations, handoff

router = APIRouter(prefix="/conversation", tags=["conversations"], dependencies=[ApiKey])


class ReplyInput(BaseModel):
    """A person's words to the customer."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_096)]


@router.get("")
def list_all(
    instance: TheInstance, holder: Holder | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> dict[str, Any]:
    """Conversations, those that wait for a person first."""
    with instance.database.read() as session:
        return {"conversations": conversations.list_conversations(session, holder, limit)}


@router.get("/{conversation_id}")
def show(instance: TheInstance, conversation_id: int) -> dict[str, Any]:
    """One conversation with its messages."""
    with instance.database.read() as session:
        return conversations.show_conversation(session, conversation_id)


@router.post("/{conversation_id}/takeover")
def take_over(instance: TheInstance, conversation_id: int) -> dict[str, Any]:
    """A person takes the conversation; the bot is silent from now on."""
    with instance.database.transaction() as session:
        handoff.take_over(session, conversation_id)
    return {"status": "ok", "holder": Holder.PERSON}


@router.post("/{conversation_id}/reply", status_code=201)
def reply(
    instance: TheInstance,
    ring: Ring,
    conversation_id: int,
    body: ReplyInput,
    key: IdempotencyKey = None,
) -> dict[str, Any]:
    """Sends a person's words; takes the conversation over. With an Idempotency-Key a repetition sends nothing."""
    request = f"{conversation_id} {body.text}"
    with instance.database.transaction() as session:
        if (before := remembered(session, instance.keyring, key, request)) is not None:
            return before
        answer = {"reply_id": f"r{handoff.reply(session, conversation_id, body.text)}", "status": "queued"}
        remember(session, instance.keyring, key, request, answer)
    ring()
    return answer


@router.post("/{conversation_id}/release")
def release(instance: TheInstance, ring: Ring, conversation_id: int) -> dict[str, Any]:
    """Gives the conversation back to the bot, which answers what is still open."""
    with instance.database.transaction() as session:
        handoff.release(session, conversation_id)
    ring()
    return {"status": "ok", "holder": Holder.BOT}
