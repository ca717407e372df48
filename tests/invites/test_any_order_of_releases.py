"""Whatever is released, approved and taken out in whatever order: nobody is left behind or told what they know."""

import random
import re
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

import pytest
from icalendar import Calendar

from eventhub.events.actions import get_event
from eventhub.invites import actions, listing
from eventhub.invites.model import State
from tests import make
from tests.invites.conftest import Invites
from tests.standins.smtp import MailServer

STEPS = 12
HOURS = ("13", "15", "17")
MOVED = re.compile(r"- Koordinasi pindah ke Kam 25 Feb 2021, (\d\d)\.00")


@dataclass
class Readers:
    """What the director general holds of the desk in a calendar, and what the province knows of what it watches."""

    start: str = "11"
    sequence: int = 0
    watched: str = "14"

    def read(self, server: MailServer) -> None:
        """Read what arrived; nothing of it may say what was known already."""
        for delivery in server.deliveries:
            if delivery.recipients[0] == "dirjen@example.org":
                self._update(delivery.message)
            elif "Yang berubah" in str(delivery.message["Subject"]):
                self._notice(delivery.message)
        server.deliveries.clear()

    def _update(self, message: EmailMessage) -> None:
        for part in message.walk():
            if part.get_content_type() == "text/calendar":
                [event] = Calendar.from_ical(part.get_content()).walk("VEVENT")
                start = f"{event.decoded('DTSTART'):%H}"
                sequence = int(event.decoded("SEQUENCE"))
                assert (start != self.start, sequence > self.sequence) == (True, True)
                self.start, self.sequence = start, sequence

    def _notice(self, message: EmailMessage) -> None:
        body = message.get_body(("plain",))
        assert body is not None
        [watched] = MOVED.findall(body.get_content())
        assert watched != self.watched
        self.watched = watched


async def drafts(invites: Invites, *, remove: bool) -> None:
    async with invites.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        if not remove:
            await actions.approve_drafts(tx, event, at=invites.clock.now())
            return
        lines = await listing.list_mails(tx, 1, state=State.DRAFT)
        await actions.remove_drafts(tx, event, [line.id for line in lines])


@pytest.mark.parametrize("seed", [2])
async def test_everybody_ends_up_knowing_the_programme_and_is_told_nothing_twice(
    mailing: Invites, mail_server: MailServer, seed: int
) -> None:
    chance = random.Random(seed)
    await mailing.publish()
    await mailing.send()
    await mailing.work()
    mail_server.deliveries.clear()
    readers = Readers()
    hours = {"desk": "11", "koordinasi": "14"}

    for _ in range(STEPS):
        code = chance.choice(["desk", "koordinasi"])
        hours[code] = chance.choice([*HOURS, "11" if code == "desk" else "14"])
        start = make.at(f"{hours[code]}:00")
        end = start + timedelta(hours=1)
        await mailing.change(code, starts_at=start, ends_at=end)
        await mailing.publish(chance.choice(["now", "draft", "none"]))
        mailing.clock.moment += timedelta(seconds=chance.choice([1, 30, 61]))
        await mailing.work()
        if chance.random() < 0.3:
            await drafts(mailing, remove=chance.random() < 0.5)
            await mailing.work()
        readers.read(mail_server)
    await mailing.publish("now")
    mailing.clock.moment += timedelta(seconds=61)
    await mailing.work()
    await drafts(mailing, remove=False)
    await mailing.work()
    readers.read(mail_server)

    assert {"desk": readers.start, "koordinasi": readers.watched} == hours
