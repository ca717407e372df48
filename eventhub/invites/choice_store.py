"""What an organizer chose to tell whom: SQL in, model out."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance

from .choices import Choices, Told
from .tables import invite_choices


async def get_choices(tx: AsyncConnection, event_id: int) -> Choices:
    """Return what an event's organizers chose."""
    query = sa.select(invite_choices).where(invite_choices.c.event_id == event_id)
    return Choices(
        {(row.kind, Attendance(row.attendance)): Told(row.told) for row in await tx.execute(query)}
    )


async def save_choices(tx: AsyncConnection, event_id: int, choices: Choices) -> None:
    """Write all that an event's organizers chose."""
    await tx.execute(invite_choices.delete().where(invite_choices.c.event_id == event_id))
    rows = [
        {"event_id": event_id, "kind": kind, "attendance": attendance, "told": told}
        for (kind, attendance), told in choices.unusual()
    ]
    if rows:
        await tx.execute(invite_choices.insert(), rows)
