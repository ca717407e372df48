"""Table of plans."""

import sqlalchemy as sa

from eventhub.db.schema import metadata
from eventhub.db.types import UtcDateTime

# `wanted` is the order, `progress` how far the search is, `proposal` what it found, `applied` the versions that its
# sessions had then. `seen_at` is moved on while somebody searches.
plans = sa.Table(
    "plans",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("made_by", sa.String(300), nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Column("wanted", sa.JSON, nullable=False),
    sa.Column("progress", sa.JSON, nullable=False),
    sa.Column("proposal", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("applied", sa.JSON(none_as_null=True), nullable=True),
)
