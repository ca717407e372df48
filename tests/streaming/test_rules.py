"""What a released session wants of YouTube against what is recorded and there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from eventhub.events.model import Attendance
from eventhub.sessions.model import Format, Kind, Released, SessionState
from eventhub.streaming.model import Broadcast, Provider, State, ViewingKind, Wanted
from eventhub.streaming.remote import Draft, RemoteBroadcast
from eventhub.streaming.rules import (
    Does,
    Door,
    Step,
    description_after,
    door,
    is_streamed,
    must_bind,
    must_update,
    plan,
    schedule,
    state_of,
    wanted_of,
    way_in,
    way_to,
)
from tests import make

NOON = make.at("12:00", "2021-02-20")
STARTS, ENDS = make.at("09:00"), make.at("10:00")
MARKER = "[eventhub:rakortek/session-1/0a1b2c3d]"
WANTED = Wanted(1, "session-1", "Pembukaan", "", STARTS, ENDS, "room:room-1", "Ruang 1")
ROW = Broadcast(
    id=5,
    event_id=1,
    session_id=1,
    session="session-1",
    provider=Provider.YOUTUBE,
    state=State.READY,
    marker=MARKER,
    youtube_id="yt1",
)
REMOTE = RemoteBroadcast(
    id="yt1",
    title="Pembukaan",
    description=f"x\n\n{MARKER}",
    scheduled_start=STARTS,
    published_at=NOON,
    life_cycle="ready",
    stream_id="stream1",
)


def only(steps: list[Step]) -> Step:
    (step,) = steps
    return step


def test_a_wanted_session_without_anything_is_created() -> None:
    assert only(plan([WANTED], [], [], NOON)) == Step(Does.CREATE, "session-1", WANTED, None)


def test_a_session_that_is_over_gets_none() -> None:
    assert only(plan([WANTED], [], [], ENDS)).does is Does.NOTHING


def test_a_broadcast_that_is_there_is_settled_and_its_doubles_go() -> None:
    double = replace(REMOTE, id="yt2", stream_id=None)
    live_double = replace(REMOTE, id="yt3", life_cycle="complete")

    step = only(plan([WANTED], [ROW], [double, live_double, REMOTE], NOON))

    assert step == Step(Does.SETTLE, "session-1", WANTED, ROW, REMOTE, (double,))


def test_one_that_has_begun_is_kept_before_others() -> None:
    live = replace(REMOTE, id="yt2", life_cycle="live")

    step = only(plan([WANTED], [ROW], [REMOTE, live], NOON))

    assert (step.remote, step.doubles) == (live, (REMOTE,))


def test_among_loose_ones_the_oldest_is_kept() -> None:
    older = replace(REMOTE, id="zz", published_at=NOON - timedelta(seconds=1))
    unknown = replace(ROW, youtube_id=None)

    assert only(plan([WANTED], [unknown], [REMOTE, older], NOON)).remote == older


def test_one_deleted_elsewhere_is_created_anew_but_not_after_its_end() -> None:
    assert only(plan([WANTED], [ROW], [], NOON)).does is Does.CREATE
    assert only(plan([WANTED], [ROW], [], ENDS)).does is Does.NOTHING
    assert only(plan([WANTED], [replace(ROW, state=State.COMPLETE)], [], NOON)).does is Does.NOTHING


def test_links_and_what_an_operator_deleted_are_left_alone() -> None:
    for row in (replace(ROW, provider=Provider.LINK), replace(ROW, held=True)):
        assert only(plan([WANTED], [row], [], NOON)).does is Does.NOTHING


def test_what_is_no_longer_wanted_is_deleted_unless_it_was_held() -> None:
    ended = replace(REMOTE, life_cycle="complete")
    fresh = replace(ROW, youtube_id=None, tried_at=NOON)

    assert only(plan([], [ROW], [REMOTE], NOON)).does is Does.DELETE
    assert only(plan([], [ROW], [ended], NOON)).does is Does.NOTHING
    assert only(plan([], [ROW], [], NOON)).does is Does.FORGET
    assert only(plan([], [fresh], [], NOON)).does is Does.NOTHING
    assert only(plan([], [replace(ROW, provider=Provider.LINK)], [], NOON)).does is Does.NOTHING


def test_steps_follow_the_starts() -> None:
    later = replace(WANTED, session_id=2, code="a", starts_at=ENDS)

    assert [step.session for step in plan([later, WANTED], [], [], NOON)] == ["session-1", "a"]


def test_binding_is_for_what_has_not_begun() -> None:
    assert must_bind(replace(REMOTE, stream_id=None), "stream1")
    assert not must_bind(REMOTE, "stream1")
    assert not must_bind(replace(REMOTE, life_cycle="live"), "stream2")


@pytest.mark.parametrize(
    ("remote", "row", "answer"),
    [
        (REMOTE, ROW, False),
        (replace(REMOTE, title="Lain"), ROW, True),
        (replace(REMOTE, scheduled_start=ENDS), ROW, True),
        (replace(REMOTE, description="tanpa tanda"), ROW, True),
        (REMOTE, replace(ROW, description="lama"), True),
        (replace(REMOTE, life_cycle="live", title="Lain"), ROW, False),
    ],
)
def test_only_real_changes_are_written(
    remote: RemoteBroadcast, row: Broadcast, answer: bool
) -> None:
    draft = Draft("Pembukaan", "baru", STARTS, ENDS)
    row = replace(row, description=row.description or "baru")

    assert must_update(remote, row, draft) is answer


def test_what_others_wrote_into_the_description_stays_with_our_marker() -> None:
    draft = Draft("Pembukaan", f"baru\n\n{MARKER}", STARTS, ENDS)
    row = replace(ROW, description=f"lama\n\n{MARKER}")

    def after(description: str) -> str:
        return description_after(replace(REMOTE, description=description), row, draft)

    assert after(f"lama\n\n{MARKER}") == f"baru\n\n{MARKER}"
    assert after(f"dari Studio {MARKER}") == f"dari Studio {MARKER}"
    assert after("dari Studio") == f"dari Studio\n\n{MARKER}"


def test_a_session_that_has_begun_is_scheduled_for_at_once_or_keeps_its_start() -> None:
    during = STARTS + timedelta(minutes=10)

    assert schedule(WANTED, REMOTE, NOON) == (STARTS, ENDS)
    assert schedule(WANTED, REMOTE, during) == (STARTS, None)
    assert schedule(WANTED, None, during) == (during + timedelta(minutes=2), None)


def test_a_broadcast_that_is_starting_has_not_started() -> None:
    assert [
        state_of(word) for word in ("testStarting", "liveStarting", "live", "revoked", "?")
    ] == [
        State.READY,
        State.TESTING,
        State.LIVE,
        State.PROBLEM,
        State.PROBLEM,
    ]


def test_a_room_has_an_encoder_of_its_own_else_the_track_else_the_event() -> None:
    released = Released(
        session_id=1,
        code="session-1",
        title="Pembukaan",
        abstract="",
        kind=Kind.PLENARY,
        format=Format.HYBRID,
        starts_at=STARTS,
        ends_at=ENDS,
        time_zone="Asia/Jakarta",
        room_code="room-1",
        room_name="Ruang 1",
        building="",
        meeting_url="",
        stream=True,
        track="Desk 1",
        speakers=(),
        audience=(),
        state=SessionState.PUBLISHED,
        sequence=0,
    )

    assert wanted_of(released, "Rakortek") == replace(WANTED, track="Desk 1", room_name="Ruang 1")
    assert [
        (each.encoder, each.encoder_name)
        for each in (
            wanted_of(replace(released, room_code=None), "Rakortek"),
            wanted_of(replace(released, room_code=None, track=""), "Rakortek"),
        )
    ] == [("track:Desk 1", "Desk 1"), ("event", "Rakortek")]
    assert is_streamed(released)
    assert not is_streamed(replace(released, stream=False))
    assert not is_streamed(replace(released, state=SessionState.CANCELLED))


def test_going_live_passes_through_testing() -> None:
    assert way_to("live", "ready") == ["testing", "live"]
    assert way_to("live", "testing") == ["live"]
    assert way_to("complete", "live") == ["complete"]


def test_the_door_opens_fifteen_minutes_before_and_stays_open_for_overrunning() -> None:
    assert [
        door(STARTS, ENDS, at)
        for at in (
            STARTS - timedelta(minutes=15, seconds=1),
            STARTS - timedelta(minutes=15),
            ENDS + timedelta(hours=2, seconds=-1),
            ENDS + timedelta(hours=2),
        )
    ] == [Door.EARLY, Door.OPEN, Door.OPEN, Door.OVER]


def test_the_meeting_is_for_those_invited_to_it_and_the_stream_for_all() -> None:
    assert way_in(Attendance.MEETING, "https://meet", True) is ViewingKind.MEETING
    assert way_in(Attendance.MEETING, "", True) is ViewingKind.STREAM
    assert way_in(Attendance.STREAM, "https://meet", True) is ViewingKind.STREAM
    assert way_in(Attendance.ONSITE, "https://meet", False) is None
