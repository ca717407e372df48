"""Tables of broadcasts, encoder streams, viewings and YouTube's daily units."""

import sqlalchemy as sa

from eventhub.db.schema import metadata
from eventhub.db.types import UtcDateTime

broadcasts = sa.Table(
    "broadcasts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column(
        "session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, unique=True
    ),
    sa.Column("provider", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("marker", sa.String(200), nullable=False),
    sa.Column("title", sa.String(100), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("youtube_id", sa.String(64), nullable=True),
    sa.Column("stream_id", sa.String(64), nullable=True),
    sa.Column("watch_url", sa.String(2000), nullable=True),
    sa.Column("scheduled_start", UtcDateTime, nullable=True),
    sa.Column("tried_at", UtcDateTime, nullable=True),
    sa.Column("held", sa.Boolean, nullable=False),
    sa.Column("problem_code", sa.String(64), nullable=True),
    sa.Column("peak", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

# One reusable stream per room (or track, or the event) feeds its broadcasts one after the other.
# `sealed_key` is the stream name, which is the secret of the encoder, encrypted by `signing.Sealer`.
encoder_streams = sa.Table(
    "encoder_streams",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column("encoder", sa.String(220), nullable=False),
    sa.Column("marker", sa.String(200), nullable=False),
    sa.Column("stream_id", sa.String(64), nullable=True),
    sa.Column("address", sa.String(500), nullable=False),
    sa.Column("sealed_key", sa.LargeBinary, nullable=True),
    sa.Column("tried_at", UtcDateTime, nullable=True),
    sa.UniqueConstraint("event_id", "encoder"),
)

# Intervals of one participant, session and kind lie further apart than `presence.LONGEST_SILENCE`, so no two
# share a clock minute.
viewings = sa.Table(
    "viewings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    sa.Column(
        "participant_id",
        sa.ForeignKey("participants.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("last_beat_at", UtcDateTime, nullable=False),
    sa.Index(
        "ix_viewings_session_id_participant_id", "session_id", "participant_id", "last_beat_at"
    ),
    sa.Index("ix_viewings_session_id_last_beat_at", "session_id", "last_beat_at"),
)

# Units spent per Google Cloud project and Pacific day: the quota belongs to the project and falls back at
# midnight Pacific.
youtube_units = sa.Table(
    "youtube_units",
    metadata,
    sa.Column("project", sa.String(100), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("used", sa.Integer, nullable=False),
)
