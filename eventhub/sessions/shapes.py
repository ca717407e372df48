"""What goes out about sessions, conflicts and releases."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.language import Reader
from eventhub.web.fields import INT32, Instant, Shape
from eventhub.wording import render

from . import lookup
from .conflicts import as_json
from .model import (
    AnySession,
    Audience,
    Change,
    Format,
    Kind,
    ProgrammeConflict,
    Release,
    SessionState,
)
from .sentences import sentence


class SessionShape(Shape):
    code: str
    title: str
    abstract: str
    kind: Kind
    format: Format
    starts_at: Instant | None
    ends_at: Instant | None
    minutes: int
    time_zone: str
    room: str | None
    meeting_url: str
    stream: bool
    track: str
    speakers: list[int]
    audience: list[dict[str, str | int]]
    state: SessionState
    sequence: int


class SubjectShape(Shape):
    type: str
    code: str
    name: str


class ConflictShape(Shape):
    """What stands in the way. `count` says how many it is about, `subject` and `further` are those that are named."""

    kind: str
    severity: Literal["block", "block_release", "warn", "ignore"]
    sessions: list[str]
    subject: SubjectShape
    further: list[SubjectShape]
    count: int
    explanation: str


class Conflicts(Shape):
    conflicts: list[ConflictShape]


class ChangeShape(Shape):
    session: str
    change: Literal["new", "moved", "cancelled", "room", "link", "text", "audience"]
    before: Any
    after: Any
    sentence: str


class ReleaseShape(Shape):
    release: Annotated[int, Field(ge=1, le=INT32)]
    note: str
    published_at: Instant
    changes: list[ChangeShape]


def conflict_shapes(found: list[ProgrammeConflict], reader: Reader) -> list[ConflictShape]:
    """Return conflicts with their explanations in the reader's language."""
    shapes = []
    for conflict in found:
        values = as_json(conflict) | {"explanation": render(conflict.explanation, reader)}
        shapes.append(ConflictShape.model_validate(values))
    return shapes


def release_shape(release: Release, reader: Reader) -> ReleaseShape:
    """Return a release with its changes in words."""
    return ReleaseShape(
        release=release.number,
        note=release.note,
        published_at=release.published_at,
        changes=[change_shape(change, reader) for change in release.changes],
    )


def change_shape(change: Change, reader: Reader) -> ChangeShape:
    """Return a change in words."""
    return ChangeShape(
        session=change.session,
        change=change.change,
        before=change.before,
        after=change.after,
        sentence=render(sentence(change), reader),
    )


async def session_shapes(tx: AsyncConnection, sessions: Sequence[AnySession]) -> list[SessionShape]:
    """Return sessions with codes in place of ids."""
    codes = await lookup.codes_of(tx, sessions)
    return [_shape(session, codes) for session in sessions]


def _shape(session: AnySession, codes: lookup.Codes) -> SessionShape:
    own = {"room", "audience", "speakers"}
    names = SessionShape.model_fields.keys() - own
    values = {name: getattr(session, name, None) for name in names}
    return SessionShape(
        room=codes.rooms.get(session.room_id) if session.room_id is not None else None,
        speakers=list(session.speakers),
        audience=[_audience_row(row, codes) for row in session.audience],
        **values,
    )


def _audience_row(row: Audience, codes: lookup.Codes) -> dict[str, str | int]:
    if row.delegation_id is not None:
        return {
            "delegation": codes.delegations[row.delegation_id],
            "attendance": row.attendance.value,
        }
    assert row.participant_id is not None
    return {"participant": row.participant_id, "attendance": row.attendance.value}
