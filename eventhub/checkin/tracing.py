"""Who shared a room with somebody, and for how long. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay in a room with a known end: an open visit ends now, or with its event day."""

    participant_id: int
    room: str
    entered_at: datetime
    left_at: datetime


@dataclass(frozen=True, slots=True)
class Meeting:
    """A time that two participants spent in the same room."""

    room: str
    begin: datetime
    end: datetime

    @property
    def duration(self) -> timedelta:
        return self.end - self.begin


@dataclass(frozen=True, slots=True)
class Contact:
    """Everything one participant shared with the one asked about; `minutes` are whole ones, of the sum."""

    participant_id: int
    minutes: int
    meetings: tuple[Meeting, ...]


def contacts(
    own: Sequence[Stay], others: Iterable[Stay], *, since: datetime, until: datetime, minutes: int
) -> list[Contact]:
    """Return who shared at least `minutes` with the owner of `own`, in the window, most minutes first."""
    meetings: dict[int, list[Meeting]] = defaultdict(list)
    for theirs in others:
        for mine in own:
            begin = max(mine.entered_at, theirs.entered_at, since)
            end = min(mine.left_at, theirs.left_at, until)
            if mine.room == theirs.room and begin < end:
                meetings[theirs.participant_id].append(Meeting(theirs.room, begin, end))
    found = [_contact(person, shared) for person, shared in meetings.items()]
    enough = [contact for contact in found if contact.minutes >= minutes]
    return sorted(enough, key=lambda contact: (-contact.minutes, contact.participant_id))


def _contact(participant_id: int, shared: list[Meeting]) -> Contact:
    total = sum((meeting.duration for meeting in shared), timedelta(0))
    ordered = tuple(sorted(shared, key=lambda meeting: (meeting.begin, meeting.room)))
    return Contact(participant_id, total // timedelta(minutes=1), ordered)
