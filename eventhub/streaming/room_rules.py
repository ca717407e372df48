"""Who is on, next, late and over in each room, at a moment. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from .checklist_rules import checks_of
from .model import Act, Encoder, Provider, Shown, State
from .room_model import (
    CHECKED_BEFORE,
    Deed,
    EncoderHealth,
    Lane,
    Late,
    Lateness,
    Phase,
    Signal,
    Standing,
    Turn,
)

_ON = frozenset({State.TESTING, State.LIVE})

# Looks come once a minute; after three without one nobody knows.
STALE_AFTER = timedelta(minutes=3)

# Going on air takes a minute at most, with repeated calls two; then whoever did it has died.
ABANDONED_AFTER = timedelta(minutes=3)

# YouTube tells of viewers once a minute.
_TOLD_LATELY = timedelta(minutes=5)


def phase_of(turn: Turn, at: datetime) -> Phase:
    """Return where a session stands: by its broadcast where it has one, else by its time."""
    state = turn.shown.state if turn.streams else None
    if state is State.COMPLETE:
        return Phase.OVER
    if state is State.LIVE:
        return Phase.NOW
    if at < turn.shown.starts_at:
        return Phase.COMING
    return Phase.NOW if at < turn.shown.ends_at or state in _ON else Phase.OVER


def late_of(turn: Turn, others: Iterable[Turn], at: datetime) -> Late | None:
    """Return what is late about a session, and into whose time among the others of its room it runs."""
    if not turn.streams or phase_of(turn, at) is not Phase.NOW:
        return None
    shown = turn.shown
    if at >= shown.ends_at:
        taken = (each.shown.title for each in others if _is_due(each, turn, at))
        return Late(Lateness.OVERRUNS, shown.ends_at, next(taken, ""))
    is_begun = shown.state is State.LIVE or at < shown.starts_at
    return None if is_begun else Late(Lateness.NOT_ON_AIR, shown.starts_at)


def _is_due(other: Turn, turn: Turn, at: datetime) -> bool:
    later = other.shown.starts_at >= turn.shown.ends_at and other.shown.starts_at <= at
    return later and phase_of(other, at) is not Phase.OVER


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
    return Signal.WEAK if encoder.health in {"bad", "noData"} else Signal.SENDING


def _is_watched(turn: Turn, at: datetime) -> bool:
    row, shown = turn.shown.broadcast, turn.shown
    if row is None or row.provider is not Provider.YOUTUBE or row.youtube_id is None:
        return False
    if row.state in _ON:
        return True
    # What has just become due is looked at with the next round.
    since = shown.starts_at - CHECKED_BEFORE + STALE_AFTER
    return row.state is not State.COMPLETE and since <= at < shown.ends_at


def acts_of(shown: Shown) -> tuple[Act, ...]:
    """Return what an operator would do next, in order."""
    is_link = shown.broadcast is not None and shown.broadcast.provider is Provider.LINK
    return {
        State.WANTED: () if is_link else (Act.CREATE,),
        State.PROBLEM: (Act.CREATE,),
        State.CREATED: (Act.CREATE,),
        State.READY: (Act.START,) if is_link else (Act.TEST, Act.START),
        State.TESTING: (Act.START,),
        State.LIVE: (Act.END,),
        State.COMPLETE: (),
    }[shown.state]


def audience_of(shown: Shown, at: datetime) -> int:
    """Return how many watch: as many as YouTube tells lately, and never less than are known here."""
    row = shown.broadcast
    if row is None or row.concurrent is None or row.concurrent_at is None:
        return shown.viewers.now
    is_told = at - row.concurrent_at <= _TOLD_LATELY
    return max(shown.viewers.now, row.concurrent) if is_told else shown.viewers.now


def is_under_way(deed: Deed | None, at: datetime) -> bool:
    """Whether something is just being done; what began long ago was abandoned."""
    return deed is not None and deed.ended_at is None and at - deed.begun_at < ABANDONED_AFTER


def arrange(turns: Iterable[Turn], encoders: Mapping[str, Encoder], at: datetime) -> list[Lane]:
    """Return a lane per room, track and what is online: those that stream first, then by name."""
    by_lane: dict[str, list[Turn]] = defaultdict(list)
    for turn in sorted(turns, key=lambda turn: (turn.shown.starts_at, turn.shown.session)):
        by_lane[turn.lane].append(turn)
    lanes = [_lane(each, encoders.get(code), at) for code, each in by_lane.items()]
    return sorted(lanes, key=lambda lane: (not lane.streams, lane.name.casefold(), lane.code))


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
    acts = acts_of(turn.shown) if turn.streams and phase is not Phase.OVER else ()
    return Standing(
        turn=turn,
        phase=phase,
        late=late_of(turn, (each for each in turns if each is not turn), at),
        checks=checks_of(turn, phase, health, at),
        acts=acts,
        audience=audience_of(turn.shown, at),
    )


def _changes(lane: Lane, at: datetime) -> Iterable[datetime]:
    for each in lane.standings:
        shown, deed = each.turn.shown, each.turn.deed
        moments = [shown.starts_at - CHECKED_BEFORE, shown.starts_at, shown.ends_at]
        if is_under_way(deed, at):
            assert deed is not None
            moments.append(deed.begun_at + ABANDONED_AFTER)
        yield from (moment for moment in moments if moment > at)
    health = lane.health
    if health is not None and health.seen_at is not None and not health.is_stale:
        moment = health.seen_at + STALE_AFTER + timedelta(seconds=1)
        if moment > at:
            yield moment
