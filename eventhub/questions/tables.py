"""Tables of questions, votes, polls and answers. Who asked stays, so that one person asks and votes once."""

import sqlalchemy as sa

from eventhub.db.schema import metadata
from eventhub.db.types import UtcDateTime


def _of_session() -> tuple[sa.Column[int], sa.Column[int]]:
    return (
        sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
        sa.Column(
            "session_id",
            sa.ForeignKey("sessions.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
    )


# `counts_due_at`: new counts wait to be told to open pages.
floors = sa.Table(
    "floors",
    metadata,
    sa.Column("session_id", sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Column("names", sa.String(16), nullable=False),
    sa.Column("may_be_anonymous", sa.Boolean, nullable=False),
    sa.Column("counts_due_at", UtcDateTime, nullable=True),
)

questions = sa.Table(
    "questions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    *_of_session(),
    sa.Column(
        "participant_id",
        sa.ForeignKey("participants.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("is_anonymous", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("is_pinned", sa.Boolean, nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
)

question_votes = sa.Table(
    "question_votes",
    metadata,
    sa.Column("question_id", sa.ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column(
        "participant_id",
        sa.ForeignKey("participants.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)

polls = sa.Table(
    "polls",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    *_of_session(),
    sa.Column("text", sa.String(300), nullable=False),
    sa.Column("choices", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
)

poll_answers = sa.Table(
    "poll_answers",
    metadata,
    sa.Column("poll_id", sa.ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True),
    sa.Column(
        "participant_id",
        sa.ForeignKey("participants.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    sa.Column("choice", sa.Integer, nullable=False),
)
