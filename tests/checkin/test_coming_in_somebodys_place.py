"""Doors let in who comes in the place of somebody named, and whoever chose to come on site; and the others not."""

from typing import Any

import sqlalchemy as sa

from eventhub.checkin import snapshots
from eventhub.events.model import Attendance
from eventhub.participants.tables import stand_ins, substitutes, switches
from tests import make
from tests.checkin import gate
from tests.checkin.gate import SECRETS, Hall
from tests.checkin.test_scanners import opened


async def hall_of(database: Any) -> Hall:
    """Give a session for participant 2 by name, on site, to whom participant 1 is nobody."""
    return await gate.built(
        database,
        things=(
            make.session(1, audience=(make.audience(participant_id=2),)),
            make.session(2, audience=(make.audience(participant_id=2),), starts_at=make.at("13:00"),
                         ends_at=make.at("14:00")),
        ),
    )  # fmt: skip


async def write(hall: Hall, table: sa.Table, **values: Any) -> None:
    async with hall.database.transaction() as tx:
        await tx.execute(table.insert().values(values))


async def at_the_door(hall: Hall, who: int) -> tuple[str, str | None]:
    answer = await hall.scan(who, "door-1")
    return answer.status, answer.reason


async def told(hall: Hall, who: int) -> list[str]:
    """Return the sessions that a phone without a connection lets somebody in to."""
    found = await snapshots.snapshot(hall.database, {}, hall.event, secrets=SECRETS, at=hall.now)
    document = found.document()
    return document["audiences"][opened(document, hall.texts[who])["audience"]]  # type: ignore[no-any-return]


async def stand_in(hall: Hall, *, is_whole: bool) -> None:
    values = {"participant_id": 1, "principal_id": 2, "is_whole": is_whole, "named_at": hall.now}
    await write(hall, substitutes, **values)


async def test_who_stands_in_for_one_session_may_enter_that_one(database: Any) -> None:
    hall = await hall_of(database)
    before = await told(hall, 1)
    await stand_in(hall, is_whole=False)
    await write(hall, stand_ins, participant_id=1, session_id=1)

    assert (before, await told(hall, 1)) == ([], ["session-1"])
    assert await at_the_door(hall, 1) == ("ok", None)


async def test_who_stands_in_for_the_whole_event_may_enter_all(database: Any) -> None:
    hall = await hall_of(database)
    await stand_in(hall, is_whole=True)

    assert await told(hall, 1) == ["session-1", "session-2"]
    assert await at_the_door(hall, 1) == ("ok", None)


async def test_who_stands_in_elsewhere_may_not_enter(database: Any) -> None:
    hall = await hall_of(database)
    await stand_in(hall, is_whole=False)
    await write(hall, stand_ins, participant_id=1, session_id=2)

    assert await at_the_door(hall, 1) == ("refused", "not_in_audience")


async def test_who_chose_to_attend_from_afar_is_not_awaited_at_the_door(database: Any) -> None:
    hall = await hall_of(database)
    values = {"participant_id": 2, "session_id": 1, "attendance": Attendance.STREAM}
    await write(hall, switches, **values, switched_at=hall.now)

    assert await told(hall, 2) == ["session-2"]
    assert await at_the_door(hall, 2) == ("refused", "not_in_audience")
