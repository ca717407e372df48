"""The table of announcements; one that is taken back stays, so that it can be seen who said what."""

import sqlalchemy as sa

from eventhub.db.schema import metadata
from eventhub.db.types import UtcDateTime

announcements = sa.Table(
    "announcements",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column(
        "session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=True, index=True
    ),
    # As the last release had it: the draft is nobody's business.
    sa.Column("title", sa.String(200), nullable=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("author", sa.String(300), nullable=False),
    sa.Column("taken_back_at", UtcDateTime, nullable=True),
    sa.Index("ix_announcements_event_id_at", "event_id", "at"),
)
