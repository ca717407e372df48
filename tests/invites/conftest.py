"""An event with a room, two offices, five people and three sessions, and the ways to publish and send."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import pytest

from eventhub.db.engine import Database
from eventhub.events.actions import get_event
from eventhub.events.model import Attendance, Event
from eventhub.installation import Installation
from eventhub.invites import actions, jobs, listing, sending, standings
from eventhub.invites.actions import Queued
from eventhub.invites.listing import Line
from eventhub.invites.standings import Standing
from eventhub.sessions import actions as sessions
from eventhub.sessions.model import Format, Kind
from eventhub.settings import Settings
from eventhub.worker import Worker
from tests import make
from tests.standins.clock import StillClock
from tests.standins.smtp import MailServer


@dataclass
class Invites:
    """What a test does with the event, each in a transaction of its own."""

    installation: Installation
    clock: StillClock

    @property
    def database(self) -> Database:
        return self.installation.database

    async def event(self) -> Event:
        async with self.database.reading() as tx:
            return await get_event(tx, "rakortek")

    async def publish(self, notify: Literal["now", "draft", "none"] = "none") -> None:
        async with self.database.transaction() as tx:
            event = await get_event(tx, "rakortek")
            await sessions.publish(
                tx,
                event,
                note="",
                notify=notify,
                who="test",
                at=self.clock.now(),
            )

    async def change(self, code: str, **changes: Any) -> None:
        async with self.database.transaction() as tx:
            event = await get_event(tx, "rakortek")
            session = await sessions.get_session(tx, event.id, code)
            await sessions.change_session(tx, event, session, changes, at=self.clock.now())

    async def cancel(self, code: str) -> None:
        async with self.database.transaction() as tx:
            session = await sessions.get_session(tx, 1, code)
            await sessions.remove_session(tx, session, at=self.clock.now())

    async def send(self, *, dry_run: bool = False) -> Queued:
        async with self.database.transaction() as tx:
            event = await get_event(tx, "rakortek")
            return await actions.send_invitations(
                tx, event, at=self.clock.now(), domain="example.org", dry_run=dry_run
            )

    async def work(self) -> None:
        """Do what the worker does: jobs of the outbox that are due, then due mail."""
        worker = Worker(self.installation, jobs.JOBS)
        while await worker.work_once():
            pass
        await sending.send_due(self.installation)

    async def standings(self) -> list[Standing]:
        async with self.database.reading() as tx:
            return await standings.list_standings(tx, 1)

    async def lines(self) -> list[Line]:
        """Return the mails of the outbox, oldest first."""
        async with self.database.reading() as tx:
            return (await listing.list_mails(tx, 1, limit=1000))[::-1]


@pytest.fixture
async def invites(installation: Installation, clock: StillClock) -> Invites:
    """Store the event: an opening streamed to offices, a hybrid desk, a stream nobody is mailed about."""
    await make.stored(
        installation.database,
        make.event(),
        make.room(),
        make.delegation(1, code="kementerian", name="Kementerian Dalam Negeri"),
        make.delegation(2, code="papua", name="Bappeda Provinsi Papua", time_zone="Asia/Jayapura"),
        make.participant(1, name="Direktur Jenderal", email="dirjen@example.org"),
        make.participant(
            2,
            delegation_id=2,
            name="Kepala Bappeda Provinsi Papua",
            email="papua@example.org",
            attendance=Attendance.STREAM,
        ),
        make.participant(
            3, delegation_id=2, name="Sekretaris Bappeda", email="", attendance=Attendance.STREAM
        ),
        make.session(
            1,
            code="pembukaan",
            title="Pembukaan",
            kind=Kind.PLENARY,
            format=Format.HYBRID,
            stream=True,
            audience=(
                make.audience(Attendance.ONSITE, delegation_id=1),
                make.audience(Attendance.STREAM, delegation_id=2),
            ),
        ),
        make.session(
            2,
            code="desk",
            title="Desk Papua",
            kind=Kind.DESK,
            format=Format.HYBRID,
            meeting_url="https://meet.example.org/desk",
            starts_at=make.at("11:00"),
            ends_at=make.at("12:00"),
            audience=(
                make.audience(Attendance.ONSITE, delegation_id=1),
                make.audience(Attendance.MEETING, delegation_id=2),
            ),
        ),
        make.session(
            3,
            code="koordinasi",
            title="Koordinasi",
            kind=Kind.COORDINATION,
            format=Format.ONLINE,
            room_id=None,
            stream=True,
            starts_at=make.at("14:00"),
            ends_at=make.at("15:00"),
            audience=(make.audience(Attendance.STREAM, delegation_id=2),),
        ),
    )
    return Invites(installation, clock)


@pytest.fixture
async def mailing(invites: Invites, mail_server: MailServer) -> Invites:
    """Give the same event with a mail server."""
    return replace(invites, installation=by_smtp(invites.installation, mail_server.url))


def by_smtp(installation: Installation, url: str) -> Installation:
    """Return the installation sending through a server."""
    settings: Settings = replace(
        installation.settings,
        smtp_url=url,
        mail_from="undangan@example.org",
        reply_to="jawaban@example.org",
    )
    return replace(installation, settings=settings)
