"""A room delayed from the control room: released at once, told once, taken back; what else is drafted stays a draft."""

import asyncio
from typing import Any

import sqlalchemy as sa

from eventhub import outbox
from eventhub.accounts.tables import audit_log
from eventhub.announcements.tables import announcements
from eventhub.events.model import Attendance, Event
from eventhub.installation import Installation
from eventhub.sessions import actions as programme
from eventhub.sessions.model import Kind, Released, Session
from eventhub.sessions.tables import delays, releases, sessions
from tests import callers, make
from tests.callers import Client
from tests.standins.clock import StillClock
from tests.streaming.scene import published, streamed

API = "/api/v1/events/rakortek/sessions/session-1/delay"
NEXT = "/api/v1/events/rakortek/sessions/session-3/delay"
PAGE = "/manage/rakortek/live/sessions/session-1/delay"
DURING = make.at("09:40")


def plenary(**changes: Any) -> Session:
    return streamed(1, title="Pembukaan", **changes)


def coffee() -> Session:
    return make.session(
        2, title="Rehat", kind=Kind.BREAK, starts_at=make.at("10:00"), ends_at=make.at("10:20")
    )


def panel(**changes: Any) -> Session:
    times = {"starts_at": make.at("10:30"), "ends_at": make.at("11:30")}
    watching = (make.audience(Attendance.STREAM, delegation_id=2),)
    return streamed(3, **{"title": "Panel", "audience": watching, **times, **changes})


def elsewhere() -> Session:
    """Bind office 1 in room 2 as soon as it can be there after the plenary."""
    return make.session(
        4,
        title="Desk",
        room_id=2,
        starts_at=make.at("10:15"),
        ends_at=make.at("10:45"),
        audience=(make.audience(Attendance.ONSITE, delegation_id=1),),
    )


async def scene(installation: Installation, clock: StillClock, *more: Session) -> Event:
    event = await published(installation, plenary(), coffee(), panel(), *more)
    clock.moment = DURING
    return event


async def frozen(installation: Installation) -> dict[str, Released]:
    async with installation.database.reading() as tx:
        last = await programme.latest_release(tx, 1)
        assert last is not None
        return {each.code: each for each in await programme.list_released(tx, last.id)}


async def times(installation: Installation, *, draft: bool = False) -> dict[str, str]:
    """Return by code from when to when sessions stand, in the event's zone."""
    if draft:
        async with installation.database.reading() as tx:
            found: list[Any] = await programme.list_sessions(tx, 1, programme.Wanted())
    else:
        found = list((await frozen(installation)).values())
    zone = make.event().zone
    return {
        each.code: f"{each.starts_at.astimezone(zone):%H:%M}-{each.ends_at.astimezone(zone):%H:%M}"
        for each in found
    }


async def said(installation: Installation) -> list[tuple[int | None, str]]:
    """Return the announcements that hold, by session."""
    async with installation.database.reading() as tx:
        rows = await tx.execute(
            sa.select(announcements.c.session_id, announcements.c.text)
            .where(announcements.c.taken_back_at.is_(None))
            .order_by(announcements.c.id)
        )
        return [(row.session_id, row.text) for row in rows]


ALL_LATER = {
    "session-1": "09:00-10:15",
    "session-2": "10:15-10:35",
    "session-3": "10:45-11:45",
}
AS_PLANNED = {"session-1": "09:00-10:00", "session-2": "10:00-10:20", "session-3": "10:30-11:30"}


async def test_a_delay_is_the_next_release_with_other_times_told_in_words(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    await scene(installation, clock)
    before = await frozen(installation)
    headers = await callers.bearer(installation, "streaming")

    answer = await client.post(API, headers=headers, json={"minutes": 15})

    told = await answer.json()
    assert answer.status == 201, told
    assert answer.headers["Location"] == "/api/v1/events/rakortek/releases/2"
    assert told["release"]["release"] == 2
    assert told["release"]["note"] == ("Penundaan 15 menit di Ruang 1 · Delay of 15 min in Ruang 1")
    assert [each["sentence"] for each in told["release"]["changes"]] == [
        "Pembukaan now ends at Thu 25 Feb 2021, 10:15 WIB, not at Thu 25 Feb 2021, 10:00 WIB.",
        "Rehat moves from Thu 25 Feb 2021, 10:00 WIB to Thu 25 Feb 2021, 10:15 WIB.",
        "Panel moves from Thu 25 Feb 2021, 10:30 WIB to Thu 25 Feb 2021, 10:45 WIB.",
    ]
    assert told["moves"][2] == {
        "session": "session-3",
        "title": "Panel",
        "before": {"starts_at": "2021-02-25T03:30:00Z", "ends_at": "2021-02-25T04:30:00Z"},
        "after": {"starts_at": "2021-02-25T03:45:00Z", "ends_at": "2021-02-25T04:45:00Z"},
    }
    after = await frozen(installation)
    assert await times(installation) == await times(installation, draft=True) == ALL_LATER
    assert {code: each.sequence for code, each in after.items()} == dict.fromkeys(before, 1)
    assert {code: each.audience for code, each in after.items()} == {
        code: each.audience for code, each in before.items()
    }
    shown = await client.get(
        "/api/v1/events/rakortek/sessions/session-3",
        headers=await callers.bearer(installation, "viewer"),
    )
    assert (await shown.json())["sequence"] == 1


async def test_a_delay_is_followed_like_any_release_and_stands_in_the_log(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    await scene(installation, clock)
    headers = await callers.bearer(installation, "streaming")

    await client.post(API, headers=headers, json={"minutes": 15, "announce": None})

    async with installation.database.transaction() as tx:
        jobs = await outbox.claim(tx, ["programme.released"], clock.now())
        rows = await tx.execute(
            sa.select(audit_log.c.action, audit_log.c.subject).order_by(audit_log.c.id)
        )
    assert jobs[-1].payload == {"release": 2, "release_id": 2, "previous_id": 1, "notify": "now"}
    assert [tuple(row) for row in rows if "delayed" in row.action] == [
        ("session.delayed", "session-1"),
        ("session.delayed", "session-2"),
        ("session.delayed", "session-3"),
        ("programme.delayed", "session-1"),
    ]
    assert await said(installation) == []


async def test_what_else_is_drafted_stays_unpublished_and_what_moved_there_stays_put(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    await scene(installation, clock)
    async with installation.database.transaction() as tx:
        new = make.session(9, starts_at=make.at("15:00"), ends_at=make.at("16:00"))
        event = (await programme.latest_release(tx, 1)) and make.event(state="published")
        assert event
        await programme.add_session(tx, event, new, at=clock.now())
        await tx.execute(
            sessions.update().where(sessions.c.id == 1).values(title="Judul baru", version=2)
        )
        moved = {"starts_at": make.at("13:00"), "ends_at": make.at("14:00")}
        await tx.execute(sessions.update().where(sessions.c.id == 3).values(**moved, version=2))
    headers = await callers.bearer(installation, "organizer")

    told = await (await client.post(API, headers=headers, json={"minutes": 15})).json()

    assert told["kept_drafts"] == ["session-3"]
    assert await times(installation) == ALL_LATER
    assert (await frozen(installation))["session-1"].title == "Pembukaan"
    drafted = ALL_LATER | {"session-3": "13:00-14:00", "session-9": "15:00-16:00"}
    assert await times(installation, draft=True) == drafted


async def test_a_preview_changes_nothing_and_its_release_is_the_condition_of_the_delay(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    await scene(installation, clock)
    headers = await callers.bearer(installation, "streaming")

    seen = await client.get(f"{API}?minutes=15&gaps=use", headers=headers)
    preview = await seen.json()
    condition = headers | {"If-Match": seen.headers["ETag"]}
    wish = {"minutes": 15, "gaps": "use"}
    both = [client.post(API, headers=condition, json=wish) for _ in range(2)]
    first, second = sorted(await asyncio.gather(*both), key=lambda answer: answer.status)

    assert (preview["release"], preview["begun"], preview["conflicts"]) == (1, True, [])
    assert [each["session"] for each in preview["moves"]] == ["session-1", "session-2"]
    assert preview["announced_to"] == ["session-1"]
    assert (first.status, second.status) == (201, 412)
    assert (await second.json())["detail"] == (
        "streaming of 1 delayed Ruang 1 by 15 min meanwhile. Is another delay needed?"
    )
    assert await times(installation) == AS_PLANNED | {
        "session-1": "09:00-10:15",
        "session-2": "10:15-10:20",
    }


async def test_a_condition_no_release_can_have_delays_nothing(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    await scene(installation, clock)
    headers = await callers.bearer(installation, "streaming")

    for tag in ('"' + 5000 * "9" + '"', '"²"', '"x"'):
        answer = await client.post(API, headers=headers | {"If-Match": tag}, json={"minutes": 15})
        assert answer.status == 412

    assert await times(installation) == AS_PLANNED


async def test_the_audience_is_told_once_a_session_in_its_languages_and_anew_when_it_grows(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    late = streamed(5, title="Sore", starts_at=make.at("15:00"), ends_at=make.at("16:00"))
    await scene(installation, clock, late)
    headers = await callers.bearer(installation, "streaming")

    told = await (await client.post(API, headers=headers, json={"minutes": 15})).json()
    first = await said(installation)
    await client.post(API, headers=headers, json={"minutes": 5, "announce": "Sabar sebentar"})

    text = (
        "Acara di Ruang 1 mundur 15 menit. Pembukaan berlangsung sampai pukul 10.15 WIB. "
        "Panel mulai pukul 10.45 WIB.\n"
        "Ruang 1 is running 15 min late. Pembukaan goes on until 10:15 WIB. "
        "Panel starts at 10:45 WIB."
    )
    assert told["announced_to"] == ["session-1", "session-3"]
    assert first == [(1, text), (3, text)]
    assert await said(installation) == [(1, "Sabar sebentar"), (3, "Sabar sebentar")]


async def test_a_conflict_is_told_first_and_taken_when_it_happens_anyway(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    await scene(installation, clock, elsewhere())
    headers = await callers.bearer(installation, "streaming")

    refused = await client.post(API, headers=headers, json={"minutes": 30})
    before = await times(installation)
    taken = await client.post(API, headers=headers, json={"minutes": 30, "confirm_conflicts": True})

    assert refused.status == 409
    named = (await refused.json())["conflicts"]
    in_the_way = [each["kind"] for each in named]
    assert named[0]["explanation"] == (
        "Bappeda Provinsi 1 is needed at Desk too, Thu 25 Feb 2021, 10:15 WIB."
    )
    assert in_the_way == ["office", "delegation_overstretched"]
    assert before == AS_PLANNED | {"session-4": "10:15-10:45"}
    assert taken.status == 201
    assert [each["kind"] for each in (await taken.json())["conflicts"]] == in_the_way
    assert (await times(installation))["session-1"] == "09:00-10:30"
    async with installation.database.reading() as tx:
        rows = await tx.execute(sa.select(delays.c.conflicts))
        assert rows.scalar_one() == [
            {"kind": kind, "sessions": ["session-1", "session-4"], "subject": "office-1"}
            for kind in in_the_way
        ]


async def test_a_conflict_taken_with_a_delay_hinders_no_later_release_until_a_session_moves(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    await scene(installation, clock, elsewhere())
    headers = await callers.bearer(installation, "organizer")
    await client.post(API, headers=headers, json={"minutes": 30, "confirm_conflicts": True})
    path = "/api/v1/events/rakortek/releases"

    passed = await client.post(path, headers=headers, json={"note": "lain"})
    async with installation.database.transaction() as tx:
        moved = {"ends_at": make.at("10:50"), "version": 9}
        await tx.execute(sessions.update().where(sessions.c.id == 4).values(**moved))
    refused = await client.post(path, headers=headers, json={})

    assert (passed.status, refused.status) == (201, 409)


async def test_earlier_again_goes_back_to_the_plan_and_no_further(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    await scene(installation, clock)
    headers = await callers.bearer(installation, "streaming")
    for minutes in (15, 10):
        await client.post(API, headers=headers, json={"minutes": minutes})

    back = await client.post(API, headers=headers, json={"minutes": -60})
    again = await client.post(API, headers=headers, json={"minutes": -5})

    assert (back.status, again.status) == (201, 409)
    assert await times(installation) == await times(installation, draft=True) == AS_PLANNED
    assert (await back.json())["release"]["note"] == (
        "25 menit lebih awal lagi di Ruang 1 · 25 min earlier again in Ruang 1"
    )


async def test_the_same_request_sent_twice_delays_once(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    await scene(installation, clock)
    headers = await callers.bearer(installation, "streaming") | {"Idempotency-Key": "k1"}

    answers = [await client.post(API, headers=headers, json={"minutes": 15}) for _ in range(2)]

    assert [each.status for each in answers] == [201, 201]
    assert await answers[0].json() == await answers[1].json()
    assert await times(installation) == ALL_LATER


async def test_a_wish_that_makes_no_sense_changes_nothing(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    await scene(installation, clock)
    headers = await callers.bearer(installation, "streaming")
    wishes: list[tuple[dict[str, Any], int]] = [
        ({}, 422),
        ({"minutes": 0}, 422),
        ({"minutes": 481}, 422),
        ({"minutes": 15, "gaps": "some"}, 422),
        ({"minutes": 15, "announce": "x" * 1001}, 422),
        ({"minutes": 15, "more": 1}, 422),
        ({"minutes": -5}, 409),
    ]

    answers = [await client.post(API, headers=headers, json=wish) for wish, _ in wishes]

    assert [each.status for each in answers] == [status for _, status in wishes]
    async with installation.database.reading() as tx:
        assert (await tx.execute(sa.select(sa.func.count()).select_from(releases))).scalar() == 1


async def test_who_may_not_operate_may_not_delay(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    await scene(installation, clock)

    for role in ("viewer", "gate", "health"):
        headers = await callers.bearer(installation, role)
        assert (await client.post(API, headers=headers, json={"minutes": 5})).status == 403
        assert (await client.get(f"{API}?minutes=5", headers=headers)).status == 403
    nobody = await client.post(API, json={"minutes": 5})
    unknown = await client.post(
        API.replace("session-1", "session-8"),
        headers=await callers.bearer(installation, "streaming"),
        json={"minutes": 5},
    )

    assert (nobody.status, unknown.status) == (401, 404)
    assert await times(installation) == AS_PLANNED


async def test_an_operator_looks_presses_twice_and_undoes_on_the_page(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    await scene(installation, clock)
    csrf = await callers.signed_in(client, installation, "streaming")

    shown = await (await client.get(f"{PAGE}?minutes=15&lang=en")).text()
    form = {
        "csrf": csrf, "minutes": "15", "gaps": "keep", "release": "1", "token": "a-token-of-it",
        "edits": "1", "tell": "1", "announce": "Mohon bersabar",
    }  # fmt: skip
    pressed = await asyncio.gather(*(client.post(PAGE, data=form) for _ in range(2)))
    delayed = await times(installation)
    undo = {"csrf": csrf, "minutes": "-15", "release": "2", "token": "another-token"}
    undone = await client.post(PAGE, data=undo)

    assert "09:00–10:15 WIB" in shown
    assert "Delay by 15 minutes" in shown
    assert [each.status for each in pressed] == [200, 200]
    assert [str(each.url.query_string) for each in pressed] == ["done=1", "done=1"]
    assert 'value="-15"' in await pressed[1].text()
    assert delayed == ALL_LATER
    assert undone.status == 200
    assert await times(installation) == AS_PLANNED
    texts = await said(installation)
    back = (
        "Ruang 1 has made up 15 min. Pembukaan goes on until 10:00 WIB. Panel starts at 10:30 WIB."
    )
    assert [text.splitlines()[-1] for _, text in texts] == [back, back]


async def test_the_second_operator_sees_that_it_was_delayed_and_what_another_would_do(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    await scene(installation, clock, elsewhere())
    csrf = await callers.signed_in(client, installation, "streaming")
    form = {"csrf": csrf, "minutes": "30", "release": "1", "edits": "1"}

    hindered = await client.post(PAGE, data=form | {"token": "token-of-one"})
    first = await client.post(PAGE, data=form | {"token": "token-of-one", "confirm_conflicts": "1"})
    second = await client.post(PAGE, data=form | {"token": "token-of-two"})

    assert (hindered.status, first.status, second.status) == (409, 200, 412)
    assert 'name="confirm_conflicts"' in await hindered.text()
    assert 'name="release" value="2"' in await second.text()
    assert (await times(installation))["session-1"] == "09:00-10:30"
    assert await said(installation) == []
