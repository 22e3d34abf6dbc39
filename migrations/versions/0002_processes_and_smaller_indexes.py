"""Processes and their chores; indexes that hold only what is under way."""

import sqlalchemy as sa
from alembic import op

from migrations.indexes import replace_index

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "process",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("host", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "chore",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    replace_index("conversation_due", "conversation", ["due_at"], "due_at IS NOT NULL AND holder = 'bot'")
    replace_index(
        "conversation_unread", "conversation", ["unread_id"], "unread_id IS NOT NULL AND holder = 'bot'"
    )
    replace_index(
        "reply_due",
        "reply",
        ["state", "next_attempt_at"],
        "state IN ('queued', 'sending', 'uncertain')",
    )


def downgrade() -> None:
    replace_index("reply_due", "reply", ["state", "next_attempt_at"], None)
    replace_index("conversation_unread", "conversation", ["unread_id"], "unread_id IS NOT NULL")
    replace_index("conversation_due", "conversation", ["due_at"], "due_at IS NOT NULL")
    op.drop_table("chore")
    op.drop_table("process")
