"""Tables of invitations and of the mail queue (the outbox page)."""

import sqlalchemy as sa

from eventhub.db.schema import metadata
from eventhub.db.types import UtcDateTime

invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    # Outlives the participant, whose number is never given again: who is taken out is sent cancellations.
    sa.Column("participant_id", sa.Integer, nullable=False),
    sa.Column(
        "session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("uid", sa.String(200), nullable=False, unique=True),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("method", sa.String(16), nullable=False),
    sa.Column("attendance", sa.String(16), nullable=False),
    sa.Column("told", sa.JSON, nullable=False),
    # The last answer by mail that counted: what it answered, when it was written and when it came in.
    sa.Column("replied_sequence", sa.Integer, nullable=True),
    sa.Column("replied_dtstamp", UtcDateTime, nullable=True),
    sa.Column("replied_at", UtcDateTime, nullable=True),
    sa.Column("delegate", sa.String(300), nullable=False, default=""),
    sa.Column("comment", sa.String(500), nullable=False, default=""),
    sa.UniqueConstraint("participant_id", "session_id"),
    sa.Index("ix_invitations_event_id", "event_id"),
)

# Personal links are made when a mail is written, from ids and the link generation, so none lies here.
mails = sa.Table(
    "mails",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    # Outlives the participant, whose number is never given again: who is taken out is sent cancellations.
    sa.Column("participant_id", sa.Integer, nullable=False),
    sa.Column(
        "session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=True, index=True
    ),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("to_address", sa.String(254), nullable=False),
    sa.Column("domain", sa.String(254), nullable=False),
    sa.Column("subject", sa.String(400), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("message_id", sa.String(254), nullable=False, unique=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("claim", sa.String(32), nullable=False),
    sa.Column("claimed_until", UtcDateTime, nullable=True),
    # When it was last taken to be handed over, which the limits count, and when that last came to an end.
    sa.Column("taken_at", UtcDateTime, nullable=True),
    sa.Column("tried_at", UtcDateTime, nullable=True),
    sa.Column("last_error", sa.String(500), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("sent_at", UtcDateTime, nullable=True),
    # The number of the release it tells of, null for first invitations.
    sa.Column("release", sa.Integer, nullable=True),
    # Claiming: what is due, in order; and whether something earlier of the same thread is still open.
    sa.Index("ix_mails_state_due_at", "state", "due_at", "id"),
    sa.Index("ix_mails_participant_id_session_id", "participant_id", "session_id", "state"),
    sa.Index("ix_mails_taken_at", "taken_at", "domain"),
    sa.Index("ix_mails_tried_at", "tried_at"),
    sa.Index("ix_mails_event_id_id", "event_id", "id"),
    sa.Index("ix_mails_event_id_state", "event_id", "state", "id"),
)

# Which release everybody who was invited knows: with the welcome, and by a notice since.
informed = sa.Table(
    "informed",
    metadata,
    sa.Column(
        "participant_id",
        sa.ForeignKey("participants.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column("release", sa.Integer, nullable=False),
    sa.Index("ix_informed_event_id", "event_id"),
)

# Events whose mail waits until a person says so.
mail_pauses = sa.Table(
    "mail_pauses",
    metadata,
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("who", sa.String(254), nullable=False),
)

# One row: `since` when the mail server has taken nothing (null while it does), and when it is tried again.
mail_stops = sa.Table(
    "mail_stops",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("since", UtcDateTime, nullable=True),
    sa.Column("probe_at", UtcDateTime, nullable=True),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("answer", sa.String(500), nullable=False),
    sa.Column("reopened_at", UtcDateTime, nullable=True),
)

# Who wants nothing but what they need to hold: no notices, reminders and digests.
mail_optouts = sa.Table(
    "mail_optouts",
    metadata,
    sa.Column(
        "participant_id",
        sa.ForeignKey("participants.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("ix_mail_optouts_event_id", "event_id"),
)

# What an organizer chose that is not as usual: how a way of attending is told of sessions of a kind.
invite_choices = sa.Table(
    "invite_choices",
    metadata,
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("attendance", sa.String(16), primary_key=True),
    sa.Column("told", sa.String(16), nullable=False),
)

# Reminders asked for: when those of a day go out, and how many mails were queued then (null before).
reminders = sa.Table(
    "reminders",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("who", sa.String(254), nullable=False),
    sa.Column("queued", sa.Integer, nullable=True),
)

# Who was reminded of which day, so that nobody is twice.
reminded = sa.Table(
    "reminded",
    metadata,
    sa.Column(
        "participant_id",
        sa.ForeignKey("participants.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("day", sa.Date, primary_key=True),
)
