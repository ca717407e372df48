"""What somebody answered to a session, as SQL: also where somebody comes to everything in their place."""

import sqlalchemy as sa

from eventhub.participants.model import Rsvp
from eventhub.participants.tables import rsvps, substitutes


def given(participant_id: sa.ColumnElement[int]) -> sa.ColumnElement[str]:
    """Return a participant's answer where `rsvps` is joined.

    A session that is new since they delegated everything is delegated too.
    """
    principal = substitutes.alias("of_everything")
    is_whole = sa.exists().where(principal.c.principal_id == participant_id, principal.c.is_whole)
    unasked = sa.case((is_whole, str(Rsvp.DELEGATED)), else_=str(Rsvp.NEEDS_ACTION))
    return sa.func.coalesce(sa.func.nullif(rsvps.c.status, str(Rsvp.NEEDS_ACTION)), unasked)
