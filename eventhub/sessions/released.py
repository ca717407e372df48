"""Who the last release invites to which session: what participants, invitations and streams go by."""

import sqlalchemy as sa

from eventhub.participants.tables import participants

from .tables import released_audiences


def released_people(
    release_id: int, session_id: int | None = None, participant_id: int | None = None
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
    release_id: int,
    session_id: int | None,
    participant_id: int | None,
) -> sa.Select[int, int, str]:
    branch = branch.where(released_audiences.c.release_id == release_id)
    if session_id is not None:
        branch = branch.where(released_audiences.c.session_id == session_id)
    if participant_id is not None:
        branch = branch.where(participants.c.id == participant_id)
    return branch
