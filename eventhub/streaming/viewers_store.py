"""Samples and stays behind the lines of viewers, and who was expected: SQL in, model out."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.participants.tables import delegations, participants
from eventhub.sessions import actions as programme
from eventhub.sessions.released import released_people

from .model import ViewingKind
from .tables import viewings, youtube_viewers
from .viewers import Found, Stay


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody the release expects from afar, or who came unexpected; `province` is "" where there is none."""

    participant: int
    name: str
    delegation_name: str
    province: str
    is_expected: bool


def _minute(tx: AsyncConnection, column: sa.Column[Any]) -> sa.ColumnElement[int]:
    """Return a moment's clock minute since the epoch, counted by the database: thousands of rows need no moments."""
    if tx.dialect.name == "postgresql":
        return sa.cast(sa.func.floor(sa.extract("epoch", column) / 60), sa.Integer)
    return sa.cast(sa.func.strftime("%s", column), sa.Integer) // 60


async def find(tx: AsyncConnection, session_ids: Collection[int]) -> Found:
    """Return what is known of the viewers of sessions; samples of several are added up."""
    query = sa.select(
        viewings.c.kind,
        viewings.c.participant_id,
        _minute(tx, viewings.c.started_at),
        _minute(tx, viewings.c.last_beat_at),
    ).where(viewings.c.session_id.in_(session_ids))
    stays: dict[str, list[Stay]] = defaultdict(list)
    for kind, *stay in await tx.execute(query):
        stays[kind].append(Stay(*stay))
    minute = _minute(tx, youtube_viewers.c.at)
    sampled = (
        sa.select(minute, sa.func.sum(youtube_viewers.c.viewers))
        .where(youtube_viewers.c.session_id.in_(session_ids))
        .group_by(minute)
    )
    return Found(
        samples={row[0]: int(row[1]) for row in await tx.execute(sampled)},
        stream=tuple(stays[ViewingKind.STREAM]),
        meeting=tuple(stays[ViewingKind.MEETING]),
    )


async def list_people(tx: AsyncConnection, event_id: int, session_id: int) -> list[Expected]:
    """Return whom the last release expects from afar, and who else came, by delegation and name."""
    release = await programme.latest_release(tx, event_id)
    if release is None:
        return []
    invited = released_people(release.id, session_id).subquery("invited")
    afar = sa.select(invited.c.participant_id).where(
        invited.c.attendance.in_(["meeting", "stream"])
    )
    # Two plain questions: one with an OR reads everybody's invitation for each participant.
    found = {row.id: _expected(row, is_expected=True) for row in await _people(tx, afar)}
    came = sa.select(viewings.c.participant_id).where(viewings.c.session_id == session_id)
    for row in await _people(tx, came):
        found.setdefault(row.id, _expected(row, is_expected=False))
    return sorted(found.values(), key=lambda each: (each.delegation_name, each.name))


async def _people(tx: AsyncConnection, ids: sa.Select[Any]) -> Sequence[Any]:
    parents = delegations.alias("parents")
    query = (
        sa.select(
            participants.c.id,
            participants.c.name,
            delegations.c.name.label("delegation_name"),
            delegations.c.kind,
            parents.c.name.label("parent"),
            parents.c.kind.label("parent_kind"),
        )
        .select_from(participants)
        .join(delegations, delegations.c.id == participants.c.delegation_id)
        .outerjoin(parents, parents.c.id == delegations.c.parent_id)
        .where(participants.c.id.in_(ids))
    )
    return (await tx.execute(query)).all()


def _expected(row: Any, *, is_expected: bool) -> Expected:
    parent = row.parent if row.parent_kind == "province" else ""
    return Expected(
        participant=row.id,
        name=row.name,
        delegation_name=row.delegation_name,
        province=row.delegation_name if row.kind == "province" else parent or "",
        is_expected=is_expected,
    )
