"""Tables of the programme and its releases."""

import sqlalchemy as sa

from eventhub.db.schema import metadata
from eventhub.db.types import UtcDateTime

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column("code", sa.String(64), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("abstract", sa.Text, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("format", sa.String(16), nullable=False),
    # Both null: the session lies in the tray, and `minutes` tells how long it lasts once it has a time.
    sa.Column("starts_at", UtcDateTime, nullable=True),
    sa.Column("ends_at", UtcDateTime, nullable=True),
    sa.Column("minutes", sa.Integer, nullable=True),
    sa.Column("time_zone", sa.String(64), nullable=False),
    sa.Column("room_id", sa.ForeignKey("rooms.id"), nullable=True),
    sa.Column("meeting_url", sa.String(2000), nullable=False),
    sa.Column("stream", sa.Boolean, nullable=False),
    sa.Column("track", sa.String(200), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    # What an imported file calls it (a guid, a UID), by which the file's next version finds it again.
    sa.Column("origin", sa.String(300), nullable=False, server_default=""),
    sa.UniqueConstraint("event_id", "code"),
    sa.CheckConstraint(
        "(starts_at IS NULL) = (ends_at IS NULL) AND (starts_at IS NOT NULL OR minutes IS NOT NULL)",
        name="has_time_or_minutes",
    ),
    sa.Index("ix_sessions_event_id_starts_at", "event_id", "starts_at"),
    sa.Index("ix_sessions_room_id_starts_at", "room_id", "starts_at"),
)

session_speakers = sa.Table(
    "session_speakers",
    metadata,
    sa.Column("session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("participant_id", sa.ForeignKey("participants.id"), primary_key=True, index=True),
    sa.Column("position", sa.Integer, nullable=False),
)

# The two indexes let the expansion of audiences ask "is this person named here?" for each of a plenary's hundreds.
session_audiences = sa.Table(
    "session_audiences",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    sa.Column("delegation_id", sa.ForeignKey("delegations.id"), nullable=True, index=True),
    sa.Column("participant_id", sa.ForeignKey("participants.id"), nullable=True, index=True),
    sa.Column("attendance", sa.String(16), nullable=False),
    sa.Index("ix_session_audiences_session_delegation", "session_id", "delegation_id"),
    sa.Index("ix_session_audiences_session_participant", "session_id", "participant_id"),
)

releases = sa.Table(
    "releases",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("published_at", UtcDateTime, nullable=False),
    sa.Column("changes", sa.JSON, nullable=False),
    sa.UniqueConstraint("event_id", "number"),
)

# What the public sees: each release's sessions as they stood, so the draft may change meanwhile.
# `snapshot` is the contract's session shape plus room and speaker names; `audience` stands behind it in a column
# of its own, because that of a plenary is 80 KB, which one person's agenda must neither read nor parse.
released_sessions = sa.Table(
    "released_sessions",
    metadata,
    sa.Column("release_id", sa.ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True),
    sa.Column(
        "session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True, index=True
    ),
    sa.Column("starts_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime, nullable=False),
    sa.Column("room_id", sa.Integer, nullable=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("snapshot", sa.JSON, nullable=False),
    sa.Column("audience", sa.JSON, nullable=False),
    sa.Index("ix_released_sessions_release_id_starts_at", "release_id", "starts_at"),
)

# Who a release invites, each person or office once a session. `attendance` null: as the person is registered.
released_audiences = sa.Table(
    "released_audiences",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("release_id", sa.ForeignKey("releases.id", ondelete="CASCADE"), nullable=False),
    sa.Column("session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    sa.Column("delegation_id", sa.ForeignKey("delegations.id", ondelete="CASCADE"), nullable=True),
    sa.Column(
        "participant_id", sa.ForeignKey("participants.id", ondelete="CASCADE"), nullable=True
    ),
    sa.Column("attendance", sa.String(16), nullable=True),
    sa.Index("ix_released_audiences_session", "release_id", "session_id", "participant_id"),
    sa.Index("ix_released_audiences_delegation", "release_id", "delegation_id"),
    sa.Index("ix_released_audiences_participant", "release_id", "participant_id"),
)

# What was done to many sessions, with what they were before, so that it can be taken back.
batches = sa.Table(
    "batches",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(300), nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("done_at", UtcDateTime, nullable=False),
    sa.Column("taken_back_at", UtcDateTime, nullable=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("edits", sa.JSON, nullable=False),
    sa.Index("ix_batches_event_id_done_at", "event_id", "done_at"),
)

# What delayed a room, by which times before a delay are known, and the conflicts that were accepted with it.
# `token` is that of the form it was asked by, so that a second press finds it done.
delays = sa.Table(
    "delays",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column("release_id", sa.ForeignKey("releases.id", ondelete="CASCADE"), nullable=False),
    sa.Column("session", sa.String(64), nullable=False),
    sa.Column("place", sa.String(200), nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("moves", sa.JSON, nullable=False),
    sa.Column("conflicts", sa.JSON, nullable=False),
    sa.Column("announced", sa.JSON, nullable=False),
    sa.Column("kept_drafts", sa.JSON, nullable=False),
    sa.Column("token", sa.String(64), nullable=True),
    sa.Column("actor", sa.String(300), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("event_id", "token"),
)

# A file between the look at what it changes and doing it.
uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("zone", sa.String(64), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("uploaded_at", UtcDateTime, nullable=False),
    sa.Index("ix_uploads_event_id", "event_id"),
)
