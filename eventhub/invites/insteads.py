"""Who comes in whose place to which session (mewakili), as invitations tell it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.participants.tables import delegations, participants, stand_ins, substitutes

from .model import Other


@dataclass(frozen=True, slots=True)
class Instead:
    """That `who` comes in the place of `whom`: to some sessions, or (None) to the whole event."""

    who: Other
    whom: Other
    session_ids: frozenset[int] | None

    def is_at(self, session_id: int) -> bool:
        return self.session_ids is None or session_id in self.session_ids


@dataclass(frozen=True, slots=True)
class Insteads:
    """All of an event: by whom it is done in place of, and by who does it, both ids of participants."""

    of: Mapping[int, Sequence[Instead]] = field(default_factory=dict)
    by: Mapping[int, Instead] = field(default_factory=dict)

    def who_for(self, participant_id: int, session_id: int) -> Other | None:
        """Return who comes to a session in a participant's place."""
        named = (one for one in self.of.get(participant_id, ()) if one.is_at(session_id))
        return next((one.who for one in named), None)

    def whom_for(self, participant_id: int, session_id: int) -> Other | None:
        """Return in whose place a participant comes to a session."""
        one = self.by.get(participant_id)
        return one.whom if one and one.is_at(session_id) else None


NOBODY = Insteads()


async def read_insteads(tx: AsyncConnection, event_id: int) -> Insteads:
    """Return who of an event comes in whose place."""
    seats = await _sessions(tx, event_id)
    of: dict[int, list[Instead]] = defaultdict(list)
    by: dict[int, Instead] = {}
    for row in await tx.execute(_pairs(event_id)):
        one = Instead(
            Other(row.name, row.email or row.office_email),
            Other(row.principal, row.principal_email or row.office_email),
            None if row.is_whole else frozenset(seats[row.participant_id]),
        )
        of[row.principal_id].append(one)
        by[row.participant_id] = one
    return Insteads(of, by)


def _pairs(event_id: int) -> sa.Select[Any]:
    principals, offices = participants.alias("principals"), delegations
    return (
        sa.select(
            substitutes.c.participant_id,
            substitutes.c.principal_id,
            substitutes.c.is_whole,
            participants.c.name,
            participants.c.email,
            principals.c.name.label("principal"),
            principals.c.email.label("principal_email"),
            offices.c.email.label("office_email"),
        )
        .join_from(substitutes, participants, participants.c.id == substitutes.c.participant_id)
        .join(principals, principals.c.id == substitutes.c.principal_id)
        .join(offices, offices.c.id == principals.c.delegation_id)
        .where(participants.c.event_id == event_id)
        .order_by(substitutes.c.participant_id)
    )


async def _sessions(tx: AsyncConnection, event_id: int) -> Mapping[int, set[int]]:
    query = (
        sa.select(stand_ins.c.participant_id, stand_ins.c.session_id)
        .join(participants, participants.c.id == stand_ins.c.participant_id)
        .where(participants.c.event_id == event_id)
    )
    found: dict[int, set[int]] = defaultdict(set)
    for participant_id, session_id in await tx.execute(query):
        found[participant_id].add(session_id)
    return found
