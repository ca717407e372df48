"""Who a release invites to which session: what participants, invitations and streams go by."""

from typing import TypeAlias

import sqlalchemy as sa

from eventhub.participants.tables import participants, stand_ins, substitutes, switches

from .tables import released_audiences, session_audiences, session_speakers, sessions

# An id, or a parameter in its place: a statement that is executed often is built once.
Id: TypeAlias = int | sa.BindParameter[int]


def released_people(
    release_id: Id, session_id: Id | None = None, participant_id: Id | None = None
) -> sa.Select[int, int, str]:
    """Select `session_id, participant_id, attendance`: one row per person and session of a release.

    A row that names the person wins over the row of their delegation. Cancelled sessions are among them. Whoever
    comes in somebody's place is invited as that person is, who stays invited too; a way to attend that a person
    chose instead wins.
    """
    everyone = sa.union_all(
        _within(_named(), release_id, session_id, participant_id),
        _within(_delegated(), release_id, session_id, participant_id),
        _instead(_named(), release_id, session_id, participant_id),
        _instead(_delegated(), release_id, session_id, participant_id),
    ).subquery("released_people")
    return _as_chosen(everyone)


def _as_chosen(everyone: sa.Subquery) -> sa.Select[int, int, str]:
    """Let the way to attend that a person chose win."""
    return sa.select(
        everyone.c.session_id,
        everyone.c.participant_id,
        sa.func.coalesce(switches.c.attendance, everyone.c.attendance).label("attendance"),
    ).outerjoin_from(
        everyone,
        switches,
        sa.and_(
            switches.c.participant_id == everyone.c.participant_id,
            switches.c.session_id == everyone.c.session_id,
        ),
    )


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
        sa.select(row.c.session_id, participants.c.id.label("participant_id"), row.c.attendance)
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
    return branch.where(~_comes_instead(participants.c.id))


def _comes_instead(id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    return sa.exists().where(substitutes.c.participant_id == id)


def _instead(
    branch: sa.Select[int, int, str],
    release_id: Id,
    session_id: Id | None,
    participant_id: Id | None,
) -> sa.Select[int, int, str]:
    """Turn who is invited into who comes in their place."""
    branch = branch.where(released_audiences.c.release_id == release_id)
    if session_id is not None:
        branch = branch.where(released_audiences.c.session_id == session_id)
    if participant_id is not None:
        branch = branch.where(
            participants.c.id.in_(
                sa.select(substitutes.c.principal_id).where(
                    substitutes.c.participant_id == participant_id
                )
            )
        )
    found = _substituted(branch.subquery())
    if participant_id is not None:
        found = found.where(substitutes.c.participant_id == participant_id)
    return found


def _substituted(invited: sa.Subquery) -> sa.Select[int, int, str]:
    chosen = sa.exists().where(
        stand_ins.c.participant_id == substitutes.c.participant_id,
        stand_ins.c.session_id == invited.c.session_id,
    )
    return (
        sa.select(invited.c.session_id, substitutes.c.participant_id, invited.c.attendance)
        .join_from(invited, substitutes, substitutes.c.principal_id == invited.c.participant_id)
        .where(sa.or_(substitutes.c.is_whole, chosen))
    )


def draft_people(event_id: int) -> sa.Select[int, int, str]:
    """Select the same of the draft, as a release made now would invite them."""
    everyone = sa.union_all(_drafted(), _speaking(), _drafted_offices()).subquery("draft_people")
    invited = (
        sa.select(
            everyone.c.session_id,
            everyone.c.participant_id,
            sa.func.min(everyone.c.attendance).label("attendance"),
        )
        .join(sessions, sessions.c.id == everyone.c.session_id)
        .where(sessions.c.event_id == event_id, sessions.c.starts_at.is_not(None))
        .group_by(everyone.c.session_id, everyone.c.participant_id)
    )
    return _as_chosen(sa.union_all(invited, _substituted(invited.subquery())).subquery())


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
            ~_comes_instead(participants.c.id),
        )
    )
