"""How a day of released sessions reads: slots of time, the rows in each, and where now lies. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from eventhub.events.model import Attendance, Event
from eventhub.language import Reader, beside

from .model import Released, SessionState


@dataclass(frozen=True, slots=True)
class Row:
    """One session in a list; `state` is "now", "off" (cancelled) or empty."""

    code: str
    title: str
    room: str
    meeting: bool
    stream: bool
    track: str
    state: str


@dataclass(frozen=True, slots=True)
class Beside:
    """The same span by another clock, the viewer's or one that is always told."""

    time: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """What happens from one time to another; `now` is the time of day where now lies just before it."""

    time: str
    beside: tuple[Beside, ...]
    rows: tuple[Row, ...]
    is_past: bool
    now: str


@dataclass(frozen=True, slots=True)
class Block:
    """A day; `now` is the time of day where now lies after its last slot has begun."""

    title: str
    slots: tuple[Slot, ...]
    now: str


@dataclass(frozen=True, slots=True)
class Viewing:
    """Who looks, from which zone, and when; `own` is None where it is the event's."""

    reader: Reader
    event: Event
    own: ZoneInfo | None
    at: datetime

    def span(self, start: datetime, end: datetime) -> str:
        """Write a span in the event's zone; where it ends on another day, with both days."""
        return self.reader.span(start, end, self.event.zone)

    def beside(self, start: datetime, end: datetime) -> tuple[Beside, ...]:
        """Write a span by the clocks that stand beside the event's."""
        home = self.event.zone
        return tuple(
            Beside(self.reader.span_beside(start, end, zone, home), self._is_own(start, zone))
            for zone in beside(start, home, self.own)
        )

    def _is_own(self, at: datetime, zone: ZoneInfo) -> bool:
        own = self.own
        return own is not None and at.astimezone(own).utcoffset() == at.astimezone(zone).utcoffset()

    def zones_on(self, days: Sequence[date]) -> tuple[str, str]:
        """Name the event's zone as it is on some days, and the zones that stand beside it."""
        noons = [datetime.combine(day, time(12), self.event.zone) for day in days]
        here: dict[str, None] = {}
        there: dict[str, None] = {}
        yours = self.reader.gettext("yours")
        for noon in noons:
            here[self.reader.zone_name(noon, self.event.zone)] = None
            for zone in beside(noon, self.event.zone, self.own):
                name = self.reader.zone_name(noon, zone)
                there[f"{name} ({yours})" if self._is_own(noon, zone) else name] = None
        return "/".join(here), ", ".join(there)


def chosen_day(event: Event, days: Sequence[date], asked: str, at: datetime) -> date:
    """Return the day asked for if it is one of `days`, else today, else the next event day, else the first."""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = None
    if day is not None and day in days:
        return day
    today = event.day_of(at)
    return next((day for day in event.days if day >= today), event.days[0])


def day_tabs(
    event: Event, days: Sequence[date], chosen: date | None, reader: Reader, at: datetime
) -> list[dict[str, Any]]:
    """Return the tabs of days, today marked."""
    today = event.day_of(at)
    return [
        {
            "href": f"?day={day.isoformat()}",
            "text": " ".join(reader.day(day).split()[1:3]),
            "note": reader.gettext("Today") if day == today else reader.long_day(day).split(",")[0],
            "current": day == chosen,
            "today": day == today,
        }
        for day in days
    ]


def ways(session: Released) -> frozenset[Attendance]:
    """Return how a session can be attended."""
    open_ways = {
        Attendance.ONSITE: session.room_code is not None,
        Attendance.MEETING: bool(session.meeting_url),
        Attendance.STREAM: session.stream,
    }
    return frozenset(way for way, is_open in open_ways.items() if is_open)


def matching(
    sessions: Iterable[Released], *, q: str, track: str, way: str, family: frozenset[str] | None
) -> list[Released]:
    """Return the sessions that hold a text, are of a track, can be attended that way, and call an office."""
    needle = q.strip().casefold()
    return [
        session
        for session in sessions
        if (not track or session.track == track)
        and (
            not needle
            or needle in f"{session.title} {session.track} {session.room_name}".casefold()
        )
        and (family is None or any(row.get("delegation") in family for row in session.audience))
        and (not way or _is_way(session, way, family))
    ]


def _is_way(session: Released, way: str, family: frozenset[str] | None) -> bool:
    if family is None:
        return way in ways(session)
    return any(
        row.get("delegation") in family and row["attendance"] == way for row in session.audience
    )


def block(title: str, sessions: Sequence[Released], viewing: Viewing, *, marks_now: bool) -> Block:
    """Arrange a day's sessions, which come by start."""
    ordered = sorted(sessions, key=lambda session: (session.starts_at, session.ends_at))
    slots: list[Slot] = []
    line = viewing.reader.moment(viewing.at).rpartition(", ")[2] if marks_now else ""
    for (start, end), group in groupby(ordered, key=lambda s: (s.starts_at, s.ends_at)):
        is_before = bool(line) and start > viewing.at
        slots.append(_slot(start, end, list(group), viewing, line if is_before else ""))
        line = "" if is_before else line
    still_on = any(session.ends_at > viewing.at for session in ordered)
    return Block(title, tuple(slots), line if still_on else "")


def _slot(
    start: datetime, end: datetime, sessions: list[Released], viewing: Viewing, now: str
) -> Slot:
    is_on = start <= viewing.at < end
    return Slot(
        time=viewing.span(start, end),
        beside=viewing.beside(start, end),
        rows=tuple(_row(session, is_on=is_on) for session in sessions),
        is_past=end <= viewing.at,
        now=now,
    )


def _row(session: Released, *, is_on: bool) -> Row:
    cancelled = session.state is SessionState.CANCELLED
    return Row(
        code=session.code,
        title=session.title,
        room=session.room_name,
        meeting=bool(session.meeting_url),
        stream=session.stream,
        track="" if _is_in_title(session) else session.track,
        state="off" if cancelled else "now" if is_on else "",
    )


def _is_in_title(session: Released) -> bool:
    """Whether the title carries the track's name already, as a desk's sessions do; its number aside."""
    name = session.track.lstrip("0123456789. ") or session.track
    return name.casefold() in session.title.casefold()
