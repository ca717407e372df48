"""Who a release invites to which session: what participants, invitations and streams go by."""

from typing import TypeAlias

import sqlalchemy as sa

from eventhub.participants.tables import participants

from .tables import released_audiences, session_audiences, session_speakers, sessions

# An id, or a parameter in its place: a statement that is executed often is built once.
Id: TypeAlias = int | sa.BindParameter[int]


def released_people(
    release_id: Id, session_id: Id | None = None, participant_id: Id | None = None
) -> sa.Select[int, int, str]:
    """Select `session_id, participant_id, attendance`: one row per person and session of a release.

    A row that names the person wins over the row of their delegation. Cancelled sessions are among them.
    """
    everyone = sa.union_all(
        _within(_named(), release_id, session_id, participant_id),
        _within(_delegated(), release_id, session_id, participant_id),
    ).subquery("released_people")
    return sa.select(everyone.c.session_id, everyone.c.participant_id, everyone.c.attendance)


def _named() -> sa.Select[int, int, str]:
    row = released_audiences
    return sa.select(
        row.c.session_id.label("session_id"),
        participants.c.id.label("participant_id"),
        sa.func.coalesce(row.c.attendance, participants.c.attendance).label("attendance"),
    ).join_from(row, participants, participants.c.id == row.c.participant_id)


def _delegated() -> sa.Select[int, int, str]:
    row, named = released_audiences, released_audiences.alias("named")
    return (
        sa.select(row.c.session_id, participants.c.id, row.c.attendance)
        .join_from(row, participants, participants.c.delegation_id == row.c.delegation_id)
        .where(
            ~sa.exists().where(
                named.c.release_id == row.c.release_id,
                named.c.session_id == row.c.session_id,
                named.c.participant_id == participants.c.id,
            )
        )
    )


def _within(
    branch: sa.Select[int, int, str],
    release_id: Id,
    session_id: Id | None,
    participant_id: Id | None,
) -> sa.Select[int, int, str]:
    branch = branch.where(released_audiences.c.release_id == release_id)
    if session_id is not None:
        branch = branch.where(released_audiences.c.session_id == session_id)
    if participant_id is not None:
        branch = branch.where(participants.c.id == participant_id)
    return branch


def draft_people(event_id: int) -> sa.Select[int, int, str]:
    """Select the same of the draft, as a release made now would invite them."""
    everyone = sa.union_all(_drafted(), _speaking(), _drafted_offices()).subquery("draft_people")
    return (
        sa.select(
            everyone.c.session_id,
            everyone.c.participant_id,
            sa.func.min(everyone.c.attendance).label("attendance"),
        )
        .join(sessions, sessions.c.id == everyone.c.session_id)
        .where(sessions.c.event_id == event_id, sessions.c.starts_at.is_not(None))
        .group_by(everyone.c.session_id, everyone.c.participant_id)
    )


def _drafted() -> sa.Select[int, int, str]:
    row = session_audiences.c
    return sa.select(
        row.session_id.label("session_id"),
        row.participant_id.label("participant_id"),
        row.attendance.label("attendance"),
    ).where(row.participant_id.is_not(None))


def _speaking() -> sa.Select[int, int, str]:
    row, named = session_speakers, session_audiences.alias("spoken_for")
    return (
        sa.select(row.c.session_id, participants.c.id, participants.c.attendance)
        .join_from(row, participants, participants.c.id == row.c.participant_id)
        .where(
            ~sa.exists().where(
                named.c.session_id == row.c.session_id, named.c.participant_id == participants.c.id
            )
        )
    )


def _drafted_offices() -> sa.Select[int, int, str]:
    row, named, speaking = (
        session_audiences,
        session_audiences.alias("named"),
        session_speakers.alias("speaking"),
    )
    return (
        sa.select(row.c.session_id, participants.c.id, row.c.attendance)
        .join_from(row, participants, participants.c.delegation_id == row.c.delegation_id)
        .where(
            ~sa.exists().where(
                named.c.session_id == row.c.session_id, named.c.participant_id == participants.c.id
            ),
            ~sa.exists().where(
                speaking.c.session_id == row.c.session_id,
                speaking.c.participant_id == participants.c.id,
            ),
        )
    )
