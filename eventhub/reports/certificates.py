"""Certificates of attendance: whoever meets the presence rule gets one, and anybody may check it by its QR code.

Nothing is stored. The code on the paper holds, signed, whose it is, what it counts and of which day it is; name and
event are looked up. So what the page says is what the paper says, and nobody can make one up.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.checkin import badge
from eventhub.errors import Conflict, NotFound
from eventhub.events.model import Attendance, Event
from eventhub.language import Reader
from eventhub.participants.tables import delegations, participants
from eventhub.participants.typesetting import typeset
from eventhub.signing import BadToken, Signer
from eventhub.wording import Text, render, say

from . import rules, store
from .model import ReportedSession

# Participant, sessions, minutes, and the day as its ordinal (datetime.date.toordinal).
_CLAIM = struct.Struct(">IHII")
_PURPOSE = "certificate"
_WAYS = {
    Attendance.ONSITE: say("On site"),
    Attendance.MEETING: say("Meeting"),
    Attendance.STREAM: say("Stream"),
}


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
    language: str
    attended: tuple[Attended, ...]
    issued_on: date

    @property
    def minutes(self) -> int:
        return sum(each.minutes for each in self.attended)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a certificate's code vouches for."""

    name: str
    event_id: int
    sessions: int
    minutes: int
    issued_on: date


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
    return Checked(row.name, row.event_id, sessions, minutes, date.fromordinal(day))


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
    stays = await store.list_stays(tx, event, wanted, at, people)
    attended: dict[int, list[Attended]] = {}
    for came in rules.attendance(stays, sessions, event.presence_rule):
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


async def to_hand_out(
    tx: AsyncConnection,
    event: Event,
    *,
    delegation: str | None,
    participant_id: int | None,
    at: datetime,
) -> list[Certificate]:
    """Return the certificates of a person or a delegation; refused before the event's end, and when there are none."""
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
    found = await certificates_of(tx, event, people, at=at)
    if not found:
        raise NotFound(say("Nobody here attended enough for a certificate."))
    return found


SOURCE = """
#let data = json(bytes(sys.inputs.data))
#set document(title: data.title)
#set page(paper: "a4", flipped: true, margin: (x: 2.2cm, y: 1.8cm))
#set text(size: 11pt)
#for (number, each) in data.certificates.enumerate() {
  if number > 0 { pagebreak() }
  set text(lang: each.language)
  align(center)[
    #text(size: 13pt, fill: luma(90))[#data.event]
    #v(0.5cm)
    #text(size: 26pt, weight: "bold")[#each.heading]
    #v(0.5cm)
    #each.given
    #v(0.15cm)
    #text(size: 20pt, weight: "bold")[#each.name]
    #if each.of != "" [ #linebreak() #text(fill: luma(70))[#each.of] ]
    #v(0.4cm)
    #each.sentence
  ]
  place(bottom + right, float: true, clearance: 0.5cm)[
    #grid(columns: (auto, 2.6cm), gutter: 0.4cm, align: (right + bottom, right),
      text(size: 8pt, fill: luma(70))[#each.issued #linebreak() #each.checking #linebreak() #each.address],
      image(bytes(each.code), format: "svg", width: 2.6cm))
  ]
  v(0.5cm)
  set text(size: 8pt)
  columns(2, gutter: 0.8cm)[
    #table(
      columns: (1fr, auto, auto),
      align: (left, left, right),
      stroke: (x, y) => (bottom: 0.4pt + luma(200)),
      inset: (x: 3pt, y: 2.5pt),
      table.header(..each.header.map(cell => strong(cell))),
      ..each.rows.flatten(),
    )
  ]
}
"""


async def print_certificates(
    event: Event, certificates: Sequence[Certificate], *, secret: str, base_url: str
) -> bytes:
    """Return the certificates as a PDF, each in its person's language, with its QR code as a drawing."""
    title = f"{event.title}: {len(certificates)}"
    printed = [
        _printed(event, each, f"{base_url.rstrip('/')}/verify/{sign(secret, each)}")
        for each in certificates
    ]
    return await typeset(SOURCE, {"title": title, "event": event.title, "certificates": printed})


def _printed(event: Event, certificate: Certificate, address: str) -> Mapping[str, Any]:
    reader = Reader(certificate.language, event.zone)

    def word(text: Text) -> str:
        return render(text, reader)

    count = len(certificate.attended)
    return {
        "language": certificate.language,
        "heading": word(say("Certificate of attendance")),
        "given": word(say("This certifies that")),
        "name": certificate.name,
        "of": ", ".join(part for part in (certificate.position, certificate.office) if part),
        "sentence": word(
            say(
                "attended {sessions} sessions for {duration} in all, from {first} to {last}.",
                sessions=count,
                duration=duration(certificate.minutes, reader),
                first=reader.long_day(event.starts_on),
                last=reader.long_day(event.ends_on),
            )
            if count > 1
            else say(
                "attended one session for {duration}, on {day}.",
                duration=duration(certificate.minutes, reader),
                day=reader.long_day(event.day_of(certificate.attended[0].session.starts_at)),
            )
        ),
        "header": [word(say("Session")), word(say("How")), word(say("Minutes"))],
        "rows": [
            [
                f"{each.session.title} ({reader.day(event.day_of(each.session.starts_at))})",
                word(_WAYS[each.way]),
                str(each.minutes),
            ]
            for each in certificate.attended
        ],
        "issued": word(say("Made on {day}", day=reader.long_day(certificate.issued_on))),
        "checking": word(say("Check it here:")),
        "address": address,
        "code": badge.draw_link(address),
    }


def duration(minutes: int, reader: Reader) -> str:
    """Write minutes as hours and minutes in the reader's language."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return render(say("{n} min", n=rest), reader)
    if not rest:
        return render(say("{n} h", n=hours), reader)
    return render(say("{h} h {m} min", h=hours, m=rest), reader)
