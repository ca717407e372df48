"""A published programme with streamed sessions."""

from eventhub.events import actions as events
from eventhub.events.model import Attendance, Event
from eventhub.installation import Installation
from eventhub.participants.links import PersonalLinks
from eventhub.sessions import actions as programme
from eventhub.sessions.model import Format, Session
from eventhub.settings import Settings
from tests import make


def streamed(id: int = 1, **changes: object) -> Session:
    """Make a streamed plenary, 09:00 to 10:00 WIB in room 1, for office 1 in the meeting and office 2 by the stream."""
    audience = (
        make.audience(Attendance.MEETING, delegation_id=1),
        make.audience(Attendance.STREAM, delegation_id=2),
    )
    values: dict[str, object] = {
        "title": "Pembukaan",
        "abstract": "Sambutan Menteri",
        "format": Format.HYBRID,
        "meeting_url": "https://meet.example.org/r/1",
        "stream": True,
        "audience": audience,
    }
    return make.session(id, **{**values, **changes})


async def published(installation: Installation, *sessions: Session) -> Event:
    """Store an event, two offices and their people (1 in the meeting, 2 by the stream), and publish its sessions."""
    database = installation.database
    await make.stored(
        database,
        make.event(),
        make.room(),
        make.room(2),
        make.delegation(),
        make.delegation(2, time_zone="Asia/Jayapura"),
        make.participant(attendance=Attendance.MEETING),
        make.participant(
            2, delegation_id=2, delegation="office-2", attendance=Attendance.STREAM, language="en"
        ),
        *(sessions or (streamed(),)),
    )
    await release(installation)
    async with database.reading() as tx:
        return await events.get_event_by_id(tx, 1)


async def release(installation: Installation) -> None:
    """Publish the programme as it stands."""
    at = installation.clock.now()
    async with installation.database.transaction() as tx:
        event = await events.get_event_by_id(tx, 1)
        await programme.publish(tx, event, note="", notify="none", who="test", at=at)


async def no_pause(seconds: float) -> None:
    """Wait not at all."""


def join_path(settings: Settings, participant: int, session: int = 1, generation: int = 1) -> str:
    """Return the path of a join link."""
    links = PersonalLinks(settings.secret, settings.base_url)
    return links.join_url(participant, generation, session).removeprefix(settings.base_url)
