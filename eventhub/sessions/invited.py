"""Who is invited to which session: the one expansion of audiences and speakers that every capability reads."""

from typing import TypeAlias

import sqlalchemy as sa

from eventhub.participants.tables import participants, substitutes

from .tables import session_audiences, session_speakers, sessions

InvitedPeople: TypeAlias = sa.Select[int, int, str]


def invited_people(
    event_id: int, session_id: int | None = None, participant_id: int | None = None
) -> InvitedPeople:
    """Select `session_id, participant_id, attendance`: one row per person and session, whatever the session's state.

    A row of the audience that names the participant wins; then that they speak (with the attendance
    they are registered with); then their delegation's row. A delegation's row means those who
    represent it, not its child delegations.
    """
    branches = (_named(), _speaking(), _delegated())
    everyone = sa.union_all(
        *(_within(branch, event_id, session_id, participant_id) for branch in branches)
    ).subquery("invited_people")
    return sa.select(everyone.c.session_id, everyone.c.participant_id, everyone.c.attendance)


def _named() -> InvitedPeople:
    row = session_audiences.alias("named")
    return (
        sa.select(
            sessions.c.id.label("session_id"),
            participants.c.id.label("participant_id"),
            row.c.attendance,
        )
        .join_from(row, sessions, sessions.c.id == row.c.session_id)
        .join(participants, participants.c.id == row.c.participant_id)
        .where(_is_first(row, "participant_id"))
    )


def _speaking() -> InvitedPeople:
    row = session_speakers.alias("speaking")
    return (
        sa.select(sessions.c.id, participants.c.id, participants.c.attendance)
        .join_from(row, sessions, sessions.c.id == row.c.session_id)
        .join(participants, participants.c.id == row.c.participant_id)
        .where(~_is_among(session_audiences))
    )


def _delegated() -> InvitedPeople:
    row = session_audiences.alias("delegated")
    return (
        sa.select(sessions.c.id, participants.c.id, row.c.attendance)
        .join_from(row, sessions, sessions.c.id == row.c.session_id)
        .join(participants, participants.c.delegation_id == row.c.delegation_id)
        .where(
            _is_first(row, "delegation_id"),
            ~_is_among(session_audiences),
            ~_is_among(session_speakers),
            # They take the seat of somebody who is counted already.
            ~sa.exists().where(substitutes.c.participant_id == participants.c.id),
        )
    )


def _is_first(row: sa.FromClause, subject: str) -> sa.ColumnElement[bool]:
    """Whether no earlier row of the same session has the same subject, so that a repetition counts once."""
    earlier = session_audiences.alias("earlier")
    return ~sa.exists().where(
        earlier.c.session_id == row.c.session_id,
        earlier.c[subject] == row.c[subject],
        earlier.c.id < row.c.id,
    )


def _is_among(table: sa.Table) -> sa.ColumnElement[bool]:
    other = table.alias("other")
    return sa.exists().where(
        other.c.session_id == sessions.c.id, other.c.participant_id == participants.c.id
    )


def _within(
    branch: InvitedPeople,
    event_id: int,
    session_id: int | None,
    participant_id: int | None,
) -> InvitedPeople:
    branch = branch.where(sessions.c.event_id == event_id)
    if session_id is not None:
        branch = branch.where(sessions.c.id == session_id)
    if participant_id is not None:
        branch = branch.where(participants.c.id == participant_id)
    return branch
