"""An event with two sessions, two offices and what was recorded of their people."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.checkin.tables import visits
from eventhub.db.engine import Database
from eventhub.events.model import Attendance, PresenceRule
from eventhub.streaming.tables import viewings
from tests import make

DAY = date(2021, 2, 25)


async def stored(database: Database, **event: Any) -> None:
    """Write the event: office 1 is invited on site to session 1, office 2 watches; person 3 speaks."""
    await make.stored(
        database,
        make.event(presence_rule=PresenceRule(10, 50), **event),
        make.room(1),
        make.room(2),
        make.delegation(1, name="Bappenas"),
        make.delegation(2, name="Bappeda Papua"),
        make.participant(1),
        make.participant(2),
        make.participant(3, delegation_id=2, attendance="meeting"),
        make.participant(4, delegation_id=2, attendance="stream"),
        make.session(
            1,
            code="opening",
            speakers=(3,),
            audience=(
                make.audience(Attendance.ONSITE, delegation_id=1),
                make.audience(Attendance.STREAM, delegation_id=2),
                make.audience(Attendance.MEETING, participant_id=2),
            ),
        ),
        make.session(
            2, code="closing", starts_at=make.at("13:00", "2021-02-26"),
            ends_at=make.at("14:00", "2021-02-26"),
            audience=(make.audience(Attendance.ONSITE, delegation_id=1),),
        ),
    )  # fmt: skip


async def visited(
    tx: AsyncConnection, person: int, entered: datetime, left: datetime | None, **more: Any
) -> None:
    """Write a visit to room 1 on the opening day."""
    values = {"event_id": 1, "participant_id": person, "room_id": 1, "day": DAY}
    await tx.execute(
        visits.insert().values(values | {"entered_at": entered, "left_at": left} | more)
    )


async def watched(
    tx: AsyncConnection, person: int, start: datetime, end: datetime, kind: str = "stream"
) -> None:
    """Write a viewing of the opening."""
    await tx.execute(
        viewings.insert().values(
            event_id=1,
            session_id=1,
            participant_id=person,
            kind=kind,
            started_at=start,
            last_beat_at=end,
        )
    )
