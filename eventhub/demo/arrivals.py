"""Who walks through which gate and door of the sample event, with the readings at the gate. Made as `happenings` is.

Nearly everybody comes. Some are too warm and go home, some forgot the mask, some come a day too early,
some try a neighbour's door, some are called away.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from random import Random

from eventhub.events.model import Attendance

from .guests import SAMPLE, Guest, guests
from .happenings import SEED, Span, declined
from .plan import OPENING_DAY, PROVINCES_DAY, WIB, Planned, at, event_days

TOO_WARM = 0.012
UNMASKED = 0.015
WRONG_DOOR = 0.012
CALLED_AWAY = 0.03
ABSENT = 0.05
TOO_EARLY = 3

# A pause of at most this is spent in the room.
STAYS_IN_ROOM = timedelta(minutes=45)


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan. `room` is None at the gate; `reason` None when admitted; `session` the one its door belonged to."""

    at: datetime
    email: str
    room: str | None
    entry: bool
    reason: str | None = None
    session: str | None = None
    temperature_c: float | None = None
    mask: bool | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """Sessions that somebody attends one after the other in one room."""

    room: str
    sessions: tuple[Planned, ...]


def scans(span: Span) -> list[Scan]:
    """Return the scans of a span of time, in order."""
    return [
        scan
        for scan in _all_scans()
        if scan.at in span and not span.leaves_out(scan.email, scan.at)
    ]


@cache
def _all_scans() -> tuple[Scan, ...]:
    random = Random(SEED + 2)  # noqa: S311 -- a story that is the same each time, nothing secret
    expected: dict[date, dict[str, list[Planned]]] = {
        day: defaultdict(list) for day in event_days()
    }
    onsite = [guest for guest in guests() if guest.attendance is Attendance.ONSITE]
    for guest in onsite:
        if (guest.email, guest.session.code) not in declined():
            expected[guest.session.starts_at.astimezone(WIB).date()][guest.email].append(
                guest.session
            )
    made = [
        scan
        for sessions_of in expected.values()
        for email, sessions in sessions_of.items()
        for scan in _day(email, sessions, random)
    ]
    made.extend(_too_early(onsite, random))
    return tuple(sorted(made, key=lambda scan: (scan.at, scan.email)))


def _day(email: str, sessions: list[Planned], random: Random) -> Iterator[Scan]:
    """Walk through one person's day, gate to gate."""
    chance = random.random()
    if chance < ABSENT:
        return
    moves = list(_moves(email, _stays(sessions), random))
    arrived = moves[0].at - timedelta(seconds=random.randint(180, 1200))
    if chance < ABSENT + TOO_WARM:
        reading = round(random.uniform(37.4, 38.6), 1)
        yield Scan(
            arrived,
            email,
            None,
            entry=True,
            reason="temperature_high",
            temperature_c=reading,
            mask=True,
        )
        return
    reading = round(min(max(random.gauss(36.4, 0.25), 35.6), 37.2), 1)
    if chance > 1 - UNMASKED:
        yield Scan(
            arrived - timedelta(seconds=50),
            email,
            None,
            entry=True,
            reason="mask_missing",
            temperature_c=reading,
        )
    yield Scan(arrived, email, None, entry=True, temperature_c=reading, mask=True)
    yield from moves
    yield Scan(moves[-1].at + timedelta(seconds=random.randint(90, 900)), email, None, entry=False)


def _moves(email: str, stays: Sequence[Stay], random: Random) -> Iterator[Scan]:
    """Go in some minutes before the first session of a stay and out after its last."""
    for number, stay in enumerate(stays):
        first, last = stay.sessions[0], stay.sessions[-1]
        early = random.randint(90, 1300) if number == 0 else random.randint(60, 900)
        entered = first.starts_at - timedelta(seconds=early)
        if random.random() < WRONG_DOOR and (other := _neighbour(first)):
            wrong = entered - timedelta(seconds=45)
            yield Scan(
                wrong, email, other.room, entry=True, reason="not_in_audience", session=other.code
            )
        yield Scan(entered, email, stay.room, entry=True, session=first.code)
        left = last.ends_at + timedelta(seconds=random.randint(20, 240))
        if random.random() < CALLED_AWAY:
            left = first.starts_at + timedelta(seconds=random.randint(120, 560))
        yield Scan(left, email, stay.room, entry=False)


def _stays(sessions: Sequence[Planned]) -> list[Stay]:
    """Join a day's sessions in one room with short pauses between."""
    ordered = sorted(sessions, key=lambda session: session.starts_at)
    groups = [[ordered[0]]]
    for before, after in pairwise(ordered):
        if after.room == before.room and after.starts_at - before.ends_at < STAYS_IN_ROOM:
            groups[-1].append(after)
        else:
            groups.append([after])
    return [Stay(group[0].room or "", tuple(group)) for group in groups]


@cache
def _neighbour(session: Planned) -> Planned | None:
    """Return a desk session in another room that starts at the same time."""
    return next(
        (
            guest.session
            for guest in guests()
            if guest.session.starts_at == session.starts_at and guest.session.room != session.room
        ),
        None,
    )


def _too_early(onsite: Sequence[Guest], random: Random) -> Iterator[Scan]:
    """Let a few come to the gate a day too early, before the second pre-meeting and before the opening."""
    people = sorted({guest.email for guest in onsite} - {SAMPLE.onsite})
    for day in (PROVINCES_DAY, OPENING_DAY):
        eight = at(day, time(8)) - timedelta(days=1)
        for email in random.sample(people, TOO_EARLY):
            moment = eight + timedelta(seconds=random.randint(0, 3600))
            yield Scan(
                moment, email, None, entry=True, reason="not_today", temperature_c=36.5, mask=True
            )
