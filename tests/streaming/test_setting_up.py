"""YouTube is made to agree with the last release, through the real client and a stand-in of the API."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from eventhub import outbox
from eventhub.events import actions as events
from eventhub.installation import Installation
from eventhub.sessions.model import SessionState
from eventhub.sessions.tables import sessions
from eventhub.signing import Sealer
from eventhub.streaming import channels, connection, encoder_store, jobs, store, sync
from eventhub.streaming.making import Outcome
from eventhub.streaming.model import Broadcast, Provider, State
from eventhub.streaming.problems import PROBLEMS
from eventhub.streaming.report import Report
from tests import make
from tests.standins.clock import StillClock
from tests.standins.youtube import YouTube
from tests.streaming.scene import no_pause, published, release, streamed


async def run(installation: Installation) -> Report:
    async with installation.database.reading() as tx:
        event = await events.get_event_by_id(tx, 1)
    return await sync.sync(installation, event, no_pause)


async def recorded(installation: Installation) -> list[Broadcast]:
    async with installation.database.reading() as tx:
        return await store.list_broadcasts(tx, 1)


async def change_session(installation: Installation, **values: Any) -> None:
    async with installation.database.transaction() as tx:
        await tx.execute(sessions.update().where(sessions.c.id == 1).values(**values))
    await release(installation)


def counts(report: Report) -> dict[str, int]:
    return {outcome.value: n for outcome, n in report.outcomes.items() if n}


async def test_a_released_session_gets_a_broadcast_bound_to_its_rooms_stream(
    connected: Installation, youtube: YouTube
) -> None:
    await published(connected)

    report = await run(connected)

    (remote,) = youtube.broadcasts.values()
    (stream,) = youtube.streams.values()
    (row,) = await recorded(connected)
    assert (counts(report), report.problems, report.put_off) == ({"created": 1}, [], [])
    assert row == Broadcast(
        id=row.id,
        event_id=1,
        session_id=1,
        session="session-1",
        provider=Provider.YOUTUBE,
        state=State.READY,
        marker=row.marker,
        title="Pembukaan",
        description=remote["snippet"]["description"],
        youtube_id=remote["id"],
        stream_id=stream["id"],
        watch_url=f"https://www.youtube.com/watch?v={remote['id']}",
        scheduled_start=make.at("09:00"),
        channel_id=1,
        privacy="unlisted",
        thumbnail=row.thumbnail,
        playlist_id=next(iter(youtube.playlists)),
        version=row.version,
    )
    assert remote["snippet"]["description"] == (
        f"Sambutan Menteri\n\n{connected.settings.base_url}/rakortek/watch/session-1\n{row.marker}"
    )
    assert remote["status"]["privacyStatus"] == "unlisted"
    assert remote["status"]["selfDeclaredMadeForKids"] is False
    assert remote["contentDetails"]["boundStreamId"] == stream["id"]
    assert stream["snippet"]["title"] == "Ruang 1"
    assert stream["contentDetails"]["isReusable"] is True


async def test_the_encoders_key_is_kept_sealed(connected: Installation, youtube: YouTube) -> None:
    await published(connected)

    await run(connected)

    (stream,) = youtube.streams.values()
    async with connected.database.reading() as tx:
        encoder = await encoder_store.find_encoder(tx, 1, "room:room-1")
    key = stream["cdn"]["ingestionInfo"]["streamName"]
    assert encoder is not None
    assert encoder.sealed_key is not None
    assert key.encode() not in encoder.sealed_key
    assert Sealer(connected.settings.secret, "encoder").unseal(encoder.sealed_key) == key.encode()
    assert encoder.address == "rtmps://a.rtmps.example.org/live2"


async def test_sessions_of_a_room_share_its_stream_and_a_second_run_writes_nothing(
    connected: Installation, youtube: YouTube
) -> None:
    await published(
        connected,
        streamed(1),
        streamed(2, starts_at=make.at("11:00"), ends_at=make.at("12:00")),
        streamed(3, starts_at=make.at("13:00"), ends_at=make.at("14:00"), room_id=2),
        make.session(4, starts_at=make.at("15:00"), ends_at=make.at("16:00")),
    )
    first = await run(connected)
    writes = sum(n for name, n in youtube.calls.items() if not name.endswith(".list"))

    second = await run(connected)

    assert (counts(first), counts(second)) == ({"created": 3}, {"unchanged": 3})
    assert (len(youtube.broadcasts), len(youtube.streams)) == (3, 2)
    assert sum(n for name, n in youtube.calls.items() if not name.endswith(".list")) == writes
    assert second.units_used == youtube.units


async def test_a_moved_session_is_a_moved_broadcast_and_what_studio_wrote_stays(
    connected: Installation, youtube: YouTube
) -> None:
    await published(connected)
    await run(connected)
    (remote,) = youtube.broadcasts.values()
    (row,) = await recorded(connected)
    remote["snippet"]["description"] = f"Ditulis di Studio {row.marker}"
    await change_session(
        connected, starts_at=make.at("13:00"), ends_at=make.at("14:00"), title="Pembukaan resmi"
    )

    report = await run(connected)

    (moved,) = await recorded(connected)
    (remote,) = youtube.broadcasts.values()
    assert counts(report) == {"updated": 1}
    assert remote["snippet"]["title"] == "Pembukaan resmi"
    assert remote["snippet"]["scheduledStartTime"] == "2021-02-25T06:00:00Z"
    assert remote["snippet"]["description"] == f"Ditulis di Studio {row.marker}"
    assert moved.scheduled_start == make.at("13:00")
    assert counts(await run(connected)) == {"unchanged": 1}


async def test_the_draft_changes_nothing_before_it_is_released(
    connected: Installation, youtube: YouTube
) -> None:
    await published(connected)
    await run(connected)
    async with connected.database.transaction() as tx:
        await tx.execute(sessions.update().values(title="Belum diterbitkan"))

    assert counts(await run(connected)) == {"unchanged": 1}
    assert [each["snippet"]["title"] for each in youtube.broadcasts.values()] == ["Pembukaan"]


async def test_a_cancelled_session_loses_its_broadcast(
    connected: Installation, youtube: YouTube
) -> None:
    await published(connected)
    await run(connected)
    await change_session(connected, state=SessionState.CANCELLED)

    report = await run(connected)

    assert counts(report) == {"deleted": 1}
    assert (youtube.broadcasts, await recorded(connected)) == ({}, [])


async def test_one_deleted_in_studio_between_look_and_update_is_made_again(
    connected: Installation, youtube: YouTube
) -> None:
    await published(connected)
    await run(connected)
    await change_session(connected, title="Pembukaan resmi")
    looks = youtube.calls["liveBroadcasts.list"]

    def delete() -> None:
        if youtube.calls["liveBroadcasts.list"] == looks + 2:
            youtube.broadcasts.clear()
            youtube.on_effect = lambda: None

    youtube.on_effect = delete

    report = await run(connected)

    (row,) = await recorded(connected)
    assert counts(report) == {"created": 1}
    assert list(youtube.broadcasts) == [row.youtube_id]


async def test_one_deleted_in_studio_is_made_again(
    connected: Installation, youtube: YouTube
) -> None:
    await published(connected)
    await run(connected)
    youtube.broadcasts.clear()

    report = await run(connected)

    (row,) = await recorded(connected)
    assert counts(report) == {"created": 1}
    assert [row.youtube_id] == list(youtube.broadcasts)


async def test_a_stream_deleted_in_studio_is_made_again(
    connected: Installation, youtube: YouTube
) -> None:
    second = streamed(2, starts_at=make.at("11:00"), ends_at=make.at("12:00"))
    await published(connected)
    await run(connected)
    youtube.streams.clear()
    await make.stored(connected.database, second)
    await release(connected)

    await run(connected)

    (stream,) = youtube.streams
    assert {each["contentDetails"]["boundStreamId"] for each in youtube.broadcasts.values()} >= {
        stream
    }


@pytest.mark.parametrize(
    "fault", ["500", "503", "429", "drop_before", "drop_after", "503_after", "rateLimitExceeded"]
)
@pytest.mark.parametrize(
    "call",
    ["liveBroadcasts.insert", "liveBroadcasts.bind", "liveStreams.insert", "liveBroadcasts.list"],
)
async def test_no_fault_at_any_call_leaves_a_second_broadcast_or_none(
    connected: Installation, youtube: YouTube, call: str, fault: str
) -> None:
    await published(connected)
    youtube.faults[call] = [fault]

    report = await run(connected)

    (row,) = await recorded(connected)
    assert (counts(report), report.problems) == ({"created": 1}, [])
    assert list(youtube.broadcasts) == [row.youtube_id]
    assert list(youtube.streams) == [row.stream_id]
    assert row.state is State.READY


async def test_an_answer_that_never_comes_is_looked_for(
    connected: Installation, youtube: YouTube, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eventhub.streaming.youtube import Channel  # noqa: PLC0415 -- slow to import

    monkeypatch.setattr(
        connection,
        "_channel",
        lambda installation, connected, account: Channel(
            installation.settings.youtube, account, timeout_s=0.3
        ),
    )
    await published(connected)
    youtube.faults["liveBroadcasts.insert"] = ["hang"]

    report = await run(connected)

    (row,) = await recorded(connected)
    assert counts(report) == {"created": 1}
    assert list(youtube.broadcasts) == [row.youtube_id]
    assert youtube.calls["liveBroadcasts.insert"] == 1


async def test_a_lost_answer_is_adopted_by_its_marker_in_the_next_run(
    connected: Installation, youtube: YouTube, clock: StillClock
) -> None:
    await published(connected)
    clock.moment -= timedelta(days=3)
    youtube.faults["liveBroadcasts.insert"] = ["drop_after"]
    youtube.faults["liveBroadcasts.list"] = ["", *["quotaExceeded"]]
    broken = await run(connected)
    (doubtful,) = await recorded(connected)
    clock.moment += timedelta(days=1)

    report = await run(connected)

    (row,) = await recorded(connected)
    assert (counts(broken), [each[0] for each in broken.put_off]) == ({}, ["session-1"])
    assert (doubtful.youtube_id, doubtful.tried_at is not None) == (None, True)
    assert counts(report) == {"created": 1}
    assert list(youtube.broadcasts) == [row.youtube_id]
    assert youtube.calls["liveBroadcasts.insert"] == 1


async def test_doubles_of_ours_are_deleted_and_what_belongs_to_others_stays(
    connected: Installation, youtube: YouTube
) -> None:
    await published(connected)
    await run(connected)
    (row,) = await recorded(connected)
    youtube.add("Pembukaan", description=row.marker, life_cycle="created")
    other = youtube.add("Milik orang lain")

    await run(connected)

    assert set(youtube.broadcasts) == {row.youtube_id, other["id"]}


async def test_a_refused_title_is_told_for_its_session_and_stops_no_other(
    connected: Installation, youtube: YouTube
) -> None:
    await published(
        connected,
        streamed(1),
        streamed(2, starts_at=make.at("11:00"), ends_at=make.at("12:00")),
    )
    youtube.faults["liveBroadcasts.insert"] = ["liveBroadcastBindingNotAllowed"]

    report = await run(connected)

    rows = {row.session: row for row in await recorded(connected)}
    assert counts(report) == {"created": 1}
    assert [(session, problem.code) for session, problem in report.problems] == [
        ("session-1", "liveBroadcastBindingNotAllowed")
    ]
    assert rows["session-1"].problem_code == "liveBroadcastBindingNotAllowed"
    assert rows["session-2"].problem_code is None
    assert counts(await run(connected)) == {"created": 1, "unchanged": 1}


async def test_a_disconnected_channel_is_told_and_not_called_again(
    connected: Installation, youtube: YouTube
) -> None:
    await published(connected)
    youtube.token_error = "invalid_grant"

    report = await run(connected)

    (row,) = await recorded(connected)
    assert [problem.code for _, problem in report.problems] == ["invalid_grant"]
    assert (youtube.calls, row.problem_code, row.youtube_id) == ({}, "invalid_grant", None)
    asked = youtube.tokens_asked
    youtube.token_error = None
    again = await run(connected)
    assert [problem.code for _, problem in again.problems] == ["invalid_grant"]
    assert (youtube.tokens_asked, youtube.calls) == (asked, {})
    async with connected.database.transaction() as tx:
        await channels.try_again(tx, 1)
    assert counts(await run(connected)) == {"created": 1}
    assert [each.problem_code for each in await recorded(connected)] == [None]


async def test_a_check_asks_the_channel_once_and_says_what_is_wrong_with_it(
    connected: Installation, installation: Installation, youtube: YouTube
) -> None:
    well = await connection.channel_problem(connected)
    youtube.token_error = "invalid_client"

    unwell = await connection.channel_problem(connected)
    none = await connection.channel_problem(installation)

    assert (well, unwell, none) == (
        None,
        PROBLEMS["invalid_client"],
        PROBLEMS["not_connected"],
    )
    assert youtube.calls == {"liveBroadcasts.list": 1}


async def test_without_a_channel_every_session_says_so(installation: Installation) -> None:
    await published(installation)

    report = await run(installation)

    assert [(session, problem.code) for session, problem in report.problems] == [
        ("session-1", "not_connected")
    ]
    assert (await recorded(installation), report.units_used) == ([], 0)


async def test_exhausted_quota_puts_the_rest_off_until_midnight_pacific(
    connected: Installation, youtube: YouTube, clock: StillClock
) -> None:
    await published(connected)
    youtube.daily_units = 0

    report = await run(connected)

    until = make.at("15:00")
    assert (report.problems, [each[:2] for each in report.put_off]) == ([], [("session-1", until)])
    async with connected.database.transaction() as tx:
        assert await outbox.claim(tx, [sync.TOPIC], clock.now()) == []
        assert len(await outbox.claim(tx, [sync.TOPIC], until)) == 1


async def test_setting_up_stops_before_the_days_units_are_needed_for_going_live(
    connected: Installation, youtube: YouTube, clock: StillClock
) -> None:
    days = [f"2021-02-{day}" for day in (25, 26, 27)]
    hours = [f"{hour:02}" for hour in range(8, 22)]
    await published(
        connected,
        *(
            streamed(
                n + 1,
                starts_at=make.at(f"{hour}:00", day),
                ends_at=make.at(f"{hour}:45", day),
            )
            for n, (day, hour) in enumerate((day, hour) for day in days for hour in hours)
        ),
    )
    clock.moment = make.at("16:00", "2021-02-20")

    first = await run(connected)
    clock.moment = make.at("16:00", "2021-02-21")
    second = await run(connected)

    assert counts(first)["created"] + len(first.put_off) == 42
    assert first.units_used <= 3_000
    assert {until for _, until, _ in first.put_off} == {make.at("15:00", "2021-02-21")}
    assert second.put_off == []
    assert len(youtube.broadcasts) == 42
    assert youtube.units < 4_500 + first.units_used


@pytest.mark.parametrize("calls", range(1, 6))
async def test_a_crash_after_any_call_leaves_nothing_behind_that_the_next_run_does_not_mend(
    connected: Installation, youtube: YouTube, clock: StillClock, calls: int
) -> None:
    await published(connected)
    first = asyncio.create_task(run(connected))

    def crash() -> None:
        if sum(youtube.calls.values()) == calls:
            first.cancel()

    youtube.on_effect = crash
    await asyncio.gather(first, return_exceptions=True)
    clock.moment += timedelta(minutes=3)

    await run(connected)
    report = await run(connected)

    (row,) = await recorded(connected)
    assert counts(report) == {"unchanged": 1}
    assert list(youtube.broadcasts) == [row.youtube_id]
    assert list(youtube.streams) == [row.stream_id]
    assert row.state is State.READY


async def test_two_runs_at_once_make_one_broadcast(
    connected: Installation, youtube: YouTube
) -> None:
    event = await published(connected)

    await asyncio.gather(sync.sync(connected, event), sync.sync(connected, event))

    (row,) = await recorded(connected)
    assert list(youtube.broadcasts) == [row.youtube_id]
    assert youtube.calls["liveBroadcasts.insert"] == 1


async def test_a_release_sets_the_broadcasts_up(connected: Installation, youtube: YouTube) -> None:
    await published(connected)
    at = connected.clock.now()
    async with connected.database.transaction() as tx:
        (job,) = await outbox.claim(tx, ["programme.released"], at)

    await jobs.follow_release(connected, job)
    await jobs.follow_release(connected, job)
    connected.clock.moment += jobs.MERGED_FOR  # type: ignore[attr-defined]  # it stands still
    await jobs.set_up(connected)
    await jobs.set_up(connected)

    assert len(youtube.broadcasts) == 1
    async with connected.database.transaction() as tx:
        assert await outbox.claim(tx, [sync.TOPIC], at + timedelta(days=1)) == []


async def test_a_release_during_another_run_is_followed_later(
    connected: Installation,
    youtube: YouTube,
    clock: StillClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = await published(connected)
    monkeypatch.setattr(connection, "CREATOR_WAITS_S", 0)
    async with connected.database.transaction() as tx:
        await outbox.add(tx, sync.TOPIC, {}, event_id=1, at=clock.now())
    async with connection.only_creator(connected, event):
        await jobs.set_up(connected)
    during = len(youtube.broadcasts)
    clock.moment += timedelta(minutes=1)

    await jobs.set_up(connected)

    assert (during, len(youtube.broadcasts)) == (0, 1)


async def test_outcomes_count_each_session_once(connected: Installation) -> None:
    await published(connected)

    assert sum((await run(connected)).outcomes.values()) == 1
    assert set(Outcome) == {"created", "updated", "deleted", "unchanged"}
