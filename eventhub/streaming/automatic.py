"""When a broadcast starts and ends by itself, what keeps it waiting, and what done by hand goes against it. Pure.

The program sends YouTube's transitions itself; why it does not leave that to YouTube stands in
docs/decisions/0025-own-transitions.md.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from .model import Act, State
from .quota import day_ends
from .trouble import Problem, Retry

# Who acts, in the audit log and for operators.
AUTOMATIC = "automatic"

# Going live is one transition then, not two that take up to a minute each.
TESTS_BEFORE = timedelta(minutes=5)

# What the round of each minute saw of an encoder is good until the next one had its time.
SEEN_LATELY = timedelta(seconds=75)
# Silence may be judged by looks that are made seldom, as units run short.
SEEN_SELDOM = timedelta(minutes=6)
LOOKS_EVERY = timedelta(seconds=15)

_FIRST_PAUSE = timedelta(seconds=15)
_LONGEST_PAUSE = timedelta(minutes=5)
_A_MINUTE = timedelta(minutes=1)

# The encoder was seen sending but YouTube does not agree yet; another transition is still on its way.
_PASSING = frozenset({"errorStreamInactive", "invalidTransition"})


class Does(StrEnum):
    """What happens next to a session's broadcast without anybody's doing."""

    NOTHING = "nothing"
    STARTS = "starts"
    ENDS = "ends"
    ACTS = "acts"
    WAITS_FOR_ENCODER = "encoder"
    WAITS_FOR_OTHER = "other"
    WAITS_FOR_BROADCAST = "broadcast"
    TRIES_AGAIN = "again"
    GAVE_UP = "gave_up"
    PAUSED = "paused"
    MISSED = "missed"
    OVER = "over"


WAITING = frozenset(
    {Does.WAITS_FOR_ENCODER, Does.WAITS_FOR_OTHER, Does.WAITS_FOR_BROADCAST, Does.MISSED}
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen for a session: its own choice, else the event's."""

    starts: bool = False
    ends: bool = False
    end_after: timedelta = timedelta(minutes=15)
    silent_for: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far it has come for a session. `starts` and `ends` are the session's own choice, None as the event."""

    starts: bool | None = None
    ends: bool | None = None
    start_paused_at: datetime | None = None
    end_paused_at: datetime | None = None
    paused_act: str = ""
    paused_by: str = ""
    claimed_until: datetime | None = None
    tried_act: str = ""
    tries: int = 0
    next_try_at: datetime | None = None
    problem_code: str | None = None
    waits_for: str = ""
    waits_since: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """What was last seen of an encoder (UTC)."""

    is_active: bool = False
    seen_at: datetime | None = None
    silent_since: datetime | None = None

    def was_seen(self, at: datetime, within: timedelta) -> bool:
        return self.seen_at is not None and at - self.seen_at <= within


@dataclass(frozen=True, slots=True)
class Subject:
    """A released session, its broadcast and its encoder. `state` is None without a broadcast.

    `taken_by` is the title of the session that has the encoder: it is on air or being tested, or its time is now.
    """

    session_id: int
    session: str
    title: str
    starts_at: datetime
    ends_at: datetime
    state: State | None
    is_link: bool
    choice: Choice
    standing: Standing = field(default_factory=Standing)
    signal: Signal = field(default_factory=Signal)
    stream_id: str | None = None
    channel_id: int | None = None
    taken_by: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What comes next: `act` is due now; `moment` is when, or since when; `looks` asks for a look at the encoder."""

    does: Does
    act: Act | None = None
    moment: datetime | None = None
    looks: bool = False


def decide(subject: Subject, at: datetime) -> Outlook:
    """Return what comes next for a session's broadcast."""
    if subject.state is State.COMPLETE:
        return Outlook(Does.OVER)
    if subject.state is State.LIVE:
        return _end(subject, at)
    if at < subject.ends_at:
        return _start(subject, at)
    # A test left running keeps the encoder from the next session.
    if subject.state is State.TESTING:
        return _end(subject, at)
    is_missed = subject.choice.starts and subject.standing.start_paused_at is None
    return Outlook(Does.MISSED if is_missed else Does.NOTHING)


def _start(subject: Subject, at: datetime) -> Outlook:
    standing, will_start = subject.standing, Outlook(Does.STARTS, moment=subject.starts_at)
    if not subject.choice.starts:
        return Outlook(Does.NOTHING)
    if standing.start_paused_at is not None:
        return Outlook(Does.PAUSED, moment=standing.start_paused_at)
    if at < subject.starts_at - (timedelta(0) if subject.is_link else TESTS_BEFORE):
        return will_start
    if (held := _held_back(standing, {Act.TEST, Act.START}, at)) is not None:
        return held
    coming = Outlook(Does.ACTS, Act.START) if subject.is_link else _through_test(subject, at)
    # Before the start there is nothing to wait for yet.
    return will_start if coming.does in WAITING and at < subject.starts_at else coming


def _through_test(subject: Subject, at: datetime) -> Outlook:
    """Return the next step to going live, or what it has to wait for."""
    is_tested, signal = subject.state is State.TESTING, subject.signal
    if subject.state not in {State.READY, State.TESTING}:
        return Outlook(Does.WAITS_FOR_BROADCAST, moment=_since(subject))
    if subject.taken_by:
        return Outlook(Does.WAITS_FOR_OTHER, moment=_since(subject))
    if is_tested and at < subject.starts_at:
        return Outlook(Does.STARTS, moment=subject.starts_at)
    if signal.is_active and signal.was_seen(at, SEEN_LATELY):
        return Outlook(Does.ACTS, Act.START if is_tested else Act.TEST)
    looks = not signal.was_seen(at, LOOKS_EVERY)
    return Outlook(Does.WAITS_FOR_ENCODER, moment=_since(subject), looks=looks)


def _end(subject: Subject, at: datetime) -> Outlook:
    standing, latest = subject.standing, subject.ends_at + subject.choice.end_after
    if not subject.choice.ends:
        return Outlook(Does.NOTHING)
    if standing.end_paused_at is not None:
        return Outlook(Does.PAUSED, moment=standing.end_paused_at)
    if at < subject.ends_at:
        return Outlook(Does.ENDS, moment=latest)
    if (held := _held_back(standing, {Act.END}, at)) is not None:
        return held
    if at >= latest or _is_silent(subject, at):
        return Outlook(Does.ACTS, Act.END)
    return Outlook(Does.ENDS, moment=latest)


def _is_silent(subject: Subject, at: datetime) -> bool:
    """Whether the encoder has not sent for long enough since the planned end; a pause before it means nothing."""
    signal = subject.signal
    if signal.is_active or signal.silent_since is None or not signal.was_seen(at, SEEN_SELDOM):
        return False
    return at - max(signal.silent_since, subject.ends_at) >= subject.choice.silent_for


def _since(subject: Subject) -> datetime:
    """Return since when it has been waiting for what it waits for."""
    return max(subject.standing.waits_since or subject.starts_at, subject.starts_at)


def _held_back(standing: Standing, acts: set[Act], at: datetime) -> Outlook | None:
    """Return how a failed try keeps one of these acts back, if it does."""
    if standing.problem_code is None or standing.tried_act not in acts:
        return None
    if standing.next_try_at is None:
        return Outlook(Does.GAVE_UP)
    return (
        Outlook(Does.TRIES_AGAIN, moment=standing.next_try_at)
        if standing.next_try_at > at
        else None
    )


def next_try(problem: Problem, tries: int, at: datetime) -> datetime | None:
    """Return when it is tried again after a call that failed, the `tries`th in a row; None: a person must act."""
    if problem.retry is Retry.TOMORROW:
        return day_ends(at)
    if problem.retry is Retry.STOP:
        # A channel that is not called any more costs nothing to ask for.
        return at + _A_MINUTE
    if problem.retry is Retry.NEVER and problem.code not in _PASSING:
        return None
    doubled: int = 2 ** min(tries, 10)
    return at + min(_FIRST_PAUSE * doubled, _LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class Pauses:
    """What something done by hand pauses."""

    start: bool
    end: bool


def pauses(subject: Subject, act: Act, at: datetime) -> Pauses:
    """Return what an operator's act goes against.

    Whoever ends, deletes, or tests when it should be live wants no start. Whoever brings a broadcast on air after its
    planned end wants it to go on.
    """
    is_late, is_over = at >= subject.starts_at, at >= subject.ends_at
    against_start = act in {Act.END, Act.DELETE} or (act is Act.TEST and is_late)
    against_end = is_over and act in {Act.CREATE, Act.TEST, Act.START}
    return Pauses(
        start=subject.choice.starts and against_start, end=subject.choice.ends and against_end
    )
