"""What a session needs for itself alone, and where its people are. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from eventhub.events.model import Attendance, Event

from .encoders import Encoder, encoder_of
from .model import Format, Session, SessionState, Surroundings

# Where somebody takes part: the id of a room, or None for online.
Where = int | None


class Claim(NamedTuple):
    """What a session binds: a room, an encoder, people and offices by id; None and empty where it binds none."""

    session: Session
    room_id: int | None
    encoder: Encoder | None
    people: Mapping[int, Where]
    offices: Mapping[int, Where]


def claim(session: Session, event: Event, around: Surroundings) -> Claim:
    """Return what a session claims. A cancelled one claims nothing, and watching a stream binds nobody."""
    if session.state is SessionState.CANCELLED:
        return Claim(session, None, None, {}, {})
    people: dict[int, Where] = {}
    offices: dict[int, Where] = {}
    for row in session.audience:
        if row.attendance is Attendance.STREAM:
            continue
        if row.participant_id is not None:
            people.setdefault(row.participant_id, _where(session, row.attendance))
        elif row.delegation_id is not None:
            offices.setdefault(row.delegation_id, _where(session, row.attendance))
    for person in session.speakers:
        if person not in people:
            people[person] = _where(session, around.people[person].attendance)
    return Claim(session, session.room_id, _encoder(session, event, around), people, offices)


def _where(session: Session, attendance: Attendance) -> Where:
    onsite = session.format is Format.ONSITE or attendance is Attendance.ONSITE
    return session.room_id if onsite else None


def _encoder(session: Session, event: Event, around: Surroundings) -> Encoder | None:
    if not session.stream:
        return None
    room = around.rooms[session.room_id] if session.room_id is not None else None
    return encoder_of(
        room=room.code if room else None,
        room_name=room.name if room else "",
        track=session.track,
        event=event.title,
    )
