"""`released replay`: what another version would have said to the customers of the last days."""

import re
import time
from pathlib import Path
from typing import Any

import click

from evals.page import write_report
from evals.progress import Progress
from evals.replay import LeftOut, Replayed, as_content, as_page
from src.accounts import versions
from src.accounts.key_holder import OWNER
from src.cli.agents import opened
from src.cli.thinking import thinking
from src.core.agent_config import AgentConfig
from src.core.errors import Invalid, VersionNotReady
from src.core.instance import Instance
from src.messages.past import recall, turns_since
from src.messages.words import cut

_SHOWN = 10  # turns of each change in the terminal
_WIDTH = 150
_NUMBER = re.compile(r"[1-9]\d{0,8}", re.ASCII)


@click.command("replay")
@click.argument("agent_id")
@click.option("--version", metavar="N|draft", help="Which one; the open draft, or what is live, when absent.")
@click.option(
    "--days", default=14, show_default=True, type=click.IntRange(1, 3650), help="Turns of the last days."
)
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1), help="The last so many.")
@click.option(
    "--report", "folder", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
    help="Write report.json and a page there; they hold what customers wrote.",
)  # fmt: skip
@click.option("--model", is_flag=True, help="Ask the model, one question a second; it costs money.")
def replay(
    agent_id: str, version: str | None, days: int, limit: int, folder: Path | None, model: bool
) -> None:
    """Answer the last days' turns of an agent again, and show what would change. Nothing is sent."""
    with opened() as instance:
        number, config = _wanted(instance, agent_id, version)
        replayed, left_out = _replayed(instance, agent_id, config, days, limit, model)
    content = as_content(replayed, config, number, left_out)
    if folder is not None:
        click.echo(f"report: {write_report(folder, content, as_page(content))}", err=True)
    click.echo(_told(content))


def _wanted(instance: Instance, agent_id: str, version: str | None) -> tuple[int, AgentConfig]:
    with instance.database.read() as session:
        live = versions.row_of(session, OWNER, agent_id).version
        draft = versions.open_draft(session, agent_id)
        if version == "draft" and draft is None:
            raise VersionNotReady(f"{agent_id} has no draft: version {live} is live")
        if version not in (None, "draft") and not _NUMBER.fullmatch(version):
            raise Invalid("--version is a number, or the word draft")
        number = draft or live if version in (None, "draft") else int(version)
        return number, versions.load_config(session, agent_id, number)


def _replayed(
    instance: Instance, agent_id: str, config: AgentConfig, days: int, limit: int, model: bool
) -> tuple[list[Replayed], LeftOut]:
    """The replayed turns, and how many there were that cannot be answered again."""
    think = thinking(instance, agent_id, "replay", model)
    with instance.database.read() as session:
        ids = turns_since(session, agent_id, days, limit)
    progress = Progress(len(ids), lambda line: click.echo(line, err=True), time.monotonic)
    found, with_tools = [], 0
    for turn_id in ids:
        with instance.database.read() as session:
            past = recall(session, turn_id)
        if past is not None and past.used_tools:
            with_tools += 1
        elif past is not None:
            found.append(Replayed(past, think(past.question, config)))
        progress.step()
    return found, LeftOut(gone=len(ids) - len(found) - with_tools, with_tools=with_tools)


def _told(content: dict[str, Any]) -> str:
    page = as_page(content)
    lines = [f"{page['title']} ({page['subtitle']})", ""]
    lines += [f"  {change:32}{count:>6}" for change, count in content["changes"].items()]
    for group in page["groups"]:
        lines += ["", f"{group['name']}: {group['summary']}"]
        for one in group["items"][:_SHOWN]:
            lines.append(f"  {cut(' / '.join(one['asked']['texts']), _WIDTH)}  ({one['about']})")
            lines += [f"      {side['label']}: {cut(side['text'], _WIDTH)}" for side in one["sides"]]
        if len(group["items"]) > _SHOWN:
            lines.append(f"  … and {len(group['items']) - _SHOWN} more: --report writes them all")
    return "\n".join(lines)
