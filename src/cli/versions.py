"""`released agent versions`, `publish`, `rollback`: what was changed, and which of it is live."""

import click

from src.accounts import versions as accounts
from src.accounts.agents import show_agent
from src.accounts.key_holder import OWNER
from src.cli.agents import opened, show

_VERSION = click.argument("version", type=click.IntRange(1, 2**31 - 1), required=False)


@click.command("versions")
@click.argument("agent_id")
def versions(agent_id: str) -> None:
    """What was changed and when, which version is live, which is a draft."""
    with opened() as instance, instance.database.read() as session:
        show(accounts.list_versions(session, OWNER, agent_id))


@click.command("publish")
@click.argument("agent_id")
@_VERSION
@click.option("--anyway", is_flag=True, help="Also when it was not compared with what is live, or is worse.")
def publish(agent_id: str, version: int | None, anyway: bool) -> None:
    """Make a draft live: the open one, or VERSION."""
    with opened() as instance, instance.database.transaction() as session:
        accounts.publish(session, OWNER, agent_id, version, anyway)
        show(show_agent(session, OWNER, agent_id))


@click.command("rollback")
@click.argument("agent_id")
@_VERSION
def rollback(agent_id: str, version: int | None) -> None:
    """Make what was live before live again, or VERSION, under a new number."""
    with opened() as instance, instance.database.transaction() as session:
        accounts.roll_back(session, OWNER, agent_id, version)
        show(show_agent(session, OWNER, agent_id))
