"""Writes what happens in the sample event in a span of time.

Scans go through the action that records any scan, so what they meet is decided and not made up; invitations through
the one that sends them. Answers and viewings are rows by the thousand and go straight into their tables. Who or what
was taken out of the sample meanwhile is left out of its story.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import audit
from eventhub.accounts.tables import audit_log
from eventhub.checkin import actions as checkin
from eventhub.checkin.tables import passages
from eventhub.events.model import Attendance, Event
from eventhub.invites import actions as invites
from eventhub.invites.model import State as MailState
from eventhub.invites.tables import mails
from eventhub.participants.tables import participants, rsvps
from eventhub.sessions.tables import sessions
from eventhub.settings import Settings
from eventhub.streaming import actions as streaming

from .arrivals import Scan, scans
from .broadcasting import tell_broadcasts, tell_viewings
from .checkpoints import GATE, Scanners, door, find_scanners
from .guests import guests
from .happenings import INVITED_AT, Span, answers, up_to
from .plan import WIB
from .seed import Ids, Row, ids_by, insert

# Mail to 300 people leaves within minutes.
DELIVERY = timedelta(minutes=4)

TOLD = "demo.told"


@dataclass(frozen=True, slots=True)
class Story:
    """Where it happens, to whom (ids by e-mail address), and when."""

    event: Event
    people: Ids
    span: Span


async def tell_history(
    tx: AsyncConnection, event: Event, settings: Settings, *, at: datetime
) -> None:
    """Write all that has happened until `at` and was not told yet; a moment told already adds nothing."""
    last = await _told_until(tx, event)
    span = Span(last, at) if last else up_to(at)
    if span.until <= span.since:
        return
    story = Story(event, await ids_by(tx, participants.c.email, event.id), span)
    if INVITED_AT in span:
        await _invite(tx, story, settings)
    if at >= INVITED_AT:
        await _answer(tx, story)
        await _scan(tx, story, checkin.TicketSecrets.of(settings.secret))
        ids = await ids_by(tx, sessions.c.code, event.id)
        await tell_broadcasts(tx, event, ids, span)
        await tell_viewings(tx, event, ids, story.people, span)
        await streaming.count_peaks(tx, event.id)
    detail = {"until": at.isoformat()}
    await audit.record(tx, "demo", TOLD, event.slug, event_id=event.id, at=at, detail=detail)


async def _told_until(tx: AsyncConnection, event: Event) -> datetime | None:
    query = sa.select(audit_log.c.detail).where(
        audit_log.c.event_id == event.id, audit_log.c.action == TOLD
    )
    moments = [
        datetime.fromisoformat(each["until"]) for each in (await tx.execute(query)).scalars()
    ]
    return max(moments, default=None)


async def _invite(tx: AsyncConnection, story: Story, settings: Settings) -> None:
    """Send the invitations of those who have had theirs; the 1,394 agencies are left to an organizer."""
    emails = {guest.email for guest in guests() if guest.has_mail} & story.people.keys()
    await invites.send_invitations(
        tx,
        story.event,
        at=INVITED_AT,
        domain=settings.mail_domain,
        among={story.people[email] for email in emails},
    )
    await tx.execute(
        mails.update()
        .where(mails.c.event_id == story.event.id, mails.c.created_at == INVITED_AT)
        .values(state=MailState.SENT, attempts=1, sent_at=INVITED_AT + DELIVERY)
    )


async def _answer(tx: AsyncConnection, story: Story) -> None:
    """Write answers, unless a person has given one meanwhile."""
    given = sa.select(rsvps.c.participant_id, rsvps.c.session_code).join(
        participants, participants.c.id == rsvps.c.participant_id
    )
    rows = await tx.execute(given.where(participants.c.event_id == story.event.id))
    known = {(row[0], row[1]) for row in rows}
    await insert(
        tx,
        rsvps,
        (
            {
                "participant_id": story.people[answer.email],
                "session_code": answer.session,
                "status": answer.status,
                "answered_at": answer.answered_at,
            }
            for answer in answers(story.span)
            if answer.email in story.people
            and (story.people[answer.email], answer.session) not in known
        ),
    )


async def _scan(tx: AsyncConnection, story: Story, secrets: checkin.TicketSecrets) -> None:
    """Have each day's scans recorded as if they arrived at once, then date their arrival."""
    scanners = await find_scanners(tx, story.event)
    onsite = await _onsite(tx, story.event)
    made = [scan for scan in scans(story.span) if scan.email in onsite]
    texts = {
        email: (
            await checkin.ticket_for(
                tx, story.event, story.people[email], secrets=secrets, at=story.span.until
            )
        ).text
        for email in sorted({scan.email for scan in made})
    }
    for _, of_day in groupby(made, key=lambda scan: scan.at.astimezone(WIB).date()):
        day = list(of_day)
        for who, at_doors in ((scanners.gate, False), (scanners.doors, True)):
            items = [_item(scan, texts[scan.email]) for scan in day if bool(scan.room) is at_doors]
            await checkin.record_passages(
                tx, story.event, items, who=who, secrets=secrets, at=story.span.until
            )
    await _date_arrivals(tx, story, scanners)


async def _onsite(tx: AsyncConnection, event: Event) -> frozenset[str]:
    query = sa.select(participants.c.email).where(
        participants.c.event_id == event.id, participants.c.attendance == Attendance.ONSITE
    )
    return frozenset((await tx.execute(query)).scalars())


def _item(scan: Scan, secret: str) -> Row:
    asked = scan.temperature_c is not None or scan.mask is not None
    return {
        "nonce": str(uuid5(NAMESPACE_URL, f"{scan.email} {scan.at.isoformat()}")),
        "secret": secret,
        "checkpoint": door(scan.room) if scan.room else GATE,
        "type": "entry" if scan.entry else "exit",
        "scanned_at": scan.at.isoformat(),
        "health": {"temperature_c": scan.temperature_c, "mask": scan.mask} if asked else None,
    }


async def _date_arrivals(tx: AsyncConnection, story: Story, scanners: Scanners) -> None:
    await tx.execute(
        passages.update()
        .where(
            passages.c.event_id == story.event.id,
            passages.c.by_kind == "device",
            passages.c.by_id.in_(scanners.ids),
            passages.c.scanned_at > story.span.since,
        )
        .values(arrived_at=passages.c.scanned_at)
    )
