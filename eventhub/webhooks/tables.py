"""Tables of webhooks and what was, or is to be, delivered to them."""

import sqlalchemy as sa

from eventhub.db.schema import metadata
from eventhub.db.types import UtcDateTime

# `sealed_secret` signs the deliveries; it is encrypted by `signing.Sealer`.
webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("url", sa.String(2000), nullable=False),
    sa.Column("kinds", sa.JSON, nullable=False),
    sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
    sa.Column("told_to", sa.BigInteger, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("created_by", sa.String(300), nullable=False),
    sa.Column("stopped_at", UtcDateTime, nullable=True),
    sa.Column("version", sa.Integer, nullable=False),
)

webhook_deliveries = sa.Table(
    "webhook_deliveries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "webhook_id", sa.ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("message", sa.String(64), nullable=False, unique=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("claimed_until", UtcDateTime, nullable=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("delivered_at", UtcDateTime, nullable=True),
    sa.Column("failed_at", UtcDateTime, nullable=True),
    sa.Column("status", sa.Integer, nullable=True),
    sa.Column("error", sa.String(300), nullable=False),
    sa.Index("ix_webhook_deliveries_due", "delivered_at", "failed_at", "due_at"),
)
