"""Arrivals over a day and how fast checkpoints scan."""

from datetime import timedelta

from eventhub.checkin import arrivals
from eventhub.db.engine import Database
from tests import make
from tests.checkin import gate


async def test_people_count_once_in_the_quarter_in_which_they_first_came(
    database: Database,
) -> None:
    hall = await gate.built(database, people=4)
    for who, minute in ((1, 0), (2, 14), (3, 31)):
        await hall.record(hall.item(who, minute=minute))
    await hall.record(hall.item(1, minute=5, type="exit"), hall.item(1, "gate-2", 33))
    await hall.record(hall.item(4, "door-1", 3))

    async with database.reading() as tx:
        came = await arrivals.list_arrivals(
            tx, hall.event, hall.event.days[0], hall.now + timedelta(hours=1)
        )
        earlier = await arrivals.list_arrivals(tx, hall.event, hall.event.days[0], hall.now)
        later = await arrivals.list_arrivals(
            tx, hall.event, hall.event.days[1], hall.now + timedelta(days=2)
        )

    assert came == [(make.at("09:00"), 2), (make.at("09:15"), 0), (make.at("09:30"), 1)]
    assert earlier == [(make.at("09:00"), 1)]
    assert later == []


async def test_the_pace_is_that_of_the_last_five_minutes_at_each_checkpoint(
    database: Database,
) -> None:
    hall = await gate.built(database, people=3)
    await hall.record(hall.item(1, minute=0), hall.item(2, minute=6), hall.item(3, minute=7))
    await hall.record(hall.item(1, "gate-2", 8))

    async with database.reading() as tx:
        paces = await arrivals.list_paces(tx, 1, hall.now + timedelta(minutes=9))

    assert paces == [
        arrivals.Pace("Gate-1", 0.4, make.at("09:07")),
        arrivals.Pace("Gate-2", 0.2, make.at("09:08")),
    ]
