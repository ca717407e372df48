"""Tables of tickets, devices, passages and health.

Health data lie in `health_readings`, `declarations` and `proofs` alone, so a right to read passages never reaches them.
"""

import sqlalchemy as sa

from eventhub.db.schema import metadata
from eventhub.db.types import UtcDateTime


def _event() -> sa.Column[int]:
    return sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False)


def _participant() -> sa.Column[int]:
    return sa.Column(
        "participant_id", sa.ForeignKey("participants.id", ondelete="CASCADE"), nullable=False
    )


# The private key is sealed (eventhub.signing.Sealer); scanners get the public one.
ticket_keys = sa.Table(
    "ticket_keys",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _event(),
    sa.Column("key_id", sa.Integer, nullable=False),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("sealed_private_key", sa.LargeBinary, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("retired_at", UtcDateTime, nullable=True),
    sa.UniqueConstraint("event_id", "key_id"),
)

# `fingerprint` is the keyed fingerprint of the ticket's text: a text that has it is genuine without further proof.
tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _event(),
    _participant(),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("key_id", sa.Integer, nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("issued_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime, nullable=True),
    sa.UniqueConstraint("event_id", "number"),
    sa.UniqueConstraint("event_id", "fingerprint"),
    sa.Index("ix_tickets_participant_id", "participant_id"),
    sa.Index(
        "uq_tickets_live",
        "participant_id",
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    ),
)

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _event(),
    sa.Column("code", sa.String(64), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("room_id", sa.ForeignKey("rooms.id"), nullable=True, index=True),
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Column("limit", sa.Integer, nullable=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("event_id", "code"),
)

devices = sa.Table(
    "devices",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _event(),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("checkpoints", sa.JSON, nullable=False),
    sa.Column("may_override", sa.Boolean, nullable=False),
    sa.Column("may_search", sa.Boolean, nullable=False),
    sa.Column("enrolled_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime, nullable=True),
    sa.Index("ix_devices_event_id", "event_id"),
)

enrolments = sa.Table(
    "enrolments",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _event(),
    sa.Column("device_name", sa.String(200), nullable=False),
    sa.Column("code_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("checkpoints", sa.JSON, nullable=False),
    sa.Column("may_override", sa.Boolean, nullable=False),
    sa.Column("may_search", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("used_at", UtcDateTime, nullable=True),
    sa.Index("ix_enrolments_event_id", "event_id"),
)

# Every scan, refused ones too. `day` is the event day of `scanned_at`. `objection` is what the rules that look
# at this scan alone said against it, `health` what the gate would have said had it asked; `answer` is what a
# repetition of the nonce is answered with. What was scanned is kept as a keyed fingerprint, never as text.
# An annulled scan stays, and counts for nothing.
passages = sa.Table(
    "passages",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _event(),
    sa.Column("nonce", sa.String(36), nullable=False),
    sa.Column("checkpoint_id", sa.ForeignKey("checkpoints.id"), nullable=False, index=True),
    sa.Column(
        "participant_id", sa.ForeignKey("participants.id", ondelete="SET NULL"), nullable=True
    ),
    sa.Column("ticket_id", sa.ForeignKey("tickets.id", ondelete="SET NULL"), nullable=True),
    sa.Column("session_id", sa.ForeignKey("sessions.id", ondelete="SET NULL"), nullable=True),
    sa.Column("type", sa.String(8), nullable=False),
    sa.Column("scanned_at", UtcDateTime, nullable=False),
    sa.Column("arrived_at", UtcDateTime, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("reason", sa.String(24), nullable=True),
    sa.Column("objection", sa.String(24), nullable=True),
    sa.Column("health", sa.String(24), nullable=True),
    sa.Column("forced", sa.Boolean, nullable=False),
    sa.Column("force_reason", sa.String(500), nullable=True),
    sa.Column("offline", sa.Boolean, nullable=False),
    sa.Column("decided", sa.String(8), nullable=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("place_limit", sa.Integer, nullable=True),
    sa.Column("answer", sa.JSON, nullable=False),
    sa.Column("by_kind", sa.String(8), nullable=False),
    sa.Column("by_id", sa.Integer, nullable=False),
    sa.Column("by_name", sa.String(200), nullable=False),
    sa.Column("annulled_at", UtcDateTime, nullable=True),
    sa.UniqueConstraint("event_id", "nonce"),
    sa.Index("ix_passages_participant_id_day", "participant_id", "day"),
    sa.Index("ix_passages_event_id_scanned_at", "event_id", "scanned_at"),
    sa.Index("ix_passages_session_id", "session_id"),
)

# One stay of one participant: in the event as a whole (`room_id` NULL, by its gates) or in a room (by its doors).
# An open stay ends with its event `day` at the latest.
visits = sa.Table(
    "visits",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _event(),
    _participant(),
    sa.Column("room_id", sa.ForeignKey("rooms.id"), nullable=True),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("entered_at", UtcDateTime, nullable=False),
    sa.Column("left_at", UtcDateTime, nullable=True),
    sa.Index("ix_visits_participant_id_day", "participant_id", "day"),
    sa.Index("ix_visits_inside", "event_id", "room_id", "day", "left_at", "entered_at"),
    sa.Index("ix_visits_entered", "event_id", "room_id", "day", "entered_at"),
)

# How many visits are open, counted as they are written: counting a full hall for every scan would take longer the
# fuller it is. `place` is a room's id, 0 for the event itself.
crowds = sa.Table(
    "crowds",
    metadata,
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("inside", sa.Integer, nullable=False),
)

health_readings = sa.Table(
    "health_readings",
    metadata,
    sa.Column("event_id", sa.Integer, primary_key=True),
    sa.Column("nonce", sa.String(36), primary_key=True),
    sa.Column("temperature_c", sa.Float, nullable=True),
    sa.Column("mask", sa.Boolean, nullable=True),
    sa.Column("taken_at", UtcDateTime, nullable=False),
    sa.ForeignKeyConstraint(
        ["event_id", "nonce"], ["passages.event_id", "passages.nonce"], ondelete="CASCADE"
    ),
)

declarations = sa.Table(
    "declarations",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _event(),
    _participant(),
    sa.Column("date", sa.Date, nullable=False),
    sa.Column("symptoms", sa.Boolean, nullable=False),
    sa.Column("contact", sa.Boolean, nullable=False),
    sa.Column("travel", sa.Boolean, nullable=False),
    sa.Column("declared_at", UtcDateTime, nullable=False),
    sa.Index("ix_declarations_participant_id_date", "participant_id", "date"),
)

# A proof is looked at, not copied: its kind, its date, and who saw it.
proofs = sa.Table(
    "proofs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _event(),
    _participant(),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("taken_at", UtcDateTime, nullable=False),
    sa.Column("negative", sa.Boolean, nullable=True),
    sa.Column("doses", sa.Integer, nullable=True),
    sa.Column("seen_by_role", sa.String(16), nullable=False),
    sa.Column("seen_by", sa.String(200), nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Index("ix_proofs_participant_id", "participant_id"),
)

# Whom a health officer sent home after a gate had refused them.
dismissals = sa.Table(
    "dismissals",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _event(),
    _participant(),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("dismissed_by", sa.String(200), nullable=False),
    sa.Column("dismissed_at", UtcDateTime, nullable=False),
    sa.Index("ix_dismissals_participant_id_day", "participant_id", "day"),
)
