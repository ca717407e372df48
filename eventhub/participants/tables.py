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
