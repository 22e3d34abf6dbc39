"""`released clients add`: from a name and a number to an instance that answers, in steps that may be repeated."""

import json
import re
import stat
import sys
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from src.accounts.agent_input import AgentInput
from src.accounts.faq_files import read_faqs
from src.accounts.numbers import normalise_number
from src.cli.clients.door import Door
from src.cli.clients.folder import NAME, Client, Trouble, home, only_one, private, read_env
from src.cli.clients.report import report
from src.cli.clients.reserve import OURS, Wanted, reserve
from src.cli.clients.runners import kind_here, start
from src.cli.clients.strict import Misuse, Strict
from src.core.errors import Invalid

_STARTER = Path(__file__).with_name("starter.json")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")
_META_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@click.command(cls=Strict)
@click.argument("name")
@click.argument("phone_number", metavar="+PHONE")
@click.option(
    "--faqs", type=click.Path(path_type=Path), help="JSON, CSV or YAML; without it, a few to be replaced."
)
@click.option("--phone-number-id", help="Meta's Phone Number ID of a real number.")
@click.option(
    "--env",
    type=click.Path(path_type=Path),
    help="A file with the client's real settings (Meta's, OpenAI's).",
)
@click.option("--embedded", is_flag=True, help="Without Docker: one process over SQLite.")
@click.option(
    "--port", type=click.IntRange(1024, 65535), help="On this machine's loopback; without it, a free one."
)
@click.option("--domain", help="The name under which Meta and people reach it over HTTPS.")
def add(
    name: str,
    phone_number: str,
    faqs: Path | None,
    phone_number_id: str | None,
    env: Path | None,
    embedded: bool,
    port: int | None,
    domain: str | None,
) -> None:
    """Make, start and fill an instance for the client NAME. May be repeated, and completes what was cut off."""
    number = _check_words(name, phone_number, phone_number_id, domain)
    values = _values(env, phone_number_id)
    body = _agent(number, faqs)
    client = Client(name)
    wanted = Wanted(number, embedded, kind_here(embedded), port, domain, values)
    private(home())
    reserve(client, wanted)
    with only_one(client.folder):
        _provision(client, body)
    report(client)


def _check_words(name: str, phone_number: str, phone_number_id: str | None, domain: str | None) -> str:
    """The number as E.164. Raises `Misuse`."""
    if not NAME.fullmatch(name):
        raise Misuse(
            f"NAME {name!r} must be 1 to 31 small letters, digits and hyphens, beginning with no hyphen, such as bakery"
        )
    if name == "edge":
        raise Misuse("NAME edge is taken: the proxy that all clients share has it; choose another")
    try:
        number, warning = normalise_number(phone_number)
    except Invalid:
        raise Misuse(
            f"+PHONE {phone_number!r} must be + and country code, then 7 to 15 digits in all, such as +34600000147"
        ) from None
    if warning:
        click.echo(f"warning: {warning}", err=True)
    if phone_number_id is not None and not _META_ID.fullmatch(phone_number_id):
        raise Misuse("--phone-number-id must be Meta's id of the number, such as 106540352242922")
    if domain is not None and not _HOST.fullmatch(domain):
        raise Misuse(f"--domain {domain!r} must be a host's name in small letters, such as bot.example.com")
    return number


def _values(env: Path | None, phone_number_id: str | None) -> dict[str, str]:
    """The client's real settings: of the file, what a client may decide and what is no example."""
    found: dict[str, str] = {}
    if env is not None:
        found = {key: value for key, value in read_env(env).items() if value}
        if env.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            click.echo(f"warning: {env} holds secrets and others may read it: chmod 600 {env}", err=True)
        if left := sorted(OURS & found.keys()):
            click.echo(f"note: left out of {env}, each client has its own: {', '.join(left)}", err=True)
    values = {key: value for key, value in found.items() if key not in OURS}
    return {**values, "PHONE_NUMBER_ID": phone_number_id} if phone_number_id else values


def _agent(number: str, faqs: Path | None) -> dict[str, Any]:
    """What `POST /agent` gets: the file's FAQs, or a few that say what they are. Raises `Misuse`, `Invalid`."""
    body: dict[str, Any] = {"phone_number": number}
    if faqs is None:
        body |= json.loads(_STARTER.read_bytes())
    else:
        try:
            body["faqs"] = read_faqs(faqs)
        except OSError as error:
            raise Misuse(f"--faqs {faqs} cannot be read ({error.strerror})") from None
        except Invalid as error:
            raise Trouble(f"{faqs}: {error.detail}") from None
    try:
        AgentInput.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise Trouble(f"{faqs}: {first['msg'].removeprefix('Value error, ')}") from None
    return body


def _provision(client: Client, body: dict[str, Any]) -> None:
    _say(f"{client.name}: settings and secrets are in {client.env_file}")
    _say(f"{client.name}: starting")
    start(client)
    door = Door(client)
    if not any(agent["phone_number"] == body["phone_number"] for agent in door.agents()):
        _say(f"{client.name}: making the agent of {body['phone_number']}")
        door.add_agent({**body, **_number_id(client)})
    if trouble := door.check_answers():
        raise Trouble(f"{client.name}: {trouble}")


def _number_id(client: Client) -> dict[str, str]:
    """The Phone Number ID of a real number; the sandbox gives its own."""
    settings = client.settings()
    if settings.sandbox_mode or not settings.phone_number_id:
        return {}
    return {"phone_number_id": settings.phone_number_id}


def _say(step: str) -> None:
    click.echo(step)
    sys.stdout.flush()
