"""Indexes for tables that are in use: made and dropped without stopping those who write."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


def replace_index(name: str, table: str, columns: Sequence[str], where: str | None) -> None:
    """Makes the index anew, under its name; on PostgreSQL concurrently, in short steps of its own.

    Safe to call again after a failure: what PostgreSQL left half made is dropped first.
    """
    if op.get_bind().dialect.name != "postgresql":
        op.drop_index(name, table_name=table, if_exists=True)
        op.create_index(name, table, list(columns), sqlite_where=sa.text(where) if where else None)
        return
    partial = sa.text(where) if where else None
    fresh = f"{name}_new"
    with op.get_context().autocommit_block():
        op.drop_index(fresh, table_name=table, if_exists=True, postgresql_concurrently=True)
        op.create_index(fresh, table, list(columns), postgresql_where=partial, postgresql_concurrently=True)
        op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)
        op.execute(f"ALTER INDEX {fresh} RENAME TO {name}")
