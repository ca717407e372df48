"""Writes what has happened in the sample event up to a moment.

Scans go through the action that records any scan, so what they meet is decided and not made up; invitations through
the one that sends them. Answers and viewings are rows by the thousand and go straight into their tables.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from random import Random
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.checkin import actions as checkin
from eventhub.checkin.tables import passages
from eventhub.events.model import Event
from eventhub.invites import actions as invites
from eventhub.invites.model import State as MailState
from eventhub.invites.tables import mails
from eventhub.participants.tables import participants, rsvps
from eventhub.sessions.tables import sessions
from eventhub.settings import Settings
from eventhub.streaming import actions as streaming
from eventhub.streaming.model import Provider
from eventhub.streaming.model import State as BroadcastState
from eventhub.streaming.tables import broadcasts, viewings

from .arrivals import Scan, scans
from .checkpoints import GATE, Scanners, door, set_up
from .guests import guests
from .happenings import INVITED_AT, SEED, answers, presences
from .plan import SLUG, WIB, Planned
from .plenaries import programme
from .seed import Ids, Row, ids_by, insert

# Mail to 300 people leaves within minutes.
DELIVERY = timedelta(minutes=4)


async def tell_history(
    tx: AsyncConnection, event: Event, settings: Settings, *, at: datetime
) -> None:
    """Set up the checkpoints, issue tickets, and write all that has happened until `at`."""
    people = await ids_by(tx, participants.c.email, event.id)
    secrets = checkin.TicketSecrets.of(settings.secret)
    scanners = await set_up(tx, event, secrets, at=at)
    if at < INVITED_AT:
        return
    await _invite(tx, event, people, settings)
    await _answer(tx, people, at)
    await _scan(tx, event, people, scanners, secrets, at=at)
    await _watch(tx, event, people, at)


async def _invite(tx: AsyncConnection, event: Event, people: Ids, settings: Settings) -> None:
    """Send the invitations of those who have had theirs; the 1,394 agencies are left to an organizer."""
    among = {people[guest.email] for guest in guests() if guest.has_mail}
    await invites.send_invitations(
        tx, event, at=INVITED_AT, domain=settings.mail_domain, among=among
    )
    await tx.execute(
        mails.update()
        .where(mails.c.event_id == event.id)
        .values(state=MailState.SENT, attempts=1, sent_at=INVITED_AT + DELIVERY)
    )


async def _answer(tx: AsyncConnection, people: Ids, at: datetime) -> None:
    await insert(
        tx,
        rsvps,
        (
            {
                "participant_id": people[answer.email],
                "session_code": answer.session,
                "status": answer.status,
                "answered_at": answer.answered_at,
            }
            for answer in answers(at)
        ),
    )


async def _scan(
    tx: AsyncConnection,
    event: Event,
    people: Ids,
    scanners: Scanners,
    secrets: checkin.TicketSecrets,
    *,
    at: datetime,
) -> None:
    """Have each day's scans recorded as if they arrived at once, then date their arrival."""
    made = scans(at)
    texts = {
        email: (await checkin.ticket_for(tx, event, people[email], secrets=secrets, at=at)).text
        for email in sorted({scan.email for scan in made})
    }
    random = Random(SEED + 3)  # noqa: S311 -- nonces of scans that are the same each time, nothing secret
    for _, of_day in groupby(made, key=lambda scan: scan.at.astimezone(WIB).date()):
        at_gate: list[Row] = []
        at_doors: list[Row] = []
        for scan in of_day:
            item = _item(scan, texts[scan.email], random)
            (at_doors if scan.room else at_gate).append(item)
        for who, items in ((scanners.gate, at_gate), (scanners.doors, at_doors)):
            await checkin.record_passages(tx, event, items, who=who, secrets=secrets, at=at)
    await tx.execute(
        passages.update()
        .where(passages.c.event_id == event.id)
        .values(arrived_at=passages.c.scanned_at)
    )


def _item(scan: Scan, secret: str, random: Random) -> Row:
    asked = scan.temperature_c is not None or scan.mask is not None
    return {
        "nonce": str(UUID(int=random.getrandbits(128), version=4)),
        "secret": secret,
        "checkpoint": door(scan.room) if scan.room else GATE,
        "type": "entry" if scan.entry else "exit",
        "scanned_at": scan.at.isoformat(),
        "health": {"temperature_c": scan.temperature_c, "mask": scan.mask} if asked else None,
    }


async def _watch(tx: AsyncConnection, event: Event, people: Ids, at: datetime) -> None:
    """Write who was in meetings and at streams, and the broadcasts that have begun, by pasted links."""
    ids = await ids_by(tx, sessions.c.code, event.id)
    await insert(tx, broadcasts, _broadcasts(event.id, ids, at))
    await insert(
        tx,
        viewings,
        (
            {
                "event_id": event.id,
                "session_id": ids[presence.session],
                "participant_id": people[presence.email],
                "kind": presence.attendance,
                "started_at": presence.started_at,
                "last_beat_at": presence.last_beat_at,
            }
            for presence in presences(at)
        ),
    )
    await streaming.count_peaks(tx, event.id)


def _broadcasts(event_id: int, ids: Ids, at: datetime) -> Iterator[Row]:
    for session in programme():
        if session.stream and session.starts_at <= at:
            yield _broadcast(event_id, session, ids[session.code], is_over=session.ends_at <= at)


def _broadcast(event_id: int, session: Planned, session_id: int, *, is_over: bool) -> Row:
    return {
        "event_id": event_id,
        "session_id": session_id,
        "provider": Provider.LINK,
        "state": BroadcastState.COMPLETE if is_over else BroadcastState.LIVE,
        "marker": f"[eventhub:{SLUG}/{session.code}/demo]",
        "title": "",
        "description": "",
        "watch_url": f"https://stream.example.org/{session.code}",
        "scheduled_start": session.starts_at,
        "held": False,
        "peak": 0,
        "version": 1,
    }
