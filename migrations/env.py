"""Lets Alembic work inside the transaction that it is given."""

from alembic import context
from sqlmodel import SQLModel

from src.core import models

assert models.agents is not None  # the import has filled SQLModel's metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
)
with context.begin_transaction():
    context.run_migrations()
