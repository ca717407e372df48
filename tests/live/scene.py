"""An event with a release: person 1 is invited to session 1, person 2 to session 2, and both are streamed."""

from eventhub.db.engine import Database
from eventhub.events.model import Attendance, EventState
from eventhub.installation import Installation
from eventhub.participants.links import PersonalLinks
from eventhub.sessions import actions as sessions
from eventhub.sessions.model import Format
from tests import make
from tests.standins.clock import OPENING_DAY


async def publish_two_streams(database: Database) -> None:
    """Store and release it."""
    streams = [
        make.session(
            n,
            format=Format.ONLINE,
            room_id=None,
            stream=True,
            starts_at=make.at(f"1{n}:00"),
            ends_at=make.at(f"1{n}:30"),
            audience=(make.audience(Attendance.STREAM, participant_id=n),),
        )
        for n in (1, 2)
    ]
    event = make.event(state=EventState.PUBLISHED)
    people = [make.participant(n, attendance=Attendance.STREAM) for n in (1, 2)]
    await make.stored(database, event, make.delegation(), *people, *streams)
    async with database.transaction() as tx:
        await sessions.publish(tx, event, note="", notify="none", who="tests", at=OPENING_DAY)


def page_token(installation: Installation, person: int, generation: int = 1) -> str:
    """Return the token of a personal page."""
    links = PersonalLinks(installation.settings.secret, installation.settings.base_url)
    return links.page_url(person, generation).rstrip("/").rpartition("/")[2]


def join_token(installation: Installation, person: int, session: int) -> str:
    """Return the token of a join link."""
    links = PersonalLinks(installation.settings.secret, installation.settings.base_url)
    return links.join_url(person, 1, session).rpartition("/")[2]
