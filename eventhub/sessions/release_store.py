"""Releases in the database."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.db.engine import insert_row
from eventhub.db.ready import Ready
from eventhub.errors import NotFound
from eventhub.events.model import Event
from eventhub.wording import say

from .lookup import CHUNK
from .model import AnySession, Change, Format, Kind, Release, Released, SessionState
from .tables import released_audiences, released_sessions, releases, sessions

# Asked at every beat of an audience, and at most pages.
_LATEST = Ready(
    sa.select(
        releases.c.id,
        releases.c.event_id,
        releases.c.number,
        releases.c.note,
        releases.c.published_at,
    )
    .where(releases.c.event_id == sa.bindparam("event"))
    .order_by(releases.c.number.desc())
    .limit(1)
)


def _of_code(columns: Iterable[sa.Column[Any]]) -> Ready:
    return Ready(
        sa.select(*columns)
        .join(sessions, sessions.c.id == released_sessions.c.session_id)
        .where(
            released_sessions.c.release_id == sa.bindparam("release"),
            sessions.c.code == sa.bindparam("code"),
        )
    )


_RELEASED = _of_code(released_sessions.c)
_WITHOUT_AUDIENCE = _of_code(each for each in released_sessions.c if each.name != "audience")


async def latest_release(tx: AsyncConnection, event_id: int) -> Release | None:
    """Return the event's last release, without its changes."""
    row = await _LATEST.row(tx, event=event_id)
    return Release(row.id, row.event_id, row.number, row.note, row.published_at) if row else None


async def list_releases(
    tx: AsyncConnection, event_id: int, before: int, limit: int
) -> list[Release]:
    """Return releases with their changes, the latest first, those numbered below `before`."""
    query = (
        sa.select(releases)
        .where(releases.c.event_id == event_id, releases.c.number < before)
        .order_by(releases.c.number.desc())
        .limit(limit)
    )
    return [_release(row) for row in await tx.execute(query)]


async def get_release(tx: AsyncConnection, event_id: int, number: int) -> Release:
    """Return a release with its changes, or raise NotFound."""
    query = sa.select(releases).where(releases.c.event_id == event_id, releases.c.number == number)
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        raise NotFound(say("There is no release {n}.", n=number))
    return _release(row)


async def list_released(
    tx: AsyncConnection,
    release_id: int,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[Released]:
    """Return a release's sessions by start and code, those that share an instant with [start, end)."""
    table = released_sessions.c
    query = sa.select(released_sessions).where(table.release_id == release_id)
    if start is not None:
        query = query.where(table.ends_at > start)
    if end is not None:
        query = query.where(table.starts_at < end)
    rows = await tx.execute(query.order_by(table.starts_at, table.session_id))
    # Of a whole event this is a tenth of a second of decoding, which nobody else should wait for.
    return await asyncio.to_thread(lambda: [released_of(row) for row in rows])


async def starts_of(tx: AsyncConnection, release: Release) -> dict[str, datetime]:
    """Return by code when the sessions start that a release's changes are about, as far as it froze them."""
    found: dict[str, datetime] = {}
    codes = sorted({change.session for change in release.changes})
    for n in range(0, len(codes), CHUNK):
        query = (
            sa.select(sessions.c.code, released_sessions.c.starts_at)
            .join(sessions, sessions.c.id == released_sessions.c.session_id)
            .where(
                released_sessions.c.release_id == release.id,
                sessions.c.code.in_(codes[n : n + CHUNK]),
            )
        )
        found |= {row.code: row.starts_at for row in await tx.execute(query)}
    return found


async def find_released(
    tx: AsyncConnection, release_id: int, code: str, *, with_audience: bool = True
) -> Released | None:
    """Return a release's session of a code; a plenary's audience is long, so who need not know it leaves it out."""
    query = _RELEASED if with_audience else _WITHOUT_AUDIENCE
    row = await query.row(tx, release=release_id, code=code)
    return released_of(row) if row else None


async def insert_release(
    tx: AsyncConnection,
    event: Event,
    *,
    number: int,
    note: str,
    at: datetime,
    changes: Sequence[Change],
) -> int:
    """Write a new release; return its id."""
    values = {
        "event_id": event.id,
        "number": number,
        "note": note,
        "published_at": at,
        "changes": [asdict(change) for change in changes],
    }
    return await insert_row(tx, releases, values)


async def insert_released(
    tx: AsyncConnection, release_id: int, drafts: Sequence[AnySession], frozen: Sequence[Released]
) -> None:
    """Write what a release froze, and whom each session invites."""
    if not drafts:
        return
    await tx.execute(
        released_sessions.insert(),
        [
            {
                "release_id": release_id,
                "session_id": session.session_id,
                "starts_at": session.starts_at,
                "ends_at": session.ends_at,
                "room_id": draft.room_id,
                "state": session.state,
                "snapshot": snapshot(session),
                "audience": session.audience,
            }
            for draft, session in zip(drafts, frozen, strict=True)
        ],
    )
    rows = [row for draft in drafts for row in _audience_rows(release_id, draft)]
    if rows:
        await tx.execute(released_audiences.insert(), rows)


def _audience_rows(release_id: int, session: AnySession) -> list[dict[str, Any]]:
    """Return who a session invites, each office and person once: the first row counts, then speaking."""
    wanted: dict[tuple[int | None, int | None], str | None] = {}
    for row in session.audience:
        wanted.setdefault((row.delegation_id, row.participant_id), row.attendance.value)
    for person in session.speakers:
        wanted.setdefault((None, person), None)
    return [
        {
            "release_id": release_id,
            "session_id": session.id,
            "delegation_id": office,
            "participant_id": person,
            "attendance": attendance,
        }
        for (office, person), attendance in wanted.items()
    ]


def snapshot(session: Released) -> dict[str, Any]:
    values = asdict(session)
    for name in ("session_id", "starts_at", "ends_at", "state", "audience"):
        del values[name]
    return values


def released_of(row: Any) -> Released:
    """Return a row of `released_sessions` as a released session."""
    kept = dict(row.snapshot)
    speakers = tuple((person, name) for person, name in kept.pop("speakers"))
    return Released(
        session_id=row.session_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        state=SessionState(row.state),
        kind=Kind(kept.pop("kind")),
        format=Format(kept.pop("format")),
        speakers=speakers,
        audience=tuple(getattr(row, "audience", ())),
        **kept,
    )


def _release(row: Any) -> Release:
    changes = tuple(Change(**change) for change in row.changes)
    return Release(row.id, row.event_id, row.number, row.note, row.published_at, changes)
