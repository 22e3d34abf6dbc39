"""The demonstration: a bakery that answers at once, on the first start of a sandbox."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import orjson
from sqlalchemy.exc import SQLAlchemyError

from src.accounts.agent_input import AgentInput
from src.accounts.agents import agents_ever
from src.accounts.create import create_agent
from src.accounts.key_holder import OWNER
from src.core.errors import MetaError, Refusal
from src.core.instance import Instance

log = logging.getLogger(__name__)

_DEMO = Path(__file__).with_name("demo.json")


def demo_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option by which an instance that is somebody's begins without the demonstration."""
    return click.option(
        "--demo/--no-demo",
        default=True,
        show_default=True,
        envvar="RELEASED_DEMO",
        show_envvar=True,
        help="Whether a sandbox begins with a bakery that answers at once.",
    )(command)


def make_demo(instance: Instance) -> None:
    """The bakery's agent, unless the instance has or had one."""
    try:
        with instance.database.read() as session:
            if agents_ever(session):
                return
        create_agent(instance, OWNER, AgentInput.model_validate(orjson.loads(_DEMO.read_bytes())))
    except (Refusal, MetaError, SQLAlchemyError):
        log.exception("demo_failed")
