"""Certificates of attendance: whoever meets the presence rule gets one, and anybody may check it by its QR code.

Nothing is stored. The code on the paper holds, signed, whose it is, what it counts and of which day it is; name and
event are looked up. So what the page says is what the paper says, and nobody can make one up. Where the records were
corrected since, the page says that too.
"""

import struct
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.errors import Conflict, NotFound
from eventhub.events.model import Attendance, Event
from eventhub.participants.tables import delegations, participants
from eventhub.signing import BadToken, Signer
from eventhub.wording import say

from . import rules, stays, store
from .model import ReportedSession

# Participant, sessions, minutes, and the day as its ordinal (datetime.date.toordinal).
_CLAIM = struct.Struct(">IHII")
_PURPOSE = "certificate"


@dataclass(frozen=True, slots=True)
class Attended:
    """A session somebody attended, and for how many of its minutes."""

    session: ReportedSession
    way: Attendance
    minutes: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the paper says of one person. `issued_on` is a day of the event's zone."""

    participant_id: int
    name: str
    position: str
    office: str
    office_code: str
    language: str
    attended: tuple[Attended, ...]
    issued_on: date

    @property
    def minutes(self) -> int:
        return sum(each.minutes for each in self.attended)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a certificate's code vouches for."""

    participant_id: int
    name: str
    event_id: int
    sessions: int
    minutes: int
    issued_on: date


class Standing(Enum):
    """What the records say by now of what a certificate vouched for when it was made."""

    HOLDS = "holds"
    CORRECTED = "corrected"
    FORGOTTEN = "forgotten"


def sign(secret: str, certificate: Certificate) -> str:
    """Return the token of a certificate's verification page."""
    claim = _CLAIM.pack(
        certificate.participant_id,
        len(certificate.attended),
        certificate.minutes,
        certificate.issued_on.toordinal(),
    )
    return Signer(secret, _PURPOSE).sign(claim)


async def check(tx: AsyncConnection, secret: str, token: str) -> Checked | None:
    """Return what a token vouches for; None when it belongs to no certificate of this installation."""
    try:
        person, sessions, minutes, day = _CLAIM.unpack(Signer(secret, _PURPOSE).open(token))
    except (BadToken, struct.error):
        return None
    query = sa.select(participants.c.name, participants.c.event_id).where(
        participants.c.id == person
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return None
    return Checked(person, row.name, row.event_id, sessions, minutes, date.fromordinal(day))


async def standing_of(
    tx: AsyncConnection, event: Event, checked: Checked, *, at: datetime
) -> Standing:
    """Compare a certificate with the records: corrected where they now show less, forgotten where they are gone."""
    one = sa.select(participants.c.id).where(participants.c.id == checked.participant_id)
    now = await certificates_of(tx, event, one, at=at)
    if now and len(now[0].attended) >= checked.sessions and now[0].minutes >= checked.minutes:
        return Standing.HOLDS
    wanted = store.counted_sessions(event)
    remains = bool(now) or bool(await stays.list_stays(tx, event, wanted, at, one))
    return Standing.CORRECTED if remains else Standing.FORGOTTEN


async def has_ended(tx: AsyncConnection, event: Event, at: datetime) -> bool:
    """Whether the last session is over, so that nobody's attendance grows any more."""
    last = await store.find_last_end(tx, store.counted_sessions(event))
    return last is not None and last <= at


async def certificates_of(
    tx: AsyncConnection, event: Event, people: sa.Select[int], *, at: datetime
) -> list[Certificate]:
    """Return the certificates of those of some people (ids) who attended any session, by office and name."""
    wanted = store.counted_sessions(event)
    sessions = {each.id: each for each in await store.list_sessions(tx, wanted)}
    came_and_went = await stays.list_stays(tx, event, wanted, at, people)
    attended: dict[int, list[Attended]] = {}
    for came in rules.attendance(came_and_went, sessions, event.presence_rule):
        if came.attended:
            each = Attended(sessions[came.session_id], came.way, came.minutes)
            attended.setdefault(came.participant_id, []).append(each)
    query = (
        sa.select(
            participants.c.id,
            participants.c.name,
            participants.c.position,
            participants.c.language,
            delegations.c.name.label("office"),
            delegations.c.code.label("office_code"),
        )
        .join_from(participants, delegations, delegations.c.id == participants.c.delegation_id)
        .where(participants.c.event_id == event.id, participants.c.id.in_(people))
        .order_by(delegations.c.name, participants.c.name, participants.c.id)
    )
    today = at.astimezone(event.zone).date()
    return [
        Certificate(
            row.id,
            row.name,
            row.position,
            row.office,
            row.office_code,
            row.language,
            tuple(sorted(attended[row.id], key=lambda one: one.session.starts_at)),
            today,
        )
        for row in await tx.execute(query)
        if row.id in attended
    ]


async def of_person(
    tx: AsyncConnection, event: Event, participant_id: int, *, at: datetime
) -> Certificate | None:
    """Return somebody's certificate; None before the event's end and for who attended nothing."""
    if not await has_ended(tx, event, at):
        return None
    one = sa.select(participants.c.id).where(participants.c.id == participant_id)
    return next(iter(await certificates_of(tx, event, one, at=at)), None)


async def list_earned(
    tx: AsyncConnection,
    event: Event,
    *,
    delegation: str | None = None,
    participant_id: int | None = None,
    at: datetime,
) -> list[Certificate]:
    """Return the certificates of a person, a delegation, or all; refused before the event's end."""
    if not await has_ended(tx, event, at):
        raise Conflict(say("Certificates are made once the event's last session is over."))
    people = sa.select(participants.c.id).where(participants.c.event_id == event.id)
    if participant_id is not None:
        people = people.where(participants.c.id == participant_id)
    elif delegation is not None:
        office = sa.select(delegations.c.id).where(
            delegations.c.event_id == event.id, delegations.c.code == delegation
        )
        people = people.where(participants.c.delegation_id.in_(office))
    return await certificates_of(tx, event, people, at=at)


async def to_hand_out(
    tx: AsyncConnection,
    event: Event,
    *,
    delegation: str | None = None,
    participant_id: int | None = None,
    at: datetime,
) -> list[Certificate]:
    """Return what `list_earned` does; refused when there are none."""
    found = await list_earned(
        tx, event, delegation=delegation, participant_id=participant_id, at=at
    )
    if not found:
        raise NotFound(say("Nobody here attended enough for a certificate."))
    return found
