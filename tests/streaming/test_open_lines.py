"""An open line of a watch page counts as presence, also where no beat comes through."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from eventhub.installation import Installation
from eventhub.participants.tables import participants
from eventhub.settings import Settings
from eventhub.streaming import actions
from eventhub.streaming.lines import LINES, OpenLines
from eventhub.streaming.present import Watching
from eventhub.streaming.tables import broadcasts, viewings
from tests import make
from tests.callers import Client
from tests.live.listening import listening
from tests.standins.clock import StillClock
from tests.streaming.scene import join_path, published, streamed

LINE = "/rakortek/watch/session-1/live"
NINE = make.at("09:00")
PERSON = Watching(1, "session-1", 2, 1)


def after(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


async def counted(installation: Installation) -> list[tuple[int, str, datetime, datetime]]:
    async with installation.database.reading() as tx:
        rows = await tx.execute(sa.select(viewings).order_by(viewings.c.id))
        return [(r.participant_id, r.kind, r.started_at, r.last_beat_at) for r in rows]


async def test_a_page_whose_beats_are_blocked_counts_while_its_line_stands(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await published(installation)
    clock.moment = NINE
    await client.post(join_path(settings, 2))
    lines = client.app[LINES]

    async with listening(client, LINE), listening(client, LINE):
        recorded = []
        for minute in range(1, 6):
            clock.moment = after(minute)
            recorded.append(await lines.sweep())
        open_then = lines.count
    clock.moment = after(10)
    async with listening(client, LINE):
        await lines.sweep()

    assert (open_then, recorded) == (1, [1] * 5)
    assert await counted(installation) == [
        (2, "stream", NINE, after(5)),
        (2, "stream", after(10), after(10)),
    ]


async def test_a_line_left_behind_counts_no_more(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await published(installation)
    clock.moment = NINE
    await client.post(join_path(settings, 2))
    lines = client.app[LINES]
    with lines.held(PERSON):
        pass
    clock.moment = after(1)
    with lines.held(PERSON, lambda: False):
        broken = (lines.count, await lines.sweep())

    assert (broken, lines.count, await lines.sweep()) == ((0, 0), 0, 0)
    assert await counted(installation) == [(2, "stream", NINE, NINE)]


async def test_where_beats_come_through_nothing_is_written_twice(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await published(installation)
    clock.moment = NINE
    await client.post(join_path(settings, 2))
    lines = client.app[LINES]
    with lines.held(PERSON):
        clock.moment = after(0.5)
        early = await lines.sweep()
        clock.moment = after(1)
        await client.post(f"{join_path(settings, 2)}/presence")
        clock.moment = after(1.5)
        between = await lines.sweep()

    assert (early, between) == (0, 0)
    assert await counted(installation) == [(2, "stream", NINE, after(1))]


async def test_lines_of_two_server_processes_are_one_presence(
    installation: Installation, clock: StillClock
) -> None:
    event = await published(installation)
    async with installation.database.transaction() as tx:
        await actions.paste_link(
            tx, event, "session-1", link="https://example.org/1", who="test", at=clock.now()
        )
    processes = [OpenLines(installation.database, clock.now) for _ in range(2)]
    with processes[0].held(PERSON), processes[1].held(PERSON):
        for minute in range(4):
            clock.moment = after(minute)
            for lines in processes:
                await lines.sweep()

    assert await counted(installation) == [(2, "stream", NINE, after(3))]
    async with installation.database.reading() as tx:
        assert (await tx.execute(sa.select(broadcasts.c.peak))).scalars().all() == [1]


@pytest.mark.parametrize(
    ("minute", "who"),
    [
        pytest.param(-16, PERSON, id="before the way in opens"),
        pytest.param(240, PERSON, id="long after the end"),
        pytest.param(0, Watching(1, "session-1", 2, 2), id="by a link that was renewed"),
        pytest.param(0, Watching(1, "session-1", 3, 1), id="without an invitation"),
        pytest.param(0, Watching(1, "session-9", 2, 1), id="at no session"),
    ],
)
async def test_a_line_counts_only_where_a_beat_would(
    installation: Installation, clock: StillClock, minute: int, who: Watching
) -> None:
    await published(installation)
    clock.moment = after(minute)
    lines = OpenLines(installation.database, clock.now)

    with lines.held(who):
        assert await lines.sweep() == 0

    assert await counted(installation) == []


@pytest.mark.parametrize("cookie", [{}, {"Cookie": "eventhub_watch=forged"}])
async def test_visitors_hear_the_same_and_are_not_counted(
    client: Client, installation: Installation, clock: StillClock, cookie: Mapping[str, str]
) -> None:
    await published(installation)
    clock.moment = NINE

    async with listening(client, LINE, cookie):
        assert client.app[LINES].count == 0


async def test_a_link_renewed_while_its_line_is_open_counts_no_more(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await published(installation, streamed(1))
    clock.moment = NINE
    await client.post(join_path(settings, 2))
    lines = client.app[LINES]
    async with listening(client, LINE):
        async with installation.database.transaction() as tx:
            await tx.execute(participants.update().values(link_generation=2))
        clock.moment = after(1)
        recorded = await lines.sweep()

    assert recorded == 0
    assert await counted(installation) == [(2, "stream", NINE, NINE)]
