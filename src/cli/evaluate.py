"""`released eval`: how well the bot answers."""

import sys
from pathlib import Path

import click

from evals.__main__ import run


@click.command("eval")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One line of JSON as the last line.")
@click.option("--failures", default=0, metavar="N", help="The N worst failures of each group.")
def evaluate(directory: Path, as_json: bool, failures: int) -> None:
    """Answer the evaluation set in DIRECTORY, or every set below it."""
    sys.exit(run(directory, as_json, failures))
