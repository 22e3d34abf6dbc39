"""`released migrate`: the database's schema."""

import click

from src.core import schema
from src.core.instance import open_instance
from src.core.settings import load_settings


@click.command("migrate")
@click.option(
    "--to", help="Go back to this older revision, before an older version of Released is installed."
)
def migrate(to: str | None) -> None:
    """Bring the database to this version's schema."""
    instance = open_instance(load_settings())
    before = schema.revision(instance.database)
    if to is None:
        schema.prepare(instance.database)
    else:
        schema.migrate(instance.database, to)
    after = schema.revision(instance.database)
    click.echo(f"schema {after}" + (" (nothing to do)" if before == after else f" (was {before or 'empty'})"))
    instance.close()
