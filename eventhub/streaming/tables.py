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
    sa.Column("channel_id", sa.ForeignKey("youtube_channels.id"), nullable=True),
    sa.Column("privacy", sa.String(16), nullable=False, default=""),
    sa.Column("thumbnail", sa.String(64), nullable=False, default=""),
    sa.Column("playlist_id", sa.String(64), nullable=True),
    sa.Column("extras_problem", sa.String(64), nullable=True),
    sa.Column("extras_after", UtcDateTime, nullable=True),
    sa.Column("seen_at", UtcDateTime, nullable=True),
    sa.Column("concurrent", sa.Integer, nullable=True),
    sa.Column("concurrent_at", UtcDateTime, nullable=True),
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
    sa.Column("channel_id", sa.ForeignKey("youtube_channels.id"), nullable=True),
    sa.Column("wished_channel_id", sa.ForeignKey("youtube_channels.id"), nullable=True),
    sa.Column("status", sa.String(16), nullable=False, default=""),
    sa.Column("health", sa.String(16), nullable=False, default=""),
    sa.Column("issues", sa.JSON, nullable=False, default=list),
    sa.Column("seen_at", UtcDateTime, nullable=True),
    sa.Column("silent_since", UtcDateTime, nullable=True),
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
    sa.Column("set_up", sa.Integer, nullable=False, default=0),
    sa.Column("extras", sa.Integer, nullable=False, default=0),
    sa.Column("on_air", sa.Integer, nullable=False, default=0),
    sa.Column("looks", sa.Integer, nullable=False, default=0),
    sa.Column("exhausted_at", UtcDateTime, nullable=True),
)

# A channel connected in the browser belongs to an event; the one of the settings, without an event, serves all.
# `sealed_token` is its refresh token, encrypted; `digest` tells whether the settings' credentials were changed.
youtube_channels = sa.Table(
    "youtube_channels",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=True, index=True
    ),
    sa.Column("youtube_id", sa.String(64), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("sealed_token", sa.LargeBinary, nullable=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("connected_at", UtcDateTime, nullable=False),
    sa.Column("connected_by", sa.String(300), nullable=False),
    sa.Column("disconnected_at", UtcDateTime, nullable=True),
    sa.Column("problem_code", sa.String(64), nullable=True),
    sa.Column("problem_at", UtcDateTime, nullable=True),
)

# A consent that was begun in a browser: its state is kept as SHA-256, its PKCE verifier encrypted.
youtube_consents = sa.Table(
    "youtube_consents",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("sealed_verifier", sa.LargeBinary, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
)

streaming_settings = sa.Table(
    "streaming_settings",
    metadata,
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("privacy", sa.String(16), nullable=False),
    sa.Column("playlists", sa.String(16), nullable=False),
    sa.Column("thumbnails", sa.Boolean, nullable=False),
    sa.Column("starts_itself", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("ends_itself", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("end_after_minutes", sa.Integer, nullable=False, server_default="15"),
    sa.Column("silent_minutes", sa.Integer, nullable=False, server_default="5"),
)

# `track` is empty for the playlist of the whole event.
playlists = sa.Table(
    "playlists",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column("channel_id", sa.ForeignKey("youtube_channels.id"), nullable=False),
    sa.Column("track", sa.String(200), nullable=False),
    sa.Column("marker", sa.String(200), nullable=False),
    sa.Column("playlist_id", sa.String(64), nullable=True),
    sa.Column("tried_at", UtcDateTime, nullable=True),
    sa.UniqueConstraint("event_id", "channel_id", "track"),
)

# A picture an organizer gave, 1280 x 720 JPEG below 2 MB.
thumbnails = sa.Table(
    "thumbnails",
    metadata,
    sa.Column("session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column("picture", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
)

# Other places where a session can be followed: in a language, or when the main one fails.
session_sources = sa.Table(
    "session_sources",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column(
        "session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("use", sa.String(16), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("url", sa.String(2000), nullable=False),
)

# Viewers on YouTube as they were seen, once a minute: YouTube forgets them when the broadcast ends.
youtube_viewers = sa.Table(
    "youtube_viewers",
    metadata,
    sa.Column("session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("at", UtcDateTime, primary_key=True),
    sa.Column("viewers", sa.Integer, nullable=False),
)

# What stands beside the player: `documents` is a list of {"label", "url"}.
watch_aids = sa.Table(
    "watch_aids",
    metadata,
    sa.Column("session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column("documents", sa.JSON, nullable=False),
    sa.Column("captions", sa.String(200), nullable=False),
    sa.Column("dial_in", sa.String(200), nullable=False, server_default=""),
    sa.Column("shows_chat", sa.Boolean, nullable=False),
)

# What an operator has seen for themselves before a session, of what no program can know.
checklist_ticks = sa.Table(
    "checklist_ticks",
    metadata,
    sa.Column("session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("item", sa.String(16), primary_key=True),
    sa.Column(
        "event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("who", sa.String(300), nullable=False),
)

# The last thing done with a session's broadcast: while it has not ended nothing else is done with it.
broadcast_acts = sa.Table(
    "broadcast_acts",
    metadata,
    sa.Column("session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column(
        "event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("act", sa.String(16), nullable=False),
    sa.Column("who", sa.String(300), nullable=False),
    sa.Column("begun_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime, nullable=True),
    sa.Column("problem_code", sa.String(64), nullable=True),
)

# What a session's broadcast does by itself: `starts` and `ends` are null where it follows the event. Who did something
# by hand that goes against it has paused it. `claimed_until` belongs to the one that is acting; `waits_for` and
# `waits_since` say what keeps it waiting.
automatic_broadcasts = sa.Table(
    "automatic_broadcasts",
    metadata,
    sa.Column("session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column(
        "event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("starts", sa.Boolean, nullable=True),
    sa.Column("ends", sa.Boolean, nullable=True),
    sa.Column("start_paused_at", UtcDateTime, nullable=True),
    sa.Column("end_paused_at", UtcDateTime, nullable=True),
    sa.Column("paused_act", sa.String(16), nullable=False, default=""),
    sa.Column("paused_by", sa.String(300), nullable=False, default=""),
    sa.Column("claimed_until", UtcDateTime, nullable=True),
    sa.Column("tried_act", sa.String(16), nullable=False, default=""),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("next_try_at", UtcDateTime, nullable=True),
    sa.Column("problem_code", sa.String(64), nullable=True),
    sa.Column("waits_for", sa.String(16), nullable=False, default=""),
    sa.Column("waits_since", UtcDateTime, nullable=True),
    sa.Column("started_at", UtcDateTime, nullable=True),
    sa.Column("ended_at", UtcDateTime, nullable=True),
)
