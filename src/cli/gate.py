"""`released agent gate`, `derive`: compares a draft with what is live, and lets it go live when it is not worse."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from evals.derive import derive
from evals.differences import as_content, as_page, kept, rows
from evals.gate import compare
from evals.page import write_report
from evals.progress import Progress
from evals.sets import BadSet, EvaluationSet, read_questions
from evals.shown import group_name
from evals.trials import trials
from evals.writing import is_set, write_set
from src.accounts import versions as accounts
from src.accounts.agent_input import AgentChange
from src.accounts.agents import change_agent
from src.accounts.key_holder import OWNER
from src.cli.agents import opened
from src.cli.thinking import thinking
from src.core.agent_config import AgentConfig
from src.core.errors import Invalid, VersionNotReady
from src.core.instance import Instance
from src.messages.words import cut

_FOLDER = click.Path(file_okay=False, path_type=Path)
_SHOWN = 10  # differences of each kind in the terminal
_WIDTH = 150


@dataclass(frozen=True)
class _Both:
    """What is live and the open draft, by number."""

    against: int
    live: AgentConfig
    version: int
    draft: AgentConfig


@click.command("gate")
@click.argument("agent_id")
@click.option(
    "--on/--off", "gated", default=None, help="From now on a change is a draft, or live at once again."
)
@click.option(
    "--set", "own", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR",
    help="Questions of your own besides: queries.jsonl, attacks.jsonl.",
)  # fmt: skip
@click.option(
    "--report", "folder", type=_FOLDER, metavar="FOLDER", help="Write report.json and a page there."
)
@click.option("--model", is_flag=True, help="Ask the model, one question a second; it costs money.")
def gate(agent_id: str, gated: bool | None, own: Path | None, folder: Path | None, model: bool) -> None:
    """Compare the draft with what is live; it goes live when it is not worse, else the exit code is 1."""
    with opened() as instance:
        if gated is not None:
            _switch(instance, agent_id, gated)
            return
        both = _both(instance, agent_id)
        content = _compared(instance, agent_id, both, _own(own, both.draft), model)
        if folder is not None:
            click.echo(f"report: {write_report(folder, content, as_page(content))}", err=True)
        click.echo(_told(content))
        with instance.database.transaction() as session:
            accounts.keep_report(session, OWNER, agent_id, both.version, kept(content))
            live = (
                None if content["worse"] else accounts.publish(session, OWNER, agent_id, both.version, False)
            )
    click.echo(_ended(agent_id, both.version, live, content["reasons"]))
    sys.exit(0 if live else 1)


def _switch(instance: Instance, agent_id: str, gated: bool) -> None:
    with instance.database.transaction() as session:
        shown = change_agent(session, OWNER, instance.settings, agent_id, AgentChange(gated=gated))
    if gated:
        click.echo(f"a change of {agent_id} is a draft from now on; version {shown['version']} is live")
    else:
        left = f"; version {shown['draft']} is still a draft" if shown["draft"] else ""
        click.echo(f"a change of {agent_id} is live at once from now on{left}")


def _both(instance: Instance, agent_id: str) -> _Both:
    with instance.database.read() as session:
        against = accounts.row_of(session, OWNER, agent_id).version
        version = accounts.open_draft(session, agent_id)
        if version is None:
            raise VersionNotReady(_no_draft(session, agent_id))
        live = accounts.load_config(session, agent_id, against)
        return _Both(against, live, version, accounts.load_config(session, agent_id, version))


def _no_draft(session: Connection, agent_id: str) -> str:
    if accounts.row_of(session, OWNER, agent_id).gated:
        return f"{agent_id} has no draft: nothing was changed since version {accounts.row_of(session, OWNER, agent_id).version} went live"
    return (
        f"{agent_id} has no draft: switch its gate on (`released agent gate {agent_id} --on`) and change it"
    )


def _own(folder: Path | None, draft: AgentConfig) -> EvaluationSet | None:
    try:
        return None if folder is None else read_questions(folder, folder.name, draft)
    except BadSet as problem:
        raise Invalid(str(problem)) from None


def _compared(
    instance: Instance, agent_id: str, both: _Both, own: EvaluationSet | None, model: bool
) -> dict[str, Any]:
    asked = trials(both.live, both.draft, own)
    progress = Progress(asked.size, lambda line: click.echo(line, err=True), time.monotonic)
    think = thinking(instance, agent_id, "eval", model)
    found = compare(asked, both.live, both.draft, think, progress)
    return as_content(found, both.against, both.version)


def _told(content: dict[str, Any]) -> str:
    page = as_page(content)
    lines = [f"{page['title']}: {page['subtitle']}", "", f"  {'':16}{'live':>32}{'draft':>32}"]
    lines += [
        f"  {row['label']:16}{''.join(f'{_figure(cell):>32}' for cell in row['cells'])}"
        for row in rows(content)
    ]
    for name, sign in (("got worse", -1), ("got better", 1)):
        listed = [one for one in content["differences"] if one["step"] * sign > 0]
        lines += ["", f"{name}: {len(listed)}"]
        for one in listed[:_SHOWN]:
            lines += _difference(one)
        if len(listed) > _SHOWN:
            lines.append(f"  … and {len(listed) - _SHOWN} more: --report writes them all")
    return "\n".join(lines) + "\n"


def _figure(cell: dict[str, Any] | None) -> str:
    if cell is None:
        return "–"
    return f"{cell['rate']:.3f} {cell['part']} of {cell['whole']} [{cell['low']:.3f}, {cell['high']:.3f}]"


def _difference(one: dict[str, Any]) -> list[str]:
    asked = " / ".join(one["asked"]["texts"])
    lines = [f"  {cut(asked, _WIDTH)}  ({group_name(one['group'])})"]
    for side in ("live", "draft"):
        sources = ",".join(source["id"] for source in one[side]["sources"])
        said = one[side]["said"] + (f" from {sources}" if sources else "")
        lines.append(f"      {side:5} {said}: {cut(one[side]['text'], _WIDTH)}")
    return lines


def _ended(agent_id: str, version: int, live: int | None, reasons: list[str]) -> str:
    if live:
        return f"not worse: version {live} is live (`released agent rollback {agent_id}` undoes it)"
    why = "".join(f"  {reason}\n" for reason in reasons)
    return (
        f"worse, because of\n{why}Version {version} stays a draft. Mend it and compare again, "
        f"or `released agent publish {agent_id} {version} --anyway`"
    )


@click.command("derive")
@click.argument("agent_id")
@click.argument("folder", type=_FOLDER)
@click.option("--replace", is_flag=True, help="Write over a set that is there, also over what was edited.")
def derive_set(agent_id: str, folder: Path, replace: bool) -> None:
    """Write an evaluation set made from the agent's FAQs into FOLDER, for `released eval` and to be edited."""
    if not replace and is_set(folder):
        raise Invalid(
            f"{folder} holds a set already, perhaps an edited one: name another folder, or add --replace"
        )
    with opened() as instance, instance.database.read() as session:
        version = accounts.row_of(session, OWNER, agent_id).version
        found = derive(accounts.load_config(session, agent_id, version))
    try:
        write_set(found, folder)
    except OSError as error:
        raise Invalid(f"{folder} cannot be written ({error.strerror}): name another folder") from None
    click.echo(f"{len(found.cases)} questions and {len(found.attacks)} attacks in {folder}")
