"""Tickets that are handed on: who has somebody come in their place to the whole event has none that admits.

Nothing is written for that: taking the other back makes the same ticket good again.
"""

import sqlalchemy as sa

from eventhub.events.model import Attendance
from eventhub.participants.tables import participants, substitutes

# As plain SQL, of the participant `p`: the name of who comes to the whole event in their place, else null.
INSTEAD = """(SELECT other.name FROM substitutes x JOIN participants other ON other.id = x.participant_id
              WHERE x.principal_id = p.id AND x.is_whole ORDER BY other.id LIMIT 1)"""


def who_instead() -> sa.ScalarSelect[str]:
    """Return the same of a row of `participants`."""
    other = participants.alias("other")
    return (
        sa.select(other.c.name)
        .join_from(substitutes, other, other.c.id == substitutes.c.participant_id)
        .where(substitutes.c.principal_id == participants.c.id, substitutes.c.is_whole)
        .order_by(other.c.id)
        .limit(1)
        .correlate(participants)
        .scalar_subquery()
    )


def comes_on_site() -> sa.ColumnElement[bool]:
    """Return whether a participant attends on site, and themselves."""
    instead = sa.exists().where(
        substitutes.c.principal_id == participants.c.id, substitutes.c.is_whole
    )
    return sa.and_(participants.c.attendance == Attendance.ONSITE, ~instead)
