"""The data keys, which the master key wraps."""

import sqlalchemy as sa
from alembic import op

from src.core.errors import InvalidSettings

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(length=128), nullable=False),
        sa.Column("begins_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    if op.get_bind().execute(sa.text("SELECT 1 FROM data_key LIMIT 1")).first():
        raise InvalidSettings(
            "rows are sealed with data keys, which an older version does not know: instead of going back, restore a "
            "backup that was made before"
        )
    op.drop_table("data_key")
