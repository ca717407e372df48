"""A published programme and one person for each way to take part."""

from dataclasses import dataclass
from datetime import datetime

import pytest
from yarl import URL

from eventhub.events.model import Attendance, Protocol
from eventhub.installation import Installation
from eventhub.participants.links import PersonalLinks
from eventhub.sessions import actions as programme
from eventhub.sessions.model import Format, Session
from tests import make

GOVERNOR, DIRECTOR, AGENCY = 1, 2, 3


@dataclass(frozen=True)
class Addresses:
    """Personal addresses without the host, as the test's client takes them."""

    links: PersonalLinks

    def page(self, person: int, generation: int = 1) -> str:
        return URL(self.links.page_url(person, generation)).path

    def feed(self, person: int, generation: int = 1) -> str:
        return URL(self.links.feed_url(person, generation)).path

    def join(self, person: int, session: int) -> str:
        """Return the whole address: it stands in pages and calendars."""
        return self.links.join_url(person, 1, session)


@pytest.fixture
def links(installation: Installation) -> Addresses:
    return Addresses(PersonalLinks(installation.settings.secret, installation.settings.base_url))


@pytest.fixture
async def published(installation: Installation) -> None:
    """Publish an opening for all (09:00) and a desk for director and governor (13:00 WIB)."""
    await make.stored(
        installation.database,
        make.event(protocol=Protocol(declaration_required=True)),
        make.room(name="Sasana Bhakti Praja"),
        make.delegation(1, name="Pemerintah Provinsi Papua", time_zone="Asia/Jayapura"),
        make.delegation(2, name="Kementerian Dalam Negeri"),
        make.delegation(3, name="Bappeda Kota Jayapura", time_zone="Asia/Jayapura"),
        make.participant(
            GOVERNOR, name="Gubernur Papua", delegation_id=1, attendance=Attendance.MEETING
        ),
        make.participant(DIRECTOR, name="Direktur Jenderal", delegation_id=2),
        make.participant(
            AGENCY, name="Kepala Bappeda", delegation_id=3, attendance=Attendance.STREAM
        ),
        opening(),
        desk(),
    )
    await publish(installation, make.at("08:00", "2021-02-20"))


def opening() -> Session:
    """Make the opening at 09:00 WIB, one way to attend for each office."""
    return make.session(
        1,
        code="opening",
        title="Pembukaan",
        format=Format.HYBRID,
        stream=True,
        meeting_url="https://meet.example.org/opening",
        audience=(
            make.audience(Attendance.MEETING, delegation_id=1),
            make.audience(Attendance.ONSITE, delegation_id=2),
            make.audience(Attendance.STREAM, delegation_id=3),
        ),
    )


def desk() -> Session:
    """Make a desk at 13:00 WIB for the ministry and the governor."""
    return make.session(
        2,
        code="desk-kesehatan",
        title="Desk Kesehatan",
        format=Format.HYBRID,
        meeting_url="https://meet.example.org/desk",
        starts_at=make.at("13:00"),
        ends_at=make.at("14:30"),
        audience=(
            make.audience(Attendance.MEETING, participant_id=GOVERNOR),
            make.audience(Attendance.ONSITE, delegation_id=2),
        ),
    )


async def publish(installation: Installation, at: datetime) -> None:
    async with installation.database.transaction() as tx:
        await programme.publish(tx, make.event(), note="", notify="none", who="organizer", at=at)
