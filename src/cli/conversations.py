"""`released conversations`: who waits for a person, what was said, and what a person does about it."""

import json
from typing import Any

import click
from sqlalchemy import select

from src.accounts.key_holder import OWNER
from src.cli import spoken
from src.cli.agents import opened
from src.core import audit
from src.core.database import now_ms
from src.core.states import Holder
from src.core.visible import clean
from src.messages import handoff
from src.messages.conversations import Page, list_conversations
from src.messages.search import Search
from src.messages.search import note as note_search
from src.messages.transcript import show_conversation

_id = click.argument("conversation_id", type=click.IntRange(1, 2**63 - 1))
_day = click.DateTime(["%Y-%m-%d"])
_json = click.option("--json", "as_json", is_flag=True, help="What the API would answer.")


@click.group()
def conversations() -> None:
    """Conversations: list, read, take over, reply, note, give back."""


@conversations.command("list")
@click.option("--holder", type=click.Choice([holder.value for holder in Holder]), help="Only these.")
@click.option("--agent", "agent_id", help="Only this agent's.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@click.option("--after", help="The next page: what --json gave as `next`.")
@click.option("--customer", help="Only this one's: a number with its country's code, or a user id.")
@click.option("--name", help="Whose name has words that begin like these; with --agent.")
@click.option("--text", help="Where either side has said these words; with --agent.")
@click.option("--since", type=_day, help="Not what had ended before this day (UTC).")
@click.option("--until", type=_day, help="Not what began after this day (UTC).")
@_json
def list_all(
    holder: str | None, agent_id: str | None, limit: int, after: str | None, as_json: bool, **given: Any
) -> None:
    """Those that wait for a person first, the longest waiting before."""
    days = {name: day and day.date() for name, day in given.items() if name in ("since", "until")}
    asked = Search(**(given | days))
    page = Page(limit, None if holder is None else Holder(holder), agent_id, after, asked)
    with opened() as instance:
        with instance.database.read() as session:
            found = list_conversations(session, OWNER, page)
            now: int = session.execute(select(now_ms())).scalar_one()
        with instance.database.transaction() as session:
            note_search(session, asked, agent_id)
    if as_json:
        _print(found)
        return
    for line in spoken.table(found["conversations"], now):
        click.echo(line)
    if found["next"]:
        click.echo(f"more: --after {found['next']}")


@conversations.command("show")
@_id
@_json
def show(conversation_id: int, as_json: bool) -> None:
    """Read one: what was said, what people noted, who was told."""
    with opened() as instance, instance.database.transaction() as session:
        found = show_conversation(session, OWNER, conversation_id)
        audit.note(session, "read", audit.of_conversation(conversation_id))
        now: int = session.execute(select(now_ms())).scalar_one()
    if as_json:
        _print(found)
        return
    for line in spoken.transcript(found, now):
        click.echo(line)


@conversations.command("takeover")
@_id
def take_over(conversation_id: int) -> None:
    """Take it: the bot is silent from now on."""
    with opened() as instance, instance.database.transaction() as session:
        handoff.take_over(session, OWNER, conversation_id)
    click.echo(f"conversation {conversation_id} is a person's; give it back with `release`")


@conversations.command("reply")
@_id
@click.argument("text")
@click.option("--key", help="With the same key again, nothing is sent again.")
def reply(conversation_id: int, text: str, key: str | None) -> None:
    """Send TEXT to the customer; takes the conversation over."""
    words = _words(text, "TEXT")
    with opened() as instance, instance.database.transaction() as session:
        answer = handoff.reply(session, instance.keyring, OWNER, conversation_id, words, key)
    click.echo(f"{answer['reply_id']} is {answer['status']}")


@conversations.command("note")
@_id
@click.argument("text")
def note(conversation_id: int, text: str) -> None:
    """Keep TEXT for other people; the customer never sees it."""
    words = _words(text, "TEXT")
    with opened() as instance, instance.database.transaction() as session:
        handoff.add_note(session, OWNER, conversation_id, words)
    click.echo(f"noted at conversation {conversation_id}")


@conversations.command("release")
@_id
def release(conversation_id: int) -> None:
    """Give it back to the bot, which answers what is still open."""
    with opened() as instance, instance.database.transaction() as session:
        handoff.release(session, OWNER, conversation_id)
    click.echo(f"conversation {conversation_id} is the bot's again")


def _words(text: str, name: str) -> str:
    words = clean(text).strip()
    if not 1 <= len(words) <= handoff.MAX_WORDS:
        raise click.BadParameter(
            f"must have 1 to {handoff.MAX_WORDS:,} characters that can be seen", param_hint=name
        )
    return words


def _print(answer: dict[str, Any]) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False))
