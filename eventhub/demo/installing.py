"""Makes the sample event once in an installation, and looks up what the demo prints of it."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import actions as accounts
from eventhub.checkin import actions as checkin
from eventhub.checkin import enrolling
from eventhub.db.engine import lock_event
from eventhub.errors import NotFound
from eventhub.events import actions as events
from eventhub.events.model import Event
from eventhub.installation import Installation
from eventhub.participants.links import PersonalLinks
from eventhub.participants.tables import participants
from eventhub.wording import say

from .access import DemoAccess, demo_access, grant_access
from .checkpoints import is_set_up, set_up
from .guests import SAMPLE
from .history import tell_history
from .plan import SLUG
from .seed import publish, seed_event

# Two starts at once take turns under the lock of an event that is never made.
SEEDING = 0
SCANNER = "Pemindai demo"


@dataclass(frozen=True, slots=True)
class PersonalPage:
    """A participant of the sample and the address of their own page."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Sample:
    """What the demo prints. `people` by attendance; `scanner_url` enrols one phone, once."""

    base_url: str
    event: Event
    access: DemoAccess
    scanner_url: str
    people: dict[str, PersonalPage]


async def install(installation: Installation, *, goes_on: bool) -> None:
    """Make the sample event unless it is there, and let the demo's password and tokens work. All or nothing.

    What has happened until now is told when it is made, and again with a later clock if the story `goes_on`.
    """
    access = demo_access(installation.settings.secret)
    password_hash = await _new_hash(installation, access)
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        await lock_event(tx, SEEDING)
        event = await events.find_event(tx, SLUG)
        if event is None:
            event = await _make(tx, installation, at)
        elif goes_on and await is_set_up(tx, event):
            await tell_history(tx, event, installation.settings, at=at)
        await grant_access(tx, access, password_hash, event_id=event.id, at=at)


async def _make(tx: AsyncConnection, installation: Installation, at: datetime) -> Event:
    event = await publish(tx, await seed_event(tx, at=at), at=at)
    secrets = checkin.TicketSecrets.of(installation.settings.secret)
    await set_up(tx, event, secrets, at=at)
    await tell_history(tx, event, installation.settings, at=at)
    return event


async def _new_hash(installation: Installation, access: DemoAccess) -> str | None:
    """Return the hash to store, or None where the demo's password works already."""
    async with installation.database.reading() as tx:
        known = await accounts.find_user(tx, access.email)
    if known and await accounts.is_right_password(known[1], access.password):
        return None
    return await accounts.hashed(access.password)


async def look_up(installation: Installation) -> Sample:
    """Return what the demo prints, with a scanner link of its own for this start."""
    settings = installation.settings
    async with installation.database.transaction() as tx:
        event = await events.get_event(tx, SLUG)
        code = await enrolling.invite_device(
            tx, event, name=SCANNER, who="demo", at=installation.clock.now()
        )
        people = await _people(tx, event, PersonalLinks(settings.secret, settings.base_url))
    scanner_url = f"{settings.base_url}/scan/enrol/{code}"
    return Sample(settings.base_url, event, demo_access(settings.secret), scanner_url, people)


async def _people(
    tx: AsyncConnection, event: Event, links: PersonalLinks
) -> dict[str, PersonalPage]:
    emails = {"onsite": SAMPLE.onsite, "meeting": SAMPLE.meeting, "stream": SAMPLE.stream}
    rows = await tx.execute(
        sa.select(
            participants.c.email,
            participants.c.id,
            participants.c.name,
            participants.c.link_generation,
        ).where(participants.c.event_id == event.id, participants.c.email.in_(emails.values()))
    )
    pages = {row[0]: PersonalPage(row[2], links.page_url(row[1], row[3])) for row in rows}
    if missing := [email for email in emails.values() if email not in pages]:
        raise NotFound(
            say(
                "{event} has no participant {email}, so it is not the sample event. Use another data folder.",
                event=event.slug,
                email=missing[0],
            )
        )
    return {how: pages[email] for how, email in emails.items()}
