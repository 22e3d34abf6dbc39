"""What the model needs (pace, breaker, memory, money), and what belongs to a conversation beside its messages."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_QUEUED = sa.text("state = 'queued'")


def upgrade() -> None:
    _make_tables_of_the_model()
    _make_tables_of_conversations()
    op.add_column("agent", sa.Column("gated", sa.Integer(), server_default="0", nullable=False))
    op.add_column("agent_version", sa.Column("report", sa.LargeBinary(), nullable=True))
    state = sa.Column("state", sa.String(length=16), server_default="published", nullable=False)
    op.add_column("agent_version", state)
    op.add_column("conversation", sa.Column("misses", sa.Integer(), server_default="0", nullable=False))
    op.add_column("conversation", sa.Column("slot_at", sa.BigInteger(), nullable=True))
    op.add_column("message", sa.Column("heard", sa.LargeBinary(), nullable=True))
    op.add_column("turn", sa.Column("model", sa.String(length=64), nullable=True))
    op.add_column("turn", sa.Column("cost", sa.BigInteger(), server_default="0", nullable=False))


def _make_tables_of_the_model() -> None:
    op.create_table(
        "breaker",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("open_until", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("tried_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "cached_answer",
        sa.Column("agent_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("draft", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agent_id", "version", "key"),
    )
    op.create_index("ix_cached_answer_created_at", "cached_answer", ["created_at"])
    op.create_table(
        "embedding",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "pace",
        sa.Column("agent_id", sa.String(length=40), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("pushed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agent_id"),
    )
    op.create_table(
        "spending",
        sa.Column("scope", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "period"),
    )
    op.create_index("ix_spending_period", "spending", ["period"])
    op.create_table(
        "usage",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("agent_id", sa.String(length=40), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cached_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "agent_id", "model", "purpose"),
    )


def _make_tables_of_conversations() -> None:
    op.create_table(
        "action",
        sa.Column("id", _ID, nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("turn_id", sa.BigInteger(), nullable=True),
        sa.Column("call_id", sa.String(length=40), nullable=False),
        sa.Column("tool", sa.String(length=48), nullable=False),
        sa.Column("arguments", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id"),
    )
    op.create_index("action_conversation", "action", ["conversation_id", "id"])
    op.create_table(
        "alert",
        sa.Column("id", _ID, nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("held_at", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("conversation_id", "held_at", "channel"),
    )
    op.create_index("alert_due", "alert", ["next_attempt_at"], sqlite_where=_QUEUED, postgresql_where=_QUEUED)
    op.create_table(
        "note",
        sa.Column("id", _ID, nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("note_conversation", "note", ["conversation_id", "id"])
    op.create_table(
        "media",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("mime", sa.String(length=100), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index("ix_media_created_at", "media", ["created_at"])


def downgrade() -> None:
    op.drop_column("turn", "cost")
    op.drop_column("turn", "model")
    op.drop_column("message", "heard")
    op.drop_column("conversation", "slot_at")
    op.drop_column("conversation", "misses")
    op.drop_column("agent_version", "state")
    op.drop_column("agent_version", "report")
    op.drop_column("agent", "gated")
    op.drop_index("ix_media_created_at", table_name="media")
    op.drop_table("media")
    op.drop_index("note_conversation", table_name="note")
    op.drop_table("note")
    op.drop_index("alert_due", table_name="alert")
    op.drop_table("alert")
    op.drop_index("action_conversation", table_name="action")
    op.drop_table("action")
    op.drop_table("usage")
    op.drop_table("spending")
    op.drop_table("pace")
    op.drop_table("embedding")
    op.drop_index("ix_cached_answer_created_at", table_name="cached_answer")
    op.drop_table("cached_answer")
    op.drop_table("breaker")
