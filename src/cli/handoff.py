"""`released agent handoff`: who is behind an agent, and how they are told, from a shell."""

from typing import Any

import click

from src.accounts import agents as accounts
from src.accounts.agent_input import AgentChange
from src.accounts.handoff_input import HandoffInput
from src.accounts.key_holder import OWNER
from src.cli.agents import checked, opened, show

_FIELDS = ("contact", "when", "webhook", "webhook_secret", "email", "whatsapp", "return_minutes")


@click.command("handoff")
@click.argument("agent_id")
@click.option("--contact", help="What customers are told at a hand-off: a telephone, an address.")
@click.option("--when", help="For what a person is wanted, parted by commas.")
@click.option("--webhook", help="An https address that gets a signed POST.")
@click.option("--email", help="An address that gets a letter.")
@click.option("--whatsapp", help="The telephone of a person, who has written to the bot's number.")
@click.option("--return-minutes", type=int, help="Back to the bot after so much silence of your people.")
@click.option("--without", multiple=True, type=click.Choice(_FIELDS), help="Take this away.")
def handoff(agent_id: str, without: tuple[str, ...], **given: Any) -> None:
    """Say who is told when a customer needs a person; what is not named stays."""
    named = {field: value for field, value in given.items() if value is not None}
    body = checked(HandoffInput, **{**named, **dict.fromkeys(without)})
    with opened() as instance, instance.database.transaction() as session:
        change = AgentChange(handoff=body)
        show(accounts.change_agent(session, OWNER, instance.settings, agent_id, change))
