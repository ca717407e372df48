"""The control room's picture in shapes for programs."""

from datetime import date
from typing import Annotated

from pydantic import Field

from eventhub.language import Reader
from eventhub.web.fields import Day, Form, Instant, Shape

from .forms import ProblemShape, ViewersShape, problem_shape
from .model import Act, Provider, State
from .problems import PROBLEMS
from .quota import UNITS_A_DAY, Mode
from .room_model import (
    AlarmKind,
    Check,
    CheckItem,
    Deed,
    EncoderHealth,
    Lane,
    Late,
    Lateness,
    Phase,
    Signal,
    Standing,
)
from .room_reading import Picture
from .room_rules import alarms_of

Number = Annotated[int, Field(ge=0)]


class LiveQuery(Form):
    """Which event day; without one today, or the nearest that has any."""

    day: Day | None = None


class LateShape(Shape):
    """Since when it should be on air, or should have ended; `into` names the session whose time it takes."""

    how: Lateness
    since: Instant
    into: str


class CheckShape(Shape):
    """An item of the checklist: `by` who ticked it, `at` when, or when it was seen done."""

    item: CheckItem
    done: bool
    by: str | None
    at: Instant | None


class LastActShape(Shape):
    """The last thing done with the broadcast; without `ended_at` it is under way, or was interrupted."""

    act: Act
    by: str
    begun_at: Instant
    ended_at: Instant | None


class TurnShape(Shape):
    """A session in its room; `state` and `provider` are null for one that only meets."""

    session: str
    title: str
    starts_at: Instant
    ends_at: Instant
    phase: Phase
    provider: Provider | None
    state: State | None
    late: LateShape | None
    meeting_url: str
    joined: Number
    viewers: ViewersShape
    youtube_viewers: Number | None
    checklist: list[CheckShape]
    last_act: LastActShape | None
    problem: ProblemShape | None


class EncoderShape(Shape):
    """An encoder as last seen; `stale`: it should have been looked at since."""

    signal: Signal
    issues: list[str]
    seen_at: Instant | None
    stale: bool


class LaneShape(Shape):
    """A room (`room:CODE`), a track (`track:NAME`) or what is online (`event`)."""

    code: str
    name: str
    encoder: EncoderShape | None
    now: list[TurnShape]
    next: TurnShape | None
    later: list[TurnShape]
    over: list[TurnShape]


class AlarmShape(Shape):
    """What must be looked at now."""

    kind: AlarmKind
    room: str
    session: str


class QuotaShape(Shape):
    """Units of this Pacific day, and when new ones come."""

    used: Number
    of: Number
    mode: Mode
    until: Instant


class ChannelTroubleShape(Shape):
    channel: str
    problem: ProblemShape


class LiveShape(Shape):
    """The control room at a moment."""

    at: Instant
    day: date
    rooms: list[LaneShape]
    alarms: list[AlarmShape]
    channels: list[ChannelTroubleShape]
    quota: QuotaShape | None


def live_shape(picture: Picture, reader: Reader) -> LiveShape:
    """Return the picture as programs read it."""
    quota = picture.quota
    return LiveShape(
        at=picture.at,
        day=picture.day,
        rooms=[_lane(lane, reader) for lane in picture.lanes],
        alarms=[
            AlarmShape(kind=alarm.kind, room=alarm.lane, session=alarm.standing.turn.shown.session)
            for alarm in alarms_of(picture.lanes)
        ],
        channels=[
            ChannelTroubleShape(
                channel=each.title, problem=problem_shape(PROBLEMS[each.problem_code], reader)
            )
            for each in picture.troubled
            if each.problem_code in PROBLEMS
        ],
        quota=QuotaShape(used=quota.used, of=UNITS_A_DAY, mode=quota.mode, until=quota.ends_at)
        if quota
        else None,
    )


def _lane(lane: Lane, reader: Reader) -> LaneShape:
    return LaneShape(
        code=lane.code,
        name=lane.name,
        encoder=_encoder(lane.health) if lane.health else None,
        now=[_turn(each, reader) for each in lane.now],
        next=_turn(lane.next, reader) if lane.next else None,
        later=[_turn(each, reader) for each in lane.later],
        over=[_turn(each, reader) for each in lane.over],
    )


def _encoder(health: EncoderHealth) -> EncoderShape:
    return EncoderShape(
        signal=health.signal,
        issues=list(health.issues),
        seen_at=health.seen_at,
        stale=health.is_stale,
    )


def _turn(standing: Standing, reader: Reader) -> TurnShape:
    turn, shown = standing.turn, standing.turn.shown
    row, viewers = shown.broadcast, shown.viewers
    provider = row.provider if row else Provider.YOUTUBE
    problem = PROBLEMS.get(standing.problem_code or "")
    return TurnShape(
        session=shown.session,
        title=shown.title,
        starts_at=shown.starts_at,
        ends_at=shown.ends_at,
        phase=standing.phase,
        provider=provider if turn.streams else None,
        state=shown.state if turn.streams else None,
        late=_late(standing.late) if standing.late else None,
        meeting_url=turn.meeting_url,
        joined=turn.joined,
        viewers=ViewersShape(now=viewers.now, peak=viewers.peak, at=viewers.at),
        youtube_viewers=row.concurrent if row else None,
        checklist=[_check(each) for each in standing.checks],
        last_act=_deed(turn.deed) if turn.deed else None,
        problem=problem_shape(problem, reader) if problem else None,
    )


def _late(late: Late) -> LateShape:
    return LateShape(how=late.how, since=late.since, into=late.into)


def _check(check: Check) -> CheckShape:
    tick = check.tick
    return CheckShape(
        item=check.item,
        done=check.is_done,
        by=tick.who if tick else None,
        at=tick.at if tick else check.at,
    )


def _deed(deed: Deed) -> LastActShape:
    return LastActShape(act=deed.act, by=deed.who, begun_at=deed.begun_at, ended_at=deed.ended_at)
