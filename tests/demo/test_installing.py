"""The sample event in a database."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.accounts import actions as accounts
from eventhub.checkin import actions as checkin
from eventhub.checkin.tables import passages, visits
from eventhub.db.engine import Database
from eventhub.db.schema import metadata
from eventhub.demo.access import demo_access
from eventhub.demo.arrivals import scans
from eventhub.demo.guests import SAMPLE
from eventhub.demo.happenings import INVITED_AT, Span, up_to
from eventhub.demo.installing import install
from eventhub.demo.plan import SLUG, WIB, event_days
from eventhub.events import actions as events
from eventhub.events.model import EventState
from eventhub.installation import Installation
from eventhub.invites import actions as invites
from eventhub.invites.model import Kind
from eventhub.invites.tables import invitations, mails
from eventhub.participants.tables import participants
from eventhub.sessions import actions as programme
from eventhub.settings import Settings
from tests.standins.clock import StillClock

OPENING = datetime(2021, 2, 25, 10, 0, tzinfo=WIB)
DESK_DAY = datetime(2021, 3, 1, 10, 20, tzinfo=WIB)

# What makes and reads the event is the same on both engines, as the tests of its parts and the other ones here show.
one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def installation(settings: Settings, clock: StillClock, database: Database) -> Installation:
    """Stand on the day before anybody was invited: nothing has happened, which is made quickly."""
    clock.moment = INVITED_AT - timedelta(days=1)
    return Installation(settings, clock, database)


async def counts(tx: AsyncConnection) -> dict[str, int]:
    found = {}
    for table in metadata.sorted_tables:
        query = sa.select(sa.func.count()).select_from(table)
        found[table.name] = (await tx.execute(query)).scalar_one()
    return {name: count for name, count in found.items() if count}


async def test_an_interrupted_start_leaves_nothing_and_all_that_follow_make_the_sample_event_once(
    installation: Installation, database: Database
) -> None:
    # Long enough to have begun, far too short to have ended.
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await install(installation, goes_on=False)
    async with database.reading() as tx:
        assert await counts(tx) == {}

    await asyncio.gather(install(installation, goes_on=False), install(installation, goes_on=False))
    async with database.reading() as tx:
        once = await counts(tx)

    await install(installation, goes_on=False)

    async with database.reading() as tx:
        assert await counts(tx) == once
        event = await events.get_event(tx, SLUG)
        release = await programme.latest_release(tx, event.id)
        conflicts = await programme.conflicts_of(tx, event)
    made = {
        name: once[name]
        for name in ("events", "delegations", "participants", "sessions", "releases")
    }
    assert made == {
        "events": 1,
        "delegations": 1471,
        "participants": 1703,
        "sessions": 1180,
        "releases": 1,
    }
    assert release is not None
    assert (release.number, event.state, event.days) == (1, EventState.PUBLISHED, event_days())
    assert conflicts == []


@one_engine
async def test_scans_of_the_past_meet_what_the_gate_and_doors_decide(
    installation: Installation, database: Database, clock: StillClock
) -> None:
    clock.moment = DESK_DAY.astimezone(UTC)
    await install(installation, goes_on=False)

    async with database.reading() as tx:
        event = await events.get_event(tx, SLUG)
        rows = await tx.execute(
            sa.select(
                passages.c.scanned_at,
                participants.c.email,
                passages.c.reason,
                passages.c.arrived_at,
            )
            .join(participants, participants.c.id == passages.c.participant_id)
            .where(passages.c.event_id == event.id)
        )
        recorded = {(row[0], row[1], row[2], row[3]) for row in rows}
        occupancy = await checkin.occupancy(tx, event, at=DESK_DAY)
        conflicts = await checkin.list_conflicts(tx, event)
        inside = (
            await tx.execute(sa.select(sa.func.count()).where(visits.c.left_at.is_(None)))
        ).scalar()
    expected = {
        (at, scan.email, scan.reason, at)
        for scan in scans(up_to(DESK_DAY))
        for at in [scan.at.astimezone(UTC)]
    }
    assert recorded == expected
    assert conflicts == []
    assert sum(place.inside for place in occupancy) == inside
    assert all(place.limit is None or place.inside <= place.limit for place in occupancy)
    assert occupancy[0].inside > 50


async def test_a_later_clock_goes_on_with_the_story_and_an_earlier_one_takes_nothing_back(
    installation: Installation, database: Database, clock: StillClock
) -> None:
    clock.moment = OPENING.astimezone(UTC)
    await install(installation, goes_on=True)
    async with database.reading() as tx:
        first = await counts(tx)

    clock.moment = DESK_DAY.astimezone(UTC)
    await install(installation, goes_on=True)
    async with database.reading() as tx:
        second = await counts(tx)
        event = await events.get_event(tx, SLUG)
        assert await checkin.list_conflicts(tx, event) == []
        refused = Counter((await tx.execute(sa.select(passages.c.reason))).scalars())
    for moment in (DESK_DAY, OPENING):
        clock.moment = moment.astimezone(UTC)
        await install(installation, goes_on=True)

    async with database.reading() as tx:
        assert await counts(tx) == second
    grown = {name for name, count in second.items() if count > first[name]}
    assert grown == {
        "passages",
        "visits",
        "crowds",
        "health_readings",
        "viewings",
        "broadcasts",
        "rsvps",
        "audit_log",
        "news",
    }
    assert refused == Counter(
        scan.reason for span in (up_to(OPENING), Span(OPENING, DESK_DAY)) for scan in scans(span)
    )


@one_engine
async def test_the_agencies_and_the_sample_people_wait_for_their_invitations(
    installation: Installation, database: Database, clock: StillClock
) -> None:
    clock.moment = INVITED_AT
    await install(installation, goes_on=False)

    async with database.transaction() as tx:
        event = await events.get_event(tx, SLUG)
        queued = await invites.send_invitations(
            tx, event, at=DESK_DAY, domain="example.org", dry_run=True
        )
        states = Counter((await tx.execute(sa.select(mails.c.state))).scalars())
        sample = (
            sa.select(sa.func.count())
            .select_from(
                invitations.join(participants, participants.c.id == invitations.c.participant_id)
            )
            .where(participants.c.email.in_([SAMPLE.onsite, SAMPLE.meeting, SAMPLE.stream]))
        )
        assert (await tx.execute(sample)).scalar() == 0
    assert queued.kinds[Kind.WELCOME] == 1394 + 2
    assert set(states) == {"sent"}


@one_engine
async def test_the_printed_password_and_tokens_work_and_stay_the_same(
    installation: Installation, database: Database
) -> None:
    await install(installation, goes_on=False)
    access = demo_access(installation.settings.secret)
    async with database.transaction() as tx:
        await accounts.set_password(
            tx, access.email, await accounts.hashed("something else entirely")
        )

    await install(installation, goes_on=False)

    async with database.reading() as tx:
        event = await events.get_event(tx, SLUG)
        user = await accounts.find_user(tx, access.email)
        assert user is not None
        assert await accounts.is_right_password(user[1], access.password)
        names = {
            token.name: (token.role, token.event_id)
            for token in await accounts.list_tokens(tx, every=True)
        }
    assert names == {
        f"demo-{role}": (role, None if role == "owner" else event.id) for role in access.tokens
    }
    assert demo_access(installation.settings.secret) == access
