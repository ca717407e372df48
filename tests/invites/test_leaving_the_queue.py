"""Mails leave the queue in order and once, whoever works on it at the same time and whatever ends in between."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import psutil
import sqlalchemy as sa

from eventhub.checkin.tables import tickets
from eventhub.db.engine import Database
from eventhub.db.plain import hold_at_once
from eventhub.events.actions import get_event
from eventhub.events.model import Attendance
from eventhub.invites import actions, queue, sending, stopping, taking
from eventhub.invites.model import Kind, State
from eventhub.invites.pace import Limits
from eventhub.invites.tables import mail_optouts, mails
from tests import make
from tests.invites.conftest import Invites
from tests.standins.clock import StillClock
from tests.standins.smtp import MailServer


async def claim(invites: Invites, token: str, limit: int = 40) -> list[int]:
    taken = taking.claim(token, at=invites.clock.now(), limit=limit, limits=Limits(None, {"*": 99}))
    return list((await hold_at_once(invites.database, taken)).ids)


async def begin(invites: Invites, ids: list[int], token: str) -> set[int]:
    return await hold_at_once(invites.database, taking.begin(ids, token, invites.clock.now()))


async def finish(invites: Invites, ids: list[int], token: str) -> None:
    await hold_at_once(invites.database, taking.finish(ids, token, invites.clock.now()))


async def crowd(database: Database, count: int, attendance: Attendance) -> None:
    await make.stored(
        database,
        *(
            make.participant(n, email=f"kantor-{n}@example.org", attendance=attendance)
            for n in range(100, 100 + count)
        ),
    )


async def test_a_cancellation_waits_while_its_invitation_is_in_somebodys_hands(
    invites: Invites,
) -> None:
    await invites.publish()
    await invites.send()
    first = await claim(invites, "a")
    begun = await begin(invites, first, "a")
    await invites.cancel("desk")
    await invites.publish("now")
    invites.clock.moment += timedelta(seconds=30)
    await actions_told(invites)

    early = await claim(invites, "b")
    await finish(invites, first, "a")
    later = await claim(invites, "b")

    assert begun == set(first)
    assert early == []
    assert [line.kind for line in await invites.lines() if line.id in later] == [Kind.CANCEL] * 2


async def actions_told(invites: Invites) -> None:
    async with invites.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        await actions.tell_release(
            tx, event, at=invites.clock.now(), domain="example.org", as_drafts=False
        )


async def test_an_invitation_that_was_refused_never_comes_after_its_cancellation(
    mailing: Invites, mail_server: MailServer
) -> None:
    await mailing.publish()
    await mailing.send()
    mail_server.refused_recipients["papua@example.org"] = "550 Mailbox full"
    await mailing.work()
    async with mailing.database.transaction() as tx:
        # It was in the queue already when the invitation was refused.
        refused = (await tx.execute(sa.select(mails).where(mails.c.state == State.FAILED))).all()
        invited = [row for row in refused if row.session_id]
        blank = {name: value for name, value in invited[0]._mapping.items() if name != "id"}
        cancel = blank | {"message_id": "cancel@example.org", "kind": Kind.CANCEL, "state": "sent"}
        await tx.execute(mails.insert().values(**cancel))

    async with mailing.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        count = await actions.send_again(
            tx, event, at=mailing.clock.now(), states=[State.FAILED, State.UNCERTAIN]
        )

    states = {line.id: line.state for line in await mailing.lines()}
    assert count == len(refused) - 1
    assert states[invited[0].id] is State.SUPERSEDED
    assert {states[row.id] for row in refused if row != invited[0]} == {State.QUEUED}


async def test_what_was_claimed_is_not_begun_once_its_event_is_paused(invites: Invites) -> None:
    await invites.send()
    ids = await claim(invites, "a")
    async with invites.database.transaction() as tx:
        await stopping.pause(tx, 1, who="panitia@example.org", at=invites.clock.now())

    paused = await begin(invites, ids, "a")
    await hold_at_once(invites.database, taking.give_back(ids, "a"))
    held = await claim(invites, "b")
    async with invites.database.transaction() as tx:
        await stopping.resume(tx, 1)
    resumed = await claim(invites, "b")

    assert (paused, held, resumed) == (set(), [], ids)


async def test_what_is_gone_is_not_begun(invites: Invites, database: Database) -> None:
    await invites.send()
    ids = await claim(invites, "a")
    async with database.transaction() as tx:
        await tx.execute(mails.delete())

    assert await begin(invites, ids, "a") == set()


async def test_a_claim_that_was_held_too_long_is_somebody_elses(invites: Invites) -> None:
    await invites.send()
    ids = await claim(invites, "slow")
    invites.clock.moment += taking.LEASE + timedelta(seconds=1)

    again = await claim(invites, "quick")
    begun = await begin(invites, ids, "slow"), await begin(invites, ids, "quick")

    assert again == ids
    assert begun == (set(), set(ids))


async def test_who_learns_late_that_a_mail_arrived_says_so(invites: Invites) -> None:
    await invites.send()
    ids = await claim(invites, "slow", limit=1)
    await begin(invites, ids, "slow")
    invites.clock.moment += taking.LEASE + timedelta(seconds=1)
    await claim(invites, "quick", limit=1)
    lost = [line.state for line in await invites.lines()]

    await finish(invites, ids, "slow")

    assert lost == [State.UNCERTAIN, State.QUEUED]
    assert [line.state for line in await invites.lines()] == [State.SENT, State.QUEUED]


async def test_what_its_reader_does_not_want_makes_room_for_those_behind_it(
    invites: Invites, database: Database
) -> None:
    await crowd(database, 6, Attendance.STREAM)
    await invites.send()
    async with database.transaction() as tx:
        await tx.execute(mails.update().where(mails.c.id < 4).values(kind=Kind.REMINDER))
        query = sa.select(mails.c.participant_id, mails.c.event_id).where(mails.c.id < 4)
        unwilling = [dict(row._mapping) for row in await tx.execute(query)]
        await tx.execute(mail_optouts.insert().values(at=invites.clock.now()), unwilling)

    taken = await claim(invites, "a", limit=4)

    assert taken == [4, 5, 6, 7]
    assert [line.state for line in await invites.lines()][:3] == [State.SUPERSEDED] * 3


async def test_several_workers_together_keep_the_limits(
    mailing: Invites, mail_server: MailServer, clock: StillClock
) -> None:
    await crowd(mailing.database, 40, Attendance.STREAM)
    await mailing.send()
    settings = replace(mailing.installation.settings, mail_per_minute=20, mail_per_domain=())
    limited = replace(mailing.installation, settings=settings)

    sent = []
    for _ in range(3):
        await asyncio.gather(*(sending.send_due(limited) for _ in range(3)))
        sent.append(len(mail_server.deliveries))
        clock.moment += timedelta(seconds=6)

    assert sent == [2, 4, 6]


async def test_several_workers_give_each_participant_one_ticket(
    mailing: Invites, mail_server: MailServer
) -> None:
    await crowd(mailing.database, 60, Attendance.ONSITE)
    await mailing.send()
    everybody = list(range(100, 160))
    database, texts = mailing.database, mailing.installation.ticket_texts

    found = await asyncio.gather(*(texts(database, everybody) for _ in range(3)))

    async with database.reading() as tx:
        rows = (await tx.execute(sa.select(tickets.c.participant_id))).scalars().all()
    assert sorted(rows) == everybody
    assert found[0] == found[1] == found[2]
    assert sorted(found[0]) == everybody


async def test_a_process_that_ends_while_it_hands_over_loses_none_and_doubles_none(
    mailing: Invites, mail_server: MailServer
) -> None:
    await crowd(mailing.database, 90, Attendance.STREAM)
    await mailing.send()
    post = sending.Post()
    sends = asyncio.create_task(post.send_due(mailing.installation))
    while len(mail_server.deliveries) < 20:
        await mail_server.arrival()
    [carries] = [one for one in psutil.Process().children() if "postman" in str(one.cmdline())]
    carries.kill()

    await sends
    while any(line.state in queue.OPEN for line in await mailing.lines()):
        await post.send_due(mailing.installation)
        mailing.clock.moment += timedelta(minutes=1)
    await post.close()

    taken = Counter(delivery.recipients[0] for delivery in mail_server.deliveries)
    states = Counter(line.state for line in await mailing.lines())
    unsure = {line.to_address for line in await mailing.lines() if line.state is State.UNCERTAIN}
    assert max(taken.values()) == 1
    assert set(states) <= {State.SENT, State.UNCERTAIN}
    assert states[State.UNCERTAIN] <= sending.LANES
    assert {line.to_address for line in await mailing.lines()} - unsure <= set(taken)


async def test_one_of_many_that_cannot_be_written_holds_up_no_other(
    mailing: Invites, mail_server: MailServer
) -> None:
    await crowd(mailing.database, sending.BATCH, Attendance.STREAM)
    await mailing.send()
    async with mailing.database.transaction() as tx:
        await tx.execute(mails.update().where(mails.c.id == 3).values(payload={}))

    while any(line.state in queue.OPEN for line in await mailing.lines()):
        await mailing.work()

    failed = [(line.id, line.last_error) for line in await mailing.lines() if line.last_error]
    assert failed == [(3, "KeyError: 'guest'")]
    assert len(mail_server.deliveries) == sending.BATCH + 1
