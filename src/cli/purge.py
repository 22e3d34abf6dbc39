"""`released purge`: what is over age goes now, without waiting for the clock."""

import json
from contextlib import closing

import click

from src.accounts.retention import over_age
from src.accounts.retention import purge as forget
from src.core.instance import open_instance
from src.core.settings import load_settings


@click.command("purge")
@click.option("--dry-run", is_flag=True, help="Only say how much would go.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document: rows by table.")
def purge(dry_run: bool, as_json: bool) -> None:
    """Delete what is older than RETENTION_DAYS; the running instance does it by itself each half hour."""
    with closing(open_instance(load_settings())) as instance:
        gone = over_age(instance) if dry_run else forget(instance)
        days = instance.settings.retention_days
    if as_json:
        click.echo(json.dumps({"retention_days": days, "dry_run": dry_run, "rows": gone}))
        return
    for table, rows in gone.items():
        if rows:
            click.echo(f"{table:<14} {rows:>9,}")
    verb = "would be deleted" if dry_run else "deleted"
    click.echo(f"{sum(gone.values()):,} rows {verb}: older than {days} days")
