"""What is checked before a session, and what of it is done. Pure."""

from datetime import datetime, timedelta

from .model import Provider, Shown, State
from .room_model import (
    CHECKED_BEFORE,
    Check,
    CheckItem,
    EncoderHealth,
    Phase,
    Signal,
    Tick,
    Turn,
)

# What was seen the day before says nothing of today; a session that is put off a few hours is not asked anew.
HOLDS_FOR = timedelta(hours=12)

# A meeting begins by itself: who is missing then is missed within its first minutes.
ASKED_INTO_MEETING = timedelta(minutes=10)

_ACTIVE = frozenset({Signal.SENDING, Signal.WEAK})

_STANDS_READY = frozenset({State.READY, State.TESTING, State.LIVE})


def is_asked(turn: Turn, phase: Phase, at: datetime) -> bool:
    """Whether a session's checklist is open: from 30 minutes before the start until it is on air or has begun."""
    shown = turn.shown
    if phase is Phase.OVER or at < shown.starts_at - CHECKED_BEFORE:
        return False
    if turn.streams:
        return shown.state is not State.LIVE
    return at < shown.starts_at + ASKED_INTO_MEETING


def ticked_by_hand(*, streams: bool, meets: bool) -> tuple[CheckItem, ...]:
    """Return what operators see for themselves before a session."""
    items = [CheckItem.MODERATOR]
    if meets:
        items.append(CheckItem.MEETING)
    if streams:
        items += [CheckItem.WATCH_PAGE, CheckItem.PICTURE]
    return tuple(items)


def items_of(turn: Turn) -> tuple[CheckItem, ...]:
    """Return what is asked about a session: only what it has."""
    known = [CheckItem.ENCODER] if turn.has_encoder else []
    if turn.streams:
        known.append(CheckItem.BROADCAST)
    return (*known, *ticked_by_hand(streams=turn.streams, meets=bool(turn.meeting_url)))


def checks_of(
    turn: Turn, phase: Phase, health: EncoderHealth | None, at: datetime
) -> tuple[Check, ...]:
    """Return a session's checklist while it is open."""
    if not is_asked(turn, phase, at):
        return ()
    return tuple(_check(item, turn, health) for item in items_of(turn))


def _check(item: CheckItem, turn: Turn, health: EncoderHealth | None) -> Check:
    if item is CheckItem.ENCODER:
        return Check(item, _is_sending(health), at=health.seen_at if health else None)
    if item is CheckItem.BROADCAST:
        return Check(item, _stands_ready(turn.shown))
    tick = next((tick for tick in turn.ticks if tick.item is item and _holds(tick, turn)), None)
    joined_at = turn.moderator_at if item is CheckItem.MODERATOR else None
    return Check(item, tick is not None or joined_at is not None, tick, joined_at)


def _is_sending(health: EncoderHealth | None) -> bool:
    return health is not None and health.signal in _ACTIVE and not health.is_stale


def _stands_ready(shown: Shown) -> bool:
    row = shown.broadcast
    if row is None or shown.state not in _STANDS_READY:
        return False
    return bool(row.watch_url) if row.provider is Provider.LINK else row.youtube_id is not None


def _holds(tick: Tick, turn: Turn) -> bool:
    return tick.at >= turn.shown.starts_at - HOLDS_FOR
