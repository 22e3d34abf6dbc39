"""`released agent`, `faqs`, `numbers`: what the API does, from a shell."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from pydantic import BaseModel, ValidationError

from src.accounts import agents as accounts
from src.accounts.agent_input import AgentChange, AgentInput, FaqsInput
from src.accounts.create import create_agent
from src.accounts.faq_files import read_faqs
from src.accounts.key_holder import OWNER
from src.accounts.numbers import add_number, list_numbers, normalise_number
from src.cli.lazy import Lazy
from src.core import running, schema
from src.core.errors import Invalid, InvalidSettings
from src.core.instance import Instance, exists, open_instance
from src.core.settings import load_settings

Body = TypeVar("Body", bound=BaseModel)
_File = click.Path(exists=True, dir_okay=False, path_type=Path)


@contextmanager
def opened(begin: bool = False) -> Iterator[Instance]:
    """The instance that the environment describes, its schema ours; where there is none, `begin` makes it.

    Else raises `InvalidSettings`: a wrong folder would look like one in which nobody waits.
    """
    settings = load_settings()
    if not begin and not exists(settings):
        raise InvalidSettings(
            f"there is no instance in {settings.released_home}: start one with `released up`, or set RELEASED_HOME to "
            "the folder of one"
        )
    if (port := running.port_of(settings.released_home)) is not None:  # its sandbox is there
        settings = settings.model_copy(update={"port": port})
    instance = open_instance(settings)
    try:
        schema.prepare(instance.database)
        yield instance
    finally:
        instance.close()


def show(answer: Any) -> None:
    """Prints what the API would answer."""
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def _refuse(error: ValidationError) -> NoReturn:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    raise Invalid(f"{field + ': ' if field else ''}{first['msg'].removeprefix('Value error, ')}") from None


def checked(kind: type[Body], **values: Any) -> Body:
    """What was given, as the API takes it. Raises `Invalid`, which names the field."""
    try:
        return kind(**values)
    except ValidationError as error:
        _refuse(error)


_MORE = {
    "handoff": "src.cli.handoff:handoff",
    "versions": "src.cli.versions:versions",
    "publish": "src.cli.versions:publish",
    "rollback": "src.cli.versions:rollback",
    "gate": "src.cli.gate:gate",
    "derive": "src.cli.gate:derive_set",
}


@click.group(cls=Lazy, lazy=_MORE)
def agent() -> None:
    """Agents: make, list, pause, remove."""


@agent.command("add")
@click.argument("phone_number")
@click.option("--faqs", "file", type=_File, required=True, help="JSON, CSV, YAML or plain text.")
@click.option("--name", help="The business's name.")
@click.option("--language", default="es", show_default=True, help="es, pt or en.")
@click.option("--contact", help="Who helps when the bot cannot: a telephone, an address.")
@click.option("--phone-number-id", help="Meta's Phone Number ID, when it is not registered yet.")
def add_agent(
    phone_number: str,
    file: Path,
    name: str | None,
    language: str,
    contact: str | None,
    phone_number_id: str | None,
) -> None:
    """Make an agent for PHONE_NUMBER that answers at once."""
    body = checked(
        AgentInput,
        phone_number=phone_number,
        faqs=read_faqs(file),
        name=name,
        language=language,
        handoff={"contact": contact},
        phone_number_id=phone_number_id,
    )
    with opened(begin=True) as instance:
        show(create_agent(instance, OWNER, body))


@agent.command("list")
def list_agents() -> None:
    """Every agent."""
    with opened() as instance, instance.database.read() as session:
        show(accounts.list_agents(session, OWNER))


@agent.command("show")
@click.argument("agent_id")
def show_agent(agent_id: str) -> None:
    """One agent."""
    with opened() as instance, instance.database.read() as session:
        show(accounts.show_agent(session, OWNER, agent_id))


def _set_paused(agent_id: str, paused: bool) -> None:
    with opened() as instance, instance.database.transaction() as session:
        show(accounts.change_agent(session, OWNER, instance.settings, agent_id, AgentChange(paused=paused)))


@agent.command("pause")
@click.argument("agent_id")
def pause(agent_id: str) -> None:
    """Stop answering; what comes in the meantime waits."""
    _set_paused(agent_id, True)


@agent.command("resume")
@click.argument("agent_id")
def resume(agent_id: str) -> None:
    """Answer again, also what came in the meantime."""
    _set_paused(agent_id, False)


@agent.command("remove")
@click.argument("agent_id")
@click.confirmation_option(prompt="The bot will answer no more at this number. Remove it?")
def remove(agent_id: str) -> None:
    """End an agent and free its number."""
    with opened() as instance, instance.database.transaction() as session:
        accounts.remove_agent(session, OWNER, agent_id)
    click.echo(f"{agent_id} is removed")


@click.group()
def faqs() -> None:
    """FAQs: import a file."""


@faqs.command("import")
@click.argument("agent_id")
@click.argument("file", type=_File)
def import_faqs(agent_id: str, file: Path) -> None:
    """Put the FAQs of FILE (JSON, CSV, YAML, plain text) in the place of the agent's."""
    body = checked(FaqsInput, faqs=read_faqs(file))
    with opened() as instance, instance.database.transaction() as session:
        stored = accounts.replace_faqs(session, OWNER, agent_id, body)
    draft = f", as version {stored['version']}, a draft: compare it by `released agent gate {agent_id}`"
    click.echo(f"{len(stored['faqs'])} FAQs{draft if stored['status'] == 'draft' else ''}")


@click.group()
def numbers() -> None:
    """Business numbers and their Phone Number IDs with Meta."""


def _secret(file: Path | None) -> str | None:
    return None if file is None else file.read_text(encoding="utf-8").strip()


@numbers.command("add")
@click.argument("phone_number")
@click.option("--id", "phone_number_id", required=True, help="Meta's Phone Number ID.")
@click.option("--waba", "waba_id", help="The WhatsApp Business Account's id.")
@click.option("--token-file", type=_File, help="A file with the access token of this number.")
@click.option(
    "--app-secret-file", type=_File, help="A file with the secret of the app that sends its webhooks."
)
def add(
    phone_number: str,
    phone_number_id: str,
    waba_id: str | None,
    token_file: Path | None,
    app_secret_file: Path | None,
) -> None:
    """Register PHONE_NUMBER under the id that Meta gave it."""
    number, warning = normalise_number(phone_number)
    optional = {
        "waba_id": waba_id,
        "access_token": _secret(token_file),
        "app_secret": _secret(app_secret_file),
    }
    with opened(begin=True) as instance, instance.database.transaction() as session:
        add_number(session, number, phone_number_id, **optional)
    if warning:
        click.echo(f"warning: {warning}", err=True)
    click.echo(f"{number} has the id {phone_number_id}")


@numbers.command("list")
def list_all() -> None:
    """Every number."""
    with opened() as instance, instance.database.read() as session:
        for row in list_numbers(session):
            click.echo(f"{row['phone_number']}\t{row['phone_number_id']}\t{row['waba_id'] or ''}")
