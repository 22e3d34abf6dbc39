"""Tells a customer, with the bot's first message, that no person answers (EU AI Act, art. 50.1)."""

from copy import deepcopy
from typing import Any

from sqlalchemy import Connection, select

from src.core.models import Author, replies
from src.core.states import ReplyState
from src.messages import phrases
from src.messages.compose import MAX_BODY, MAX_TEXT

_UNSEEN = (ReplyState.FAILED, ReplyState.WITHHELD)


def is_due(session: Connection, conversation_id: int) -> bool:
    """Has the bot sent nothing to this customer yet, as far as is remembered?"""
    r = replies.c
    seen = (r.conversation_id == conversation_id, r.author == Author.BOT, r.state.not_in(_UNSEEN))
    return session.execute(select(r.id).where(*seen).limit(1)).first() is None


def with_notice(
    messages: tuple[dict[str, Any], ...], language: str, name: str | None
) -> list[dict[str, Any]]:
    """The messages with the notice above the first, or before it where the two together were too long for one."""
    notice = phrases.say("notice_of", language).format(name=name) if name else phrases.say("notice", language)
    first = deepcopy(messages[0])
    within, key, most = (
        (first["interactive"]["body"], "text", MAX_BODY)
        if first["type"] == "interactive"
        else (first["text"], "body", MAX_TEXT)
    )
    within[key] = f"{notice}\n\n{within[key]}"
    if len(within[key]) > most:
        return [{"type": "text", "text": {"body": notice, "preview_url": False}}, *messages]
    return [first, *messages[1:]]
