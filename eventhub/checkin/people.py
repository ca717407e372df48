"""People as those at the gate and the health desk may see them: name, position, office, how they attend."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import NotFound
from eventhub.events.model import Attendance
from eventhub.participants.tables import delegations, participants
from eventhub.wording import say

from .handed import who_instead

MOST_WORDS = 10


@dataclass(frozen=True, slots=True)
class Attendee:
    """A participant without contacts; `delegation` is the office's name, `instead` who comes to all in their place."""

    id: int
    name: str
    position: str
    delegation: str
    attendance: Attendance
    instead: str = ""

    @property
    def comes(self) -> bool:
        """Whether they attend on site, and themselves."""
        return self.attendance is Attendance.ONSITE and not self.instead


async def get_attendee(tx: AsyncConnection, event_id: int, participant_id: int) -> Attendee:
    """Return a participant of the event, or raise NotFound."""
    found = await list_attendees(tx, event_id, [participant_id])
    if not found:
        raise NotFound(say("There is no such participant."))
    return found[participant_id]


async def list_attendees(
    tx: AsyncConnection, event_id: int, participant_ids: Iterable[int]
) -> dict[int, Attendee]:
    """Return participants of the event by id; ids that are none of them are left out."""
    query = _attendees(event_id).where(participants.c.id.in_(list(participant_ids)))
    return {row.id: _attendee(row) for row in await tx.execute(query)}


async def search_attendees(
    tx: AsyncConnection, event_id: int, text: str, limit: int
) -> list[Attendee]:
    """Return whose name, position or office holds every word, by name."""
    query = _attendees(event_id)
    for word in text.split()[:MOST_WORDS]:
        columns = participants.c.name, participants.c.position, delegations.c.name
        query = query.where(sa.or_(*(each.icontains(word, autoescape=True) for each in columns)))
    rows = await tx.execute(query.order_by(participants.c.name, participants.c.id).limit(limit))
    return [_attendee(row) for row in rows]


def _attendees(event_id: int) -> sa.Select[Any]:
    return (
        sa.select(
            participants.c.id,
            participants.c.name,
            participants.c.position,
            participants.c.attendance,
            delegations.c.name.label("delegation"),
            who_instead().label("instead"),
        )
        .join(delegations, delegations.c.id == participants.c.delegation_id)
        .where(participants.c.event_id == event_id)
    )


def _attendee(row: Any) -> Attendee:
    return Attendee(
        row.id,
        row.name,
        row.position,
        row.delegation,
        Attendance(row.attendance),
        row.instead or "",
    )
