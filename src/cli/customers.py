"""`released customers`: what a customer may ask of who runs the bot: all that is held about them, and that it be erased."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from src.accounts.key_holder import OWNER
from src.cli.agents import opened
from src.core.instance import Instance
from src.messages.identity import keys_of
from src.messages.rights import page
from src.messages.rights.collect import Keep, export, inline
from src.messages.rights.erase import erase
from src.messages.rights.headings import HEADINGS

_who = click.argument("customer", metavar="NUMBER_OR_USER_ID")
_ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/amr": "amr",
}


@click.group()
def customers() -> None:
    """A customer's rights: export all that is held about them, erase it."""


@customers.command("export")
@_who
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="An empty or new folder.")
@click.option("--language", type=click.Choice(list(HEADINGS)), help="Of the page; else the agent's.")
@click.option("--json", "as_json", is_flag=True, help="Only the document, here, with files up to 20 MB.")
def export_command(customer: str, out: Path | None, language: str | None, as_json: bool) -> None:
    """Write all that is held about a customer: customer.json, customer.html to read, and media/."""
    if as_json and out is not None:
        raise click.UsageError("--json shows the document here, --out writes it into a folder: choose one")
    with opened() as instance:
        if as_json:
            click.echo(json.dumps(export(instance, OWNER, customer, inline()), ensure_ascii=False))
            return
        folder = _folder(out or _new_name(instance, customer))
        document = export(instance, OWNER, customer, _beside(folder))
    _write(folder, "customer.json", json.dumps(document, ensure_ascii=False, indent=1).encode())
    _write(folder, "customer.html", page.written(document, language or document["language"]).encode())
    said = sum(len(talk["messages"]) + len(talk["replies"]) for talk in document["conversations"])
    click.echo(f"{folder}: {len(document['conversations'])} conversations, {said} messages and replies")


@customers.command("erase")
@_who
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="What the API would answer.")
def erase_command(customer: str, yes: bool, as_json: bool) -> None:
    """Delete all that is held about a customer; who writes again afterwards is new."""
    if not yes:
        click.confirm(
            "All that is held about this customer is deleted, for good. Go on?", abort=True, err=True
        )
    with opened() as instance:
        done = erase(instance, OWNER, customer)
    if as_json:
        click.echo(json.dumps(done, ensure_ascii=False))
        return
    gone = ", ".join(f"{table} {rows}" for table, rows in done["deleted"].items() if rows)
    click.echo(f"Deleted: {gone}")
    for name, why in done["kept"].items():
        click.echo(f"Not in it: {name}, {why}")
    if not done["backups"]:
        click.echo("No backup is known that holds them.")
    for copy in done["backups"]:
        click.echo(f"Still in {copy['file']}, {_state(copy)}; delete it by {_day(copy['delete_by'])}")


def _state(copy: dict[str, Any]) -> str:
    seen = {True: "", False: ", no longer there", None: ", which cannot be seen from here"}
    return f"made {_day(copy['made_at'])}{seen[copy['there']]}"


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _new_name(instance: Instance, customer: str) -> Path:
    """A name that tells nobody whose it is."""
    return Path(f"customer-{keys_of(instance.keyring, customer).first.hex()[:8]}")


def _folder(path: Path) -> Path:
    try:
        full = path.exists() and any(path.iterdir())
    except OSError as error:
        raise click.ClickException(
            f"{path} cannot be used ({error.strerror}): name another with --out"
        ) from None
    if full:
        raise click.ClickException(f"{path} is not empty: name another folder with --out")
    return path


def _beside(folder: Path) -> Keep:
    """Files beside the page, of whatever size; only a known kind of picture or sound keeps its ending."""

    def keep(message_id: int, mime: str | None, content: bytes) -> dict[str, Any]:
        ending = _ENDINGS.get((mime or "").split(";")[0].strip(), "bin")
        name = f"media/m{message_id}.{ending}"
        _write(folder, name, content)
        return {"file": name}

    return keep


def _write(folder: Path, name: str, content: bytes) -> None:
    """A new file, for this user alone, in a folder that is."""
    path = folder / name
    try:
        for one in (folder, path.parent):
            one.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written ({error.strerror})") from None
