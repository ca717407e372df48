"""Broadcasts that start and end by themselves."""

import sqlalchemy as sa
from alembic import op

from eventhub.db.types import UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "automatic_broadcasts",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Boolean(), nullable=True),
        sa.Column("ends", sa.Boolean(), nullable=True),
        sa.Column("start_paused_at", UtcDateTime(), nullable=True),
        sa.Column("end_paused_at", UtcDateTime(), nullable=True),
        sa.Column("paused_act", sa.String(length=16), nullable=False),
        sa.Column("paused_by", sa.String(length=300), nullable=False),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("tried_act", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=True),
        sa.Column("problem_code", sa.String(length=64), nullable=True),
        sa.Column("waits_for", sa.String(length=16), nullable=False),
        sa.Column("waits_since", UtcDateTime(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_automatic_broadcasts_event_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_automatic_broadcasts_session_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_automatic_broadcasts")),
    )
    op.create_index(
        op.f("ix_automatic_broadcasts_event_id"), "automatic_broadcasts", ["event_id"], unique=False
    )
    with op.batch_alter_table("streaming_settings") as table:
        for name in ("starts_itself", "ends_itself"):
            table.add_column(
                sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
            )
        for name, minutes in (("end_after_minutes", "15"), ("silent_minutes", "5")):
            table.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default=minutes))
    op.add_column("encoder_streams", sa.Column("silent_since", UtcDateTime(), nullable=True))
