"""What people do from afar in the sample event: answers, and stays in meetings and at streams.

Made by a seeded source. The whole event is made each time and cut at the moment asked for, so that two moments
tell the same story.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from eventhub.events.model import Attendance
from eventhub.participants.model import Rsvp

from .guests import SAMPLE, Guest, guests
from .plan import WIB

SEED = 2021
INVITED_AT = datetime(2021, 2, 9, 2, 0, tzinfo=UTC)

# Cumulated chances of each answer; the rest do not answer.
ANSWERS = ((0.82, Rsvp.ACCEPTED), (0.86, Rsvp.TENTATIVE), (0.89, Rsvp.DECLINED))
TURNOUT = {Attendance.MEETING: 0.93, Attendance.STREAM: 0.58}
BROKEN_CONNECTION = 0.12
GONE_SOON = 0.07
BEAT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer to the invitation to a session."""

    email: str
    session: str
    status: Rsvp
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Presence:
    """One stay of a remote participant, from its first beat to its last, in UTC."""

    email: str
    session: str
    attendance: Attendance
    started_at: datetime
    last_beat_at: datetime


# Before anything happens in the sample event.
EARLIEST = datetime(2021, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """What lies after one moment and not after another; the first was told already."""

    since: datetime
    until: datetime

    def __contains__(self, moment: object) -> bool:
        return isinstance(moment, datetime) and self.since < moment <= self.until

    def leaves_out(self, email: str, moment: datetime) -> bool:
        """Whether a person of the sample has not done this: on the days of both ends they wait to be tried."""
        days = {end.astimezone(WIB).date() for end in (self.since, self.until)}
        return email in SAMPLE and moment.astimezone(WIB).date() in days


def up_to(now: datetime) -> Span:
    """Return all that has happened until now."""
    return Span(EARLIEST, now)


def answers(span: Span) -> list[Answer]:
    """Return the answers given in a span of time."""
    return [answer for answer in all_answers() if answer.answered_at in span]


def presences(span: Span) -> list[Presence]:
    """Return the stays that began in a span or go on in it; none has a beat after it."""
    return [
        replace(presence, last_beat_at=_last_beat(presence, span.until))
        for presence in _all_presences()
        if presence.started_at <= span.until
        and presence.last_beat_at > span.since
        and not span.leaves_out(presence.email, presence.started_at)
    ]


@cache
def declined() -> frozenset[tuple[str, str]]:
    """Return person and session of all who decline at any time."""
    return frozenset(
        (each.email, each.session) for each in all_answers() if each.status is Rsvp.DECLINED
    )


@cache
def all_answers() -> tuple[Answer, ...]:
    """Return the answers of the whole event."""
    random = Random(SEED)  # noqa: S311 -- a story that is the same each time, nothing secret
    return tuple(
        answer for guest in guests() if guest.has_mail for answer in _answer(guest, random)
    )


def _answer(guest: Guest, random: Random) -> Iterator[Answer]:
    chance, days = random.random(), random.expovariate(1 / 2.5)
    latest = guest.session.starts_at - timedelta(hours=2)
    for limit, status in ANSWERS:
        if chance < limit:
            answered_at = min(INVITED_AT + timedelta(days=days), latest)
            yield Answer(
                guest.email, guest.session.code, status, answered_at.replace(microsecond=0)
            )
            return


def _all_presences() -> Iterator[Presence]:
    random = Random(SEED + 1)  # noqa: S311 -- as above
    for guest in guests():
        if guest.attendance is Attendance.ONSITE or (guest.email, guest.session.code) in declined():
            continue
        if random.random() < TURNOUT[guest.attendance]:
            yield from _stays(guest, random)


def _stays(guest: Guest, random: Random) -> Iterator[Presence]:
    """Join around the start, leave around the end or soon, sometimes lose the connection for a while."""
    begin = guest.session.starts_at + timedelta(seconds=random.randint(-600, 420))
    end = guest.session.ends_at + timedelta(seconds=random.randint(-420, 60))
    if random.random() < GONE_SOON:
        end = max(begin, guest.session.starts_at) + timedelta(seconds=random.randint(60, 460))
    spans = [(begin, end)]
    if random.random() < BROKEN_CONNECTION:
        lost = begin + (end - begin) * random.uniform(0.3, 0.7)
        spans = [(begin, lost), (lost + timedelta(seconds=random.randint(200, 700)), end)]
    for start, stop in spans:
        if stop > start:
            beats = (stop - start) // BEAT
            yield Presence(
                guest.email, guest.session.code, guest.attendance, start, start + beats * BEAT
            )


def _last_beat(presence: Presence, now: datetime) -> datetime:
    return min(
        presence.last_beat_at, presence.started_at + (now - presence.started_at) // BEAT * BEAT
    )
