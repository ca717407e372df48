"""What is on, next, late and over in each room, and the health of its encoder, at a moment. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from .checklist_rules import ASKED_INTO_MEETING, checks_of
from .model import Act, Encoder, Provider, State
from .room_model import (
    CHECKED_BEFORE,
    Alarm,
    AlarmKind,
    EncoderHealth,
    Lane,
    Phase,
    Signal,
    Standing,
    Turn,
)
from .turn_rules import (
    ABANDONED_AFTER,
    acts_of,
    audience_of,
    is_under_way,
    late_of,
    phase_of,
    problem_of,
)

_ON = frozenset({State.TESTING, State.LIVE})

# Looks come once a minute; after three without one nobody knows.
STALE_AFTER = timedelta(minutes=3)


def health_of(encoder: Encoder | None, turns: Iterable[Turn], at: datetime) -> EncoderHealth | None:
    """Return an encoder's health; None where nothing on YouTube is fed by it."""
    if encoder is None or encoder.stream_id is None:
        return None
    if encoder.seen_at is None:
        return EncoderHealth(Signal.UNSEEN)
    is_watched = any(_is_watched(turn, at) for turn in turns)
    is_stale = is_watched and at - encoder.seen_at > STALE_AFTER
    return EncoderHealth(_signal(encoder), encoder.issues, encoder.seen_at, is_stale)


def _signal(encoder: Encoder) -> Signal:
    if encoder.status == "error":
        return Signal.FAULTY
    if encoder.status != "active":
        return Signal.SILENT
    # `noData` says that YouTube knows nothing of its health, which is so at first.
    return Signal.WEAK if encoder.health == "bad" else Signal.SENDING


def _is_watched(turn: Turn, at: datetime) -> bool:
    row, shown = turn.shown.broadcast, turn.shown
    if row is None or row.provider is not Provider.YOUTUBE or row.youtube_id is None:
        return False
    if row.state in _ON:
        return True
    # What has just become due is looked at with the next round.
    since = shown.starts_at - CHECKED_BEFORE + STALE_AFTER
    return row.state is not State.COMPLETE and since <= at < shown.ends_at


def arrange(turns: Iterable[Turn], encoders: Mapping[str, Encoder], at: datetime) -> list[Lane]:
    """Return a lane per room, track and what is online: first those that stream, last those that are over."""
    by_lane: dict[str, list[Turn]] = defaultdict(list)
    for turn in sorted(turns, key=lambda turn: (turn.shown.starts_at, turn.shown.session)):
        by_lane[turn.lane].append(turn)
    lanes = [_lane(each, encoders.get(code), at) for code, each in by_lane.items()]
    return sorted(lanes, key=_place)


def _place(lane: Lane) -> tuple[bool, bool, str, str]:
    is_over = not lane.now and lane.next is None
    return is_over, not lane.streams, lane.name.casefold(), lane.code


def _lane(turns: Sequence[Turn], encoder: Encoder | None, at: datetime) -> Lane:
    health = health_of(encoder, turns, at)
    standings = [_standing(turn, turns, health, at) for turn in turns]
    coming = [each for each in standings if each.phase is Phase.COMING]
    lane = Lane(
        code=turns[0].lane,
        name=turns[0].lane_name,
        streams=any(turn.streams for turn in turns),
        now=tuple(each for each in standings if each.phase is Phase.NOW),
        next=coming[0] if coming else None,
        later=tuple(coming[1:]),
        over=tuple(each for each in standings if each.phase is Phase.OVER),
        encoder=encoder,
        health=health,
    )
    return replace(lane, changes_at=min(_changes(lane, at), default=None))


def _standing(
    turn: Turn, turns: Sequence[Turn], health: EncoderHealth | None, at: datetime
) -> Standing:
    phase = phase_of(turn, at)
    return Standing(
        turn=turn,
        phase=phase,
        late=late_of(turn, (each for each in turns if each is not turn), at),
        checks=checks_of(turn, phase, health, at),
        acts=_acts(turn, phase),
        audience=audience_of(turn.shown, at),
        is_under_way=is_under_way(turn.deed, at),
        problem_code=problem_of(turn, at),
    )


def _acts(turn: Turn, phase: Phase) -> tuple[Act, ...]:
    if not turn.streams or phase is Phase.OVER:
        return ()
    has_any = turn.has_encoder or turn.shown.broadcast is not None
    return acts_of(turn.shown) if has_any else ()


def alarms_of(lanes: Iterable[Lane]) -> list[Alarm]:
    """Return what must be looked at now, the most urgent first."""
    order = list(AlarmKind)
    found = [
        Alarm(kind, lane.code, lane.name, standing)
        for lane in lanes
        for standing in (*lane.now, *((lane.next,) if lane.next else ()))
        for kind in _alarms(lane, standing)
    ]
    return sorted(found, key=lambda alarm: order.index(alarm.kind))


def _alarms(lane: Lane, standing: Standing) -> Iterable[AlarmKind]:
    health, is_fed = lane.health, standing.turn.has_encoder
    if health is not None and is_fed and standing.turn.shown.state is State.LIVE:
        if health.is_stale:
            yield AlarmKind.UNSEEN
        elif health.signal in {Signal.SILENT, Signal.FAULTY}:
            yield AlarmKind.NO_SIGNAL
    if standing.late is not None:
        yield AlarmKind(standing.late.how)
    if standing.problem_code is not None:
        yield AlarmKind.PROBLEM


def _changes(lane: Lane, at: datetime) -> Iterable[datetime]:
    for each in lane.standings:
        shown, deed = each.turn.shown, each.turn.deed
        moments = [shown.starts_at - CHECKED_BEFORE, shown.starts_at, shown.ends_at]
        if not each.turn.streams:
            moments.append(shown.starts_at + ASKED_INTO_MEETING)
        if is_under_way(deed, at):
            assert deed is not None
            moments.append(deed.begun_at + ABANDONED_AFTER)
        yield from (moment for moment in moments if moment > at)
    health = lane.health
    if health is not None and health.seen_at is not None and not health.is_stale:
        moment = health.seen_at + STALE_AFTER + timedelta(seconds=1)
        if moment > at:
            yield moment
