"""Tables of delegations, participants and their answers."""

import sqlalchemy as sa

from eventhub.db.schema import metadata
from eventhub.db.types import UtcDateTime

delegations = sa.Table(
    "delegations",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column("code", sa.String(64), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column(
        "parent_id", sa.ForeignKey("delegations.id", ondelete="SET NULL"), nullable=True, index=True
    ),
    sa.Column("time_zone", sa.String(64), nullable=False),
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("quota", sa.Integer, nullable=True),
    sa.Column("attendance", sa.String(16), nullable=False),
    # Which address of its calendar feed is the one that opens it.
    sa.Column("feed_generation", sa.Integer, nullable=False, default=1),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("event_id", "code"),
    sa.Index("ix_delegations_event_id_name", "event_id", "name"),
)

participants = sa.Table(
    "participants",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column("delegation_id", sa.ForeignKey("delegations.id"), nullable=False, index=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("position", sa.String(200), nullable=False),
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("phone", sa.String(40), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("attendance", sa.String(16), nullable=False),
    sa.Column("in_place_of", sa.String(200), nullable=True),
    sa.Column("link_generation", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_participants_event_id_email", "event_id", "email"),
    sa.Index("ix_participants_event_id_attendance", "event_id", "attendance"),
    # A number is never given again: personal links and mails hold it.
    sqlite_autoincrement=True,
)

rsvps = sa.Table(
    "rsvps",
    metadata,
    sa.Column(
        "participant_id", sa.ForeignKey("participants.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("session_code", sa.String(64), primary_key=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("answered_at", UtcDateTime, nullable=False),
)

# Who comes in somebody's place (mewakili): for the whole event, or for the sessions in `stand_ins`. They take the
# invited person's seats and no place of the quota.
substitutes = sa.Table(
    "substitutes",
    metadata,
    sa.Column(
        "participant_id", sa.ForeignKey("participants.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column(
        "principal_id",
        sa.ForeignKey("participants.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("is_whole", sa.Boolean, nullable=False),
    sa.Column("named_at", UtcDateTime, nullable=False),
)

stand_ins = sa.Table(
    "stand_ins",
    metadata,
    sa.Column(
        "participant_id",
        sa.ForeignKey("substitutes.participant_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
)

# Who chose to attend a session another way than they were invited to.
switches = sa.Table(
    "switches",
    metadata,
    sa.Column(
        "participant_id", sa.ForeignKey("participants.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("attendance", sa.String(16), nullable=False),
    sa.Column("switched_at", UtcDateTime, nullable=False),
)

# What an organizer allows of it: of a session, or of the whole event (session null). `onsite_limit`: how many may
# be expected on site, null for the room's limit.
switch_rules = sa.Table(
    "switch_rules",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column(
        "session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=True, index=True
    ),
    sa.Column("is_allowed", sa.Boolean, nullable=False),
    sa.Column("onsite_limit", sa.Integer, nullable=True),
)

# From where a join link was used: network and browser as keyed hashes, which tell places apart and name none.
link_uses = sa.Table(
    "link_uses",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column(
        "participant_id", sa.ForeignKey("participants.id", ondelete="CASCADE"), nullable=False
    ),
    sa.Column(
        "session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("network", sa.String(16), nullable=False),
    sa.Column("device", sa.String(16), nullable=False),
    sa.Column("first_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("participant_id", "session_id", "generation", "network", "device"),
    sa.Index("ix_link_uses_event_id", "event_id"),
)
