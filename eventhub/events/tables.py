"""Tables of events and rooms."""

import sqlalchemy as sa

from eventhub.db.schema import metadata
from eventhub.db.types import UtcDateTime

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("slug", sa.String(64), nullable=False, unique=True),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date, nullable=False),
    sa.Column("days", sa.JSON, nullable=False),
    sa.Column("day_starts_at", sa.String(5), nullable=False),
    sa.Column("auto_exit_at", sa.String(5), nullable=True),
    sa.Column("time_zone", sa.String(64), nullable=False),
    sa.Column("languages", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("protocol", sa.JSON, nullable=False),
    sa.Column("presence_rule", sa.JSON, nullable=False),
    sa.Column("severities", sa.JSON, nullable=False),
    sa.Column("scheduling", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

rooms = sa.Table(
    "rooms",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column("code", sa.String(64), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("building", sa.String(200), nullable=False),
    sa.Column("capacity", sa.Integer, nullable=False),
    sa.Column("protocol_percent", sa.Integer, nullable=True),
    sa.Column("parallel", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("event_id", "code"),
)
