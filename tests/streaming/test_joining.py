"""Join links lead in, count the viewing and nothing before, and tell when it is too early."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from eventhub.events.model import Attendance
from eventhub.installation import Installation
from eventhub.participants.tables import participants
from eventhub.sessions.model import Format, SessionState
from eventhub.sessions.tables import sessions
from eventhub.settings import Settings
from eventhub.streaming import actions
from eventhub.streaming.tables import broadcasts, viewings
from tests import callers, make
from tests.callers import Client
from tests.standins.clock import StillClock
from tests.streaming.scene import join_path, published, release, streamed

NINE = make.at("09:00")
JSON = {"Accept": "application/json"}


async def counted(installation: Installation) -> list[tuple[int, str, datetime, datetime]]:
    async with installation.database.reading() as tx:
        rows = await tx.execute(sa.select(viewings).order_by(viewings.c.id))
        return [(r.participant_id, r.kind, r.started_at, r.last_beat_at) for r in rows]


async def test_looking_at_a_join_link_counts_nothing(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await published(installation)
    clock.moment = NINE

    answer = await client.get(join_path(settings, 1))

    text = await answer.text()
    assert (answer.status, await counted(installation)) == (200, [])
    assert "Pembukaan" in text
    assert "Masuk ke rapat" in text
    assert "https://meet.example.org" not in text
    assert "https://meet.example.org" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cache-Control"].startswith("private")


async def test_pressing_the_button_counts_and_leads_to_the_meeting(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await published(installation)
    clock.moment = NINE

    answer = await client.post(join_path(settings, 1), allow_redirects=False)

    assert (answer.status, answer.headers["Location"]) == (303, "https://meet.example.org/r/1")
    assert await counted(installation) == [(1, "meeting", NINE, NINE)]


async def test_a_script_is_told_where_to_go(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await published(installation)
    clock.moment = NINE

    answer = await client.post(join_path(settings, 2), headers=JSON)

    assert await answer.json() == {"location": "/rakortek/watch/session-1"}


async def test_who_watches_is_led_to_the_watch_page_which_knows_them(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await published(installation)
    clock.moment = NINE
    path = join_path(settings, 2)

    answer = await client.post(path, allow_redirects=False)
    page = await client.get(answer.headers["Location"])

    cookie = answer.cookies["eventhub_watch"]
    text = await page.text()
    assert (answer.status, answer.headers["Location"]) == (303, "/rakortek/watch/session-1")
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (
        "/rakortek/watch/session-1",
        True,
        "Lax",
    )
    assert "Kepala Bappeda Provinsi 2" in text
    assert path.removeprefix("/j/") not in text
    assert await counted(installation) == [(2, "stream", NINE, NINE)]


async def test_the_minutes_told_are_those_that_attendance_counts(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await published(installation)
    path = join_path(settings, 2)
    told = []
    for moment in (NINE - timedelta(minutes=2), NINE, NINE + timedelta(minutes=1)):
        clock.moment = moment
        answer = await client.post(f"{path}/presence")
        told.append((await answer.json())["minutes"])

    assert told == [0, 1, 2]


async def test_beats_become_minutes_and_several_devices_count_once(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await published(installation)
    clock.moment = NINE
    path = join_path(settings, 2)
    await client.post(path)
    told = []
    for minute in (1, 1, 2, 4, 10):
        clock.moment = NINE + timedelta(minutes=minute)
        answer = await client.post(f"{path}/presence")
        told.append(await answer.json())
    answer = await client.post("/rakortek/watch/session-1/presence")

    assert [each["minutes"] for each in told] == [2, 2, 3, 5, 6]
    assert (await answer.json()) == {"minutes": 6, "next_in_s": 60}
    assert await counted(installation) == [
        (2, "stream", NINE, NINE + timedelta(minutes=4)),
        (2, "stream", NINE + timedelta(minutes=10), NINE + timedelta(minutes=10)),
    ]


async def test_too_early_says_when_and_counts_nothing(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await published(installation)
    clock.moment = NINE - timedelta(minutes=15, seconds=1)
    path = join_path(settings, 2)

    shown = await client.get(path)
    posted = await client.post(path)
    beat = await client.post(f"{path}/presence", headers=JSON)

    text = await shown.text()
    assert [shown.status, posted.status, beat.status] == [425, 425, 425]
    assert "Thu 25 Feb 2021, 08:45 WIB" in text
    assert "Thu 25 Feb 2021, 10:45 WIT" in text
    assert "<button" not in text.split("<article")[1].split("</article>")[0]
    assert await counted(installation) == []


async def test_the_door_opens_fifteen_minutes_before(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await published(installation)
    clock.moment = NINE - timedelta(minutes=15)

    assert (await client.get(join_path(settings, 1))).status == 200


async def test_long_after_the_end_nothing_is_counted(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await published(installation)
    clock.moment = make.at("12:00")

    meeting = await client.post(join_path(settings, 1))
    stream = await client.post(join_path(settings, 2), allow_redirects=False)

    assert (meeting.status, stream.status) == (409, 303)
    assert await counted(installation) == []


@pytest.mark.parametrize("what", ["renewed", "uninvited", "unknown", "forged", "draft"])
async def test_dead_links_open_nothing(
    client: Client, installation: Installation, settings: Settings, clock: StillClock, what: str
) -> None:
    await published(installation)
    await make.stored(
        installation.database,
        make.session(2, starts_at=make.at("14:00"), ends_at=make.at("15:00")),
    )
    clock.moment = NINE
    path = join_path(settings, 2)
    if what == "renewed":
        async with installation.database.transaction() as tx:
            await tx.execute(participants.update().values(link_generation=2))
    elif what == "uninvited":
        async with installation.database.transaction() as tx:
            await tx.execute(participants.update().values(delegation_id=2))
            await tx.execute(sa.text("DELETE FROM released_audiences"))
    elif what == "unknown":
        path = join_path(settings, 2, session=99)
    elif what == "forged":
        path = "/j/AAAA" + path.removeprefix("/j/AAAA")[4:]
    else:
        path = join_path(settings, 2, session=2)

    statuses = [
        (await client.get(path)).status,
        (await client.post(path)).status,
        (await client.post(f"{path}/presence")).status,
    ]

    assert statuses == [404, 404, 404]
    assert await counted(installation) == []


async def test_a_cancelled_session_lets_nobody_in(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await published(installation)
    async with installation.database.transaction() as tx:
        await tx.execute(sessions.update().values(state=SessionState.CANCELLED))
    await release(installation)
    clock.moment = NINE

    answer = await client.post(join_path(settings, 2))

    assert answer.status == 409
    assert "Pembukaan is cancelled." in await answer.text()
    assert await counted(installation) == []


async def test_who_attends_on_site_without_a_stream_is_told_where(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    audience = (make.audience(Attendance.ONSITE, delegation_id=1),)
    await published(
        installation,
        streamed(stream=False, meeting_url="", format=Format.ONSITE, audience=audience),
    )
    clock.moment = NINE

    shown = await client.get(join_path(settings, 1))
    posted = await client.post(join_path(settings, 1))

    assert (shown.status, posted.status) == (200, 409)
    assert "Ruang 1" in await shown.text()
    assert await counted(installation) == []


async def test_another_sites_page_cannot_press_the_button(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await published(installation)
    clock.moment = NINE

    answer = await client.post(
        join_path(settings, 2), headers={"Origin": "https://evil.example.org"}
    )

    assert (answer.status, await counted(installation)) == (403, [])


async def test_the_most_viewers_at_once_are_kept(
    client: Client, installation: Installation, settings: Settings, clock: StillClock
) -> None:
    await published(
        installation,
        streamed(
            audience=(
                make.audience(Attendance.STREAM, delegation_id=1),
                make.audience(Attendance.STREAM, delegation_id=2),
            )
        ),
    )
    headers = await callers.bearer(installation, "streaming")
    one = "/api/v1/events/rakortek/broadcasts/session-1"
    link = {"provider": "link", "watch_url": "https://youtu.be/dQw4w9WgXcQ"}
    await client.put(one, headers=headers, json=link)
    clock.moment = NINE
    for person in (1, 2):
        await client.post(join_path(settings, person), allow_redirects=False)
    clock.moment = NINE + timedelta(minutes=5)
    await client.post(join_path(settings, 1), allow_redirects=False)

    shown = await (await client.get(one, headers=headers)).json()

    assert shown["viewers"] == {"now": 1, "peak": 2, "at": "2021-02-25T02:05:00Z"}
    async with installation.database.transaction() as tx:
        await tx.execute(broadcasts.update().values(peak=0))
        await actions.count_peaks(tx, 1)
    shown = await (await client.get(one, headers=headers)).json()
    assert shown["viewers"]["peak"] == 2
