"""What the control room tells of a session and of a room at a moment, from 30 minutes before to the end."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.streaming import checklist_rules, room_rules, turn_rules
from eventhub.streaming.model import Act, Broadcast, Encoder, Provider, Shown, State, Viewers
from eventhub.streaming.room_model import (
    AlarmKind,
    CheckItem,
    Deed,
    EncoderHealth,
    Late,
    Lateness,
    Phase,
    Signal,
    Tick,
    Turn,
)
from tests import make

NINE = make.at("09:00")
TEN = make.at("10:00")
A_MINUTE = timedelta(minutes=1)
STATES = st.sampled_from(State)


def turn(code: str = "a", state: State | None = State.READY, **changes: Any) -> Turn:
    """Make a streamed session from nine to ten in room A; without a state it has no broadcast."""
    starts_at, ends_at = changes.pop("starts_at", NINE), changes.pop("ends_at", TEN)
    watching = changes.pop("watching", 0)
    row = {"youtube_id": "y", "stream_id": "s", **changes.pop("row", {})}
    broadcast = None
    if state is not None:
        provider = row.pop("provider", Provider.YOUTUBE)
        broadcast = Broadcast(1, 1, 1, code, provider, state, "m", **row)
    viewers = Viewers(watching, watching, starts_at)
    shown = Shown(1, code, f"Sesi {code}", starts_at, ends_at, "A", broadcast, viewers)
    values = {"streams": True, "has_encoder": True, **changes}
    return Turn(shown=shown, lane="room:a", lane_name="A", **values)


def encoder(seen_at: datetime | None, **changes: Any) -> Encoder:
    values = {"stream_id": "s", "status": "active", "health": "good", **changes}
    return Encoder(1, 1, "room:a", "m", seen_at=seen_at, **values)


SENDING = EncoderHealth(Signal.SENDING, seen_at=NINE)


@pytest.mark.parametrize(
    ("state", "minutes", "phase", "late"),
    [
        (State.READY, -1, Phase.COMING, None),
        (State.READY, 0, Phase.NOW, Lateness.NOT_ON_AIR),
        (State.TESTING, 5, Phase.NOW, Lateness.NOT_ON_AIR),
        (None, 59, Phase.NOW, Lateness.NOT_ON_AIR),
        (State.READY, 60, Phase.OVER, None),
        (State.LIVE, -3, Phase.NOW, None),
        (State.LIVE, 30, Phase.NOW, None),
        (State.LIVE, 60, Phase.NOW, Lateness.OVERRUNS),
        (State.TESTING, 61, Phase.NOW, Lateness.OVERRUNS),
        (State.COMPLETE, 40, Phase.OVER, None),
    ],
)
def test_a_streamed_session_stands_by_its_broadcast(
    state: State | None, minutes: int, phase: Phase, late: Lateness | None
) -> None:
    at = NINE + minutes * A_MINUTE
    it = turn(state=state)

    told = turn_rules.late_of(it, (), at)

    assert (turn_rules.phase_of(it, at), told.how if told else None) == (phase, late)


def test_a_session_that_only_meets_goes_by_the_clock_and_is_never_late() -> None:
    it = turn(state=None, streams=False, has_encoder=False, meeting_url="https://meet.example.org")

    phases = [turn_rules.phase_of(it, at) for at in (NINE - A_MINUTE, NINE, TEN - A_MINUTE, TEN)]

    assert phases == [Phase.COMING, Phase.NOW, Phase.NOW, Phase.OVER]
    assert turn_rules.late_of(it, (), NINE + A_MINUTE) is None


def test_who_overruns_is_told_into_whose_time() -> None:
    first = turn("a", State.LIVE)
    second = turn("b", starts_at=TEN, ends_at=TEN + timedelta(hours=1))
    at = TEN + 4 * A_MINUTE

    assert turn_rules.late_of(first, [second], TEN - A_MINUTE) is None
    assert turn_rules.late_of(first, [second], at) == Late(Lateness.OVERRUNS, TEN, "Sesi b")


@st.composite
def rooms(draw: st.DrawFn) -> tuple[list[Turn], datetime]:
    """Make a room's sessions at any times and in any states, and a moment."""
    minutes = st.integers(min_value=-180, max_value=180)
    found = []
    for number in range(draw(st.integers(min_value=1, max_value=5))):
        starts_at = NINE + draw(minutes) * A_MINUTE
        lasts = draw(st.integers(min_value=1, max_value=120))
        streams = draw(st.booleans())
        found.append(
            turn(
                str(number),
                draw(st.none() | STATES) if streams else None,
                starts_at=starts_at,
                ends_at=starts_at + lasts * A_MINUTE,
                streams=streams,
                has_encoder=streams,
                meeting_url="" if streams else "https://meet.example.org",
            )
        )
    return found, NINE + draw(minutes) * A_MINUTE


@given(rooms())
def test_every_session_stands_in_exactly_one_place(case: tuple[list[Turn], datetime]) -> None:
    turns, at = case

    (lane,) = room_rules.arrange(turns, {}, at)

    told = [each.turn.shown.session for each in lane.standings]
    assert sorted(told) == sorted(each.shown.session for each in turns)
    assert len(set(told)) == len(told)


@given(rooms())
def test_what_is_next_starts_before_all_that_is_later(case: tuple[list[Turn], datetime]) -> None:
    turns, at = case

    (lane,) = room_rules.arrange(turns, {}, at)

    if lane.next is None:
        assert lane.later == ()
    else:
        starts = [each.turn.shown.starts_at for each in (lane.next, *lane.later)]
        assert starts == sorted(starts)
        assert lane.next.turn.shown.starts_at > at


@given(rooms())
def test_only_what_streams_is_late_and_what_is_on_air_is_never_over(
    case: tuple[list[Turn], datetime],
) -> None:
    turns, at = case

    (lane,) = room_rules.arrange(turns, {}, at)

    for each in lane.standings:
        if each.late is not None:
            assert each.turn.streams
            assert each.phase is Phase.NOW
            assert each.late.since <= at
        if each.turn.streams and each.turn.shown.state is State.LIVE:
            assert each.phase is Phase.NOW
            assert Act.END in each.acts


@given(rooms())
def test_nothing_changes_by_itself_before_it_is_said_to(
    case: tuple[list[Turn], datetime],
) -> None:
    turns, at = case
    (lane,) = room_rules.arrange(turns, {}, at)
    until = (lane.changes_at or at + timedelta(days=1)) - timedelta(seconds=1)

    (then,) = room_rules.arrange(turns, {}, max(at, until))

    def told(lane: Any) -> Any:
        return [(each.phase, each.late, each.checks, each.acts) for each in lane.standings]

    assert told(then) == told(lane)


@pytest.mark.parametrize(
    ("status", "health", "signal"),
    [
        ("active", "good", Signal.SENDING),
        ("active", "ok", Signal.SENDING),
        ("active", "bad", Signal.WEAK),
        ("active", "noData", Signal.SENDING),
        ("inactive", "noData", Signal.SILENT),
        ("ready", "", Signal.SILENT),
        ("error", "", Signal.FAULTY),
    ],
)
def test_an_encoder_is_told_as_it_was_last_seen(status: str, health: str, signal: Signal) -> None:
    row = encoder(NINE, status=status, health=health, issues=("bitrateLow",))

    told = room_rules.health_of(row, [turn(state=State.LIVE)], NINE + A_MINUTE)

    assert told == EncoderHealth(signal, ("bitrateLow",), NINE)


@pytest.mark.parametrize(
    ("state", "minutes", "is_stale"),
    [
        (State.LIVE, 3, False),
        (State.LIVE, 4, True),
        (State.READY, 4, True),
        (State.COMPLETE, 40, False),
    ],
)
def test_an_encoder_not_looked_at_for_minutes_is_stale_while_it_matters(
    state: State, minutes: int, is_stale: bool
) -> None:
    told = room_rules.health_of(encoder(NINE), [turn(state=state)], NINE + minutes * A_MINUTE)

    assert told is not None
    assert told.is_stale is is_stale


def test_an_encoder_is_not_stale_long_before_its_session() -> None:
    seen = NINE - timedelta(days=1)

    told = room_rules.health_of(encoder(seen), [turn()], NINE - timedelta(hours=1))

    assert told == EncoderHealth(Signal.SENDING, (), seen)
    assert room_rules.health_of(encoder(None), [turn()], NINE) == EncoderHealth(Signal.UNSEEN)
    assert room_rules.health_of(None, [turn()], NINE) is None


ALL = [
    CheckItem.ENCODER,
    CheckItem.BROADCAST,
    CheckItem.MODERATOR,
    CheckItem.MEETING,
    CheckItem.WATCH_PAGE,
    CheckItem.PICTURE,
]


@pytest.mark.parametrize(
    ("values", "items"),
    [
        ({"meeting_url": "https://meet.example.org"}, ALL),
        ({}, [item for item in ALL if item is not CheckItem.MEETING]),
        (
            {"has_encoder": False},
            [CheckItem.BROADCAST, CheckItem.MODERATOR, CheckItem.WATCH_PAGE, CheckItem.PICTURE],
        ),
        (
            {"streams": False, "has_encoder": False, "meeting_url": "https://meet.example.org"},
            [CheckItem.MODERATOR, CheckItem.MEETING],
        ),
    ],
)
def test_only_what_a_session_has_is_asked(values: dict[str, Any], items: list[CheckItem]) -> None:
    it = turn(**values)

    checks = checklist_rules.checks_of(it, Phase.COMING, SENDING, NINE - A_MINUTE)

    assert [check.item for check in checks] == items


@pytest.mark.parametrize(
    ("state", "minutes", "is_asked"),
    [
        (State.READY, -31, False),
        (State.READY, -30, True),
        (State.TESTING, 10, True),
        (State.LIVE, -5, False),
        (State.READY, 60, False),
    ],
)
def test_the_checklist_opens_30_minutes_before_and_closes_on_air(
    state: State, minutes: int, is_asked: bool
) -> None:
    at, it = NINE + minutes * A_MINUTE, turn(state=state)

    checks = checklist_rules.checks_of(it, turn_rules.phase_of(it, at), SENDING, at)

    assert bool(checks) is is_asked


def done(it: Turn, health: EncoderHealth | None = SENDING) -> set[CheckItem]:
    checks = checklist_rules.checks_of(it, Phase.COMING, health, NINE - A_MINUTE)
    return {check.item for check in checks if check.is_done}


def test_encoder_and_broadcast_answer_themselves() -> None:
    silent, stale = EncoderHealth(Signal.SILENT), replace(SENDING, is_stale=True)
    linked = {"provider": Provider.LINK, "youtube_id": None, "watch_url": "https://example.org"}

    assert done(turn()) == {CheckItem.ENCODER, CheckItem.BROADCAST}
    assert done(turn(), silent) == done(turn(), stale) == {CheckItem.BROADCAST}
    assert done(turn(state=None), None) == set()
    assert done(turn(row=linked, has_encoder=False), None) == {CheckItem.BROADCAST}


def test_a_moderator_is_in_who_joined_or_was_seen() -> None:
    ticked = Tick(CheckItem.MODERATOR, NINE - timedelta(minutes=20), "user a")

    joined = turn(state=None, moderator_at=NINE - timedelta(minutes=9))
    seen = turn(state=None, ticks=(ticked,))

    assert done(joined, None) == done(seen, None) == {CheckItem.MODERATOR}


def test_what_was_seen_the_day_before_is_asked_again() -> None:
    old = Tick(CheckItem.PICTURE, NINE - timedelta(hours=13), "user a")
    today = replace(old, at=NINE - timedelta(hours=2))

    assert done(turn(state=None, ticks=(old,)), None) == set()
    assert done(turn(state=None, ticks=(today,)), None) == {CheckItem.PICTURE}


@pytest.mark.parametrize(
    ("row", "watching", "audience"),
    [
        ({"concurrent": 312, "concurrent_at": NINE}, 41, 312),
        ({"concurrent": 12, "concurrent_at": NINE}, 41, 41),
        ({"concurrent": 312, "concurrent_at": NINE - timedelta(minutes=9)}, 41, 41),
        ({}, 41, 41),
    ],
)
def test_the_audience_is_what_youtube_tells_lately_and_never_less_than_is_known(
    row: dict[str, Any], watching: int, audience: int
) -> None:
    shown = turn(state=State.LIVE, row=row, watching=watching).shown

    assert turn_rules.audience_of(shown, NINE + A_MINUTE) == audience


START = Deed(Act.START, "user a", NINE)


@pytest.mark.parametrize(
    ("deed", "state", "minutes", "code"),
    [
        (START, State.READY, 2, None),
        (START, State.READY, 3, "interrupted"),
        (START, State.LIVE, 30, None),
        (replace(START, ended_at=NINE, problem_code="busy"), State.READY, 14, "busy"),
        (replace(START, ended_at=NINE, problem_code="busy"), State.READY, 15, None),
        (replace(START, ended_at=NINE, problem_code="busy"), State.LIVE, 1, None),
    ],
)
def test_what_an_act_came_to_is_told_until_it_was_reached(
    deed: Deed, state: State, minutes: int, code: str | None
) -> None:
    it = turn(state=state, deed=deed)

    assert turn_rules.problem_of(it, NINE + minutes * A_MINUTE) == code


def test_the_most_urgent_alarm_comes_first() -> None:
    turns = [
        turn("a", State.READY),
        turn("b", State.LIVE),
    ]
    turns[1] = replace(turns[1], lane="room:b", lane_name="B")
    silent = encoder(NINE, status="inactive")

    lanes = room_rules.arrange(turns, {"room:b": silent}, NINE + A_MINUTE)

    told = [(alarm.kind, alarm.lane) for alarm in room_rules.alarms_of(lanes)]
    assert told == [(AlarmKind.NO_SIGNAL, "room:b"), (AlarmKind.NOT_ON_AIR, "room:a")]
