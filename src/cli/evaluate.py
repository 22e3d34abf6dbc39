"""`released eval`: how well the bot answers."""

import sys
from pathlib import Path

import click

from evals.__main__ import run
from evals.thinking import by_faqs
from src.cli.agents import opened
from src.cli.thinking import thinking

_AGENT = "eval"  # pays for what is asked of sets that are no agent's


@click.command("eval")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One line of JSON as the last line.")
@click.option("--failures", default=0, metavar="N", help="The N worst failures of each group.")
@click.option(
    "--report", "folder", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
    help="Write report.json and a page for people there.",
)  # fmt: skip
@click.option("--model", is_flag=True, help="Ask the model too, one question a second; it costs money.")
def evaluate(directory: Path, as_json: bool, failures: int, folder: Path | None, model: bool) -> None:
    """Answer the evaluation set in DIRECTORY, or every set below it."""
    if not model:
        sys.exit(run(directory, by_faqs, as_json, failures, folder))
    with opened() as instance:
        think = thinking(instance, _AGENT, "eval", model)
        sys.exit(run(directory, think, as_json, failures, folder))
