"""What the last release wants of YouTube against what is recorded and there, and when the way in is open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from eventhub.events.model import Attendance
from eventhub.sessions.encoders import encoder_of
from eventhub.sessions.model import Released, SessionState

from .marker import ended_by
from .model import Broadcast, Privacy, Provider, State, ViewingKind, Wanted
from .remote import Draft, RemoteBroadcast

OPENS_BEFORE = timedelta(minutes=15)

# Sessions overrun; whoever loses the connection must find the way back in.
STAYS_OPEN = timedelta(hours=2)

AT_ONCE = timedelta(minutes=2)

# A broadcast just made may be missing from lists for a while.
FRESH = timedelta(minutes=2)

_STATES = {
    "created": State.CREATED,
    "ready": State.READY,
    "testStarting": State.READY,
    "testing": State.TESTING,
    "liveStarting": State.TESTING,
    "live": State.LIVE,
    "complete": State.COMPLETE,
    "revoked": State.PROBLEM,
}

NOT_BEGUN = frozenset({"created", "ready"})


class Does(StrEnum):
    """The one thing to do about a session's broadcast; `settle` binds and updates one that is there."""

    CREATE = "create"
    SETTLE = "settle"
    DELETE = "delete"
    FORGET = "forget"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Step:
    """One session's part of the plan. `doubles` are further broadcasts with its marker, to be deleted."""

    does: Does
    session: str
    wanted: Wanted | None
    recorded: Broadcast | None
    remote: RemoteBroadcast | None = None
    doubles: tuple[RemoteBroadcast, ...] = ()


class Door(StrEnum):
    """Whether the way into a session is open."""

    EARLY = "early"
    OPEN = "open"
    OVER = "over"


def door(starts_at: datetime, ends_at: datetime, at: datetime) -> Door:
    """Return where `at` lies: the way in opens 15 minutes before the start and stays open for overrunning."""
    if at < starts_at - OPENS_BEFORE:
        return Door.EARLY
    return Door.OPEN if at < ends_at + STAYS_OPEN else Door.OVER


def way_in(attendance: Attendance, meeting_url: str, streams: bool) -> ViewingKind | None:
    """Return how someone gets in from afar: the meeting is for those invited to it, the stream for everybody."""
    if attendance is Attendance.MEETING and meeting_url:
        return ViewingKind.MEETING
    return ViewingKind.STREAM if streams else None


def state_of(life_cycle: str) -> State:
    """Return our state for YouTube's word; a broadcast that is starting has not started."""
    return _STATES.get(life_cycle, State.PROBLEM)


def is_streamed(released: Released) -> bool:
    """Whether a released session has a stream to watch."""
    return released.stream and released.state is not SessionState.CANCELLED


def wanted_of(released: Released, event: str, privacy: Privacy = "unlisted") -> Wanted:
    """Return what a released session wants, and the encoder that feeds it."""
    encoder, name = encoder_of(
        room=released.room_code, room_name=released.room_name, track=released.track, event=event
    )
    return Wanted(
        session_id=released.session_id,
        code=released.code,
        title=released.title,
        abstract=released.abstract,
        starts_at=released.starts_at,
        ends_at=released.ends_at,
        encoder=encoder,
        encoder_name=name,
        track=released.track,
        room_name=released.room_name,
        privacy=privacy,
    )


def way_to(target: str, now: str) -> list[str]:
    """Return the transitions to a state: with the monitor stream on, YouTube goes live only from testing."""
    if target == "live" and now in {"ready", "testStarting"}:
        return ["testing", "live"]
    return [target]


def plan(
    wanted: Iterable[Wanted],
    recorded: Iterable[Broadcast],
    remote: Sequence[RemoteBroadcast],
    at: datetime,
) -> list[Step]:
    """Return one step per session that is wanted or recorded, in the order of their starts.

    `remote` is all of the channel's broadcasts; one belongs to a session by its recorded id or by its marker.
    """
    rows = {row.session_id: row for row in recorded}
    steps = [
        _wanted_step(each, rows.pop(each.session_id, None), remote, at)
        for each in sorted(wanted, key=lambda each: (each.starts_at, each.code))
    ]
    return steps + [_unwanted_step(row, remote, at) for row in rows.values()]


def mine(row: Broadcast, remote: Iterable[RemoteBroadcast]) -> list[RemoteBroadcast]:
    """Return the broadcasts of one row, the one to keep first: begun or bound before loose, then the oldest."""
    found = [each for each in remote if each.id == row.youtube_id or row.marker in each.description]
    return sorted(found, key=lambda each: _keeping(each, row))


def _keeping(each: RemoteBroadcast, row: Broadcast) -> tuple[bool, bool, bool, str, str]:
    return (
        each.life_cycle in NOT_BEGUN | {"complete", "revoked"},
        each.id != row.youtube_id,
        each.stream_id is None,
        each.published_at.isoformat() if each.published_at else "",
        each.id,
    )


def _wanted_step(
    wanted: Wanted, row: Broadcast | None, remote: Sequence[RemoteBroadcast], at: datetime
) -> Step:
    is_over = wanted.ends_at <= at
    if row is None:
        return Step(Does.NOTHING if is_over else Does.CREATE, wanted.code, wanted, None)
    if row.provider is Provider.LINK or row.held:
        return Step(Does.NOTHING, wanted.code, wanted, row)
    found = mine(row, remote)
    if not found:
        is_done = is_over or row.state is State.COMPLETE
        return Step(Does.NOTHING if is_done else Does.CREATE, wanted.code, wanted, row)
    doubles = tuple(each for each in found[1:] if each.life_cycle in NOT_BEGUN)
    return Step(Does.SETTLE, wanted.code, wanted, row, found[0], doubles)


def _unwanted_step(row: Broadcast, remote: Sequence[RemoteBroadcast], at: datetime) -> Step:
    if row.provider is Provider.LINK:
        return Step(Does.NOTHING, row.session, None, row)
    found = mine(row, remote)
    if not found:
        may_appear = row.tried_at is not None and row.tried_at > at - FRESH
        return Step(Does.NOTHING if may_appear else Does.FORGET, row.session, None, row)
    if found[0].life_cycle == "complete":
        return Step(Does.NOTHING, row.session, None, row)
    doubles = tuple(each for each in found[1:] if each.life_cycle in NOT_BEGUN)
    return Step(Does.DELETE, row.session, None, row, found[0], doubles)


def must_bind(remote: RemoteBroadcast, stream_id: str) -> bool:
    """Whether a broadcast must still be tied to its encoder's stream; once begun it cannot be any more."""
    return remote.life_cycle in NOT_BEGUN and remote.stream_id != stream_id


def must_update(remote: RemoteBroadcast, row: Broadcast, draft: Draft) -> bool:
    """Whether title, start or our description differ. What others wrote into the description is left to them."""
    if remote.life_cycle not in NOT_BEGUN:
        return False
    return (
        remote.title != draft.title
        or remote.scheduled_start != draft.starts_at
        or row.marker not in remote.description
        or row.description != draft.description
        or must_write_privacy(row, draft)
    )


def must_write_privacy(row: Broadcast, draft: Draft) -> bool:
    """Whether our wish changed since it was written; what somebody chose in YouTube Studio meanwhile stays."""
    return (row.privacy or "unlisted") != draft.privacy


def seen(row: Broadcast, remote: RemoteBroadcast, at: datetime) -> Broadcast:
    """Return a record with what was just read of its broadcast."""
    code = "revoked" if remote.life_cycle == "revoked" else None
    state = state_of(remote.life_cycle)
    return replace(row, state=state, stream_id=remote.stream_id, problem_code=code, seen_at=at)


def schedule(
    wanted: Wanted, remote: RemoteBroadcast | None, at: datetime
) -> tuple[datetime, datetime | None]:
    """Return the start and end to write: YouTube takes no start in the past, so a begun session keeps what it has."""
    if wanted.starts_at > at:
        return wanted.starts_at, wanted.ends_at
    return (remote.scheduled_start if remote else None) or at + AT_ONCE, None


def description_after(remote: RemoteBroadcast, row: Broadcast, draft: Draft) -> str:
    """Return the description to write: ours, or what others made of it with our marker kept in it."""
    if remote.description in {row.description, draft.description, ""}:
        return draft.description
    return (
        remote.description
        if row.marker in remote.description
        else ended_by(remote.description, row.marker)
    )
