"""Lets Alembic work on the connection that it is given: each migration in a transaction of its own on PostgreSQL."""

from alembic import context
from sqlmodel import SQLModel

from src.core import (
    audit,
    brain_tables,
    conversation_tables,
    key_tables,
    models,
    token_tables,
    trust_tables,
    upkeep_tables,
)

# The imports have filled SQLModel's metadata.
assert all(
    (models, brain_tables, conversation_tables, key_tables, token_tables, trust_tables, upkeep_tables, audit)
)

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    transaction_per_migration=connection.dialect.name == "postgresql",
)
with context.begin_transaction():
    context.run_migrations()
