"""Reads an iCalendar file (RFC 5545). Pure."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from icalendar import Calendar, Event

from eventhub.errors import Unreadable
from eventhub.sessions.model import Kind
from eventhub.wording import say

from . import words
from .ical_lines import telling_lines
from .item import Frame, Item, Listed, RowFault, Wrong, checked, name_of, one_line, zone_name
from .plain import plain_line, plain_text
from .repetition import starts

PRODUCT = "-//eventhub//programme//EN"
Entries = list[tuple[int, Event]]


def read_calendar(text: str, frame: Frame) -> Listed:
    """Return a calendar's sessions, repetitions expanded; raises Unreadable, NoZone."""
    try:
        calendars = Calendar.from_ical(telling_lines(text), multiple=True)
    except (ValueError, KeyError, IndexError, OSError) as error:
        # OSError: a zone named like a folder of the time zone database, such as TZID=Asia.
        raise Unreadable(
            say("The calendar is broken: {error}.", error=one_line(str(error))[:200])
        ) from error
    listed = Listed()
    number = 0
    for calendar in calendars:
        events = [each for each in calendar.walk("VEVENT") if isinstance(each, Event)]
        entries = list(enumerate(events, start=number + 1))
        number += len(entries)
        _Reader(calendar, frame, listed).read(entries)
    if not number:
        raise Unreadable(say("The calendar holds no event (VEVENT)."))
    listed.items.sort(key=lambda item: item.row)
    return listed


class _Reader:
    def __init__(self, calendar: Calendar, frame: Frame, listed: Listed) -> None:
        self._ours = str(calendar.get("PRODID", "")) == PRODUCT
        self._zone = zone_name(str(calendar.get("X-WR-TIMEZONE", "")))
        self._frame = frame
        self._listed = listed

    def read(self, entries: Entries) -> None:
        """Read entries, those of one UID together: its exceptions replace single repetitions."""
        by_uid: dict[str, Entries] = defaultdict(list)
        for number, entry in entries:
            by_uid[str(entry.get("UID", "")) or f"\n{number}"].append((number, entry))
        for family in by_uid.values():
            changed = [(n, each) for n, each in family if "RECURRENCE-ID" in each]
            masters = _latest([(n, each) for n, each in family if "RECURRENCE-ID" not in each])
            exceptions = changed if len(masters) == 1 else []
            for number, master in masters:
                self._guard(number, partial(self._expand, number, master, exceptions))
            for number, entry in changed:
                self._guard(number, partial(self._exception, number, entry))

    def _guard(self, number: int, take: Callable[[], list[Item]]) -> None:
        try:
            self._listed.items += take()
        except Wrong as wrong:
            self._listed.faulty.append(RowFault(number, wrong.field, wrong.reason))
        except (AttributeError, TypeError, ValueError, OverflowError):
            # icalendar keeps a value it cannot read as text.
            reason = say("The entry cannot be read.")
            self._listed.faulty.append(RowFault(number, "entry", reason))

    def _exception(self, number: int, entry: Event) -> list[Item]:
        """Read what replaces one repetition."""
        item = self._item(number, entry)
        planned = self._moment(_told(entry, "RECURRENCE-ID", "starts_at"))
        return [replace(item, origin=_repeated(item.origin, planned), code="")]

    def _expand(self, number: int, master: Event, changed: Entries) -> list[Item]:
        item = self._item(number, master)
        rules = _listed(master.get("RRULE"))
        extra = list(self._dates(master, "RDATE"))
        if not rules and not extra:
            return [item]
        replaced = [self._moment(_told(each, "RECURRENCE-ID", "starts_at")) for _, each in changed]
        first = self._moment(master.decoded("DTSTART"))
        without = [*self._dates(master, "EXDATE"), *replaced]
        found = starts(first, rules, extra=extra, without=without, until=self._frame.until)
        return [_repetition(item, moment) for moment in found]

    def _item(self, number: int, entry: Event) -> Item:
        start, end = self._span(entry)
        line, text = (str, str) if self._ours else (plain_line, plain_text)
        place, building = self._place(str(entry.get("LOCATION", "")))
        links = dict(_links(entry))
        meeting = links.get("meeting") or (place if "://" in place else "")
        uid = str(entry.get("UID", "")).strip()
        code = uid.rpartition("@")[0] if self._ours else ""
        tracks, kind = self._categories(entry)
        return checked(
            row=number,
            title=line(str(entry.get("SUMMARY", ""))),
            starts_at=start,
            ends_at=end,
            origin="" if code else uid[:300],
            code=code,
            abstract=text(str(entry.get("DESCRIPTION", ""))),
            kind=kind,
            time_zone=_zone_told(entry, name_of(start)),
            room="" if "://" in place else words.place(place),
            building=building,
            meeting_url=meeting,
            stream=True if "stream" in links else None,
            track=line(tracks[0]) if tracks else "",
            cancelled=str(entry.get("STATUS", "")).upper() == "CANCELLED",
        )

    def _categories(self, entry: Event) -> tuple[list[str], Kind | None]:
        """Return an entry's categories and its kind, which we write as the last of them."""
        names = [str(name) for each in _listed(entry.get("CATEGORIES")) for name in each.cats]
        if self._ours and names and names[-1] in set(Kind):
            return names[:-1], Kind(names[-1])
        found = (words.meaning(name, words.KINDS) for name in names)
        return names, next((kind for kind in found if kind), None)

    def _place(self, location: str) -> tuple[str, str]:
        """Split what we wrote ourselves into room and building; leave what others wrote."""
        if found := re.search(r"https?://\S+", location):
            return found[0], ""
        if not self._ours:
            return plain_line(location), ""
        room, _, building = location.partition(", ")
        return room, building

    def _span(self, entry: Event) -> tuple[datetime, datetime]:
        begin = _told(entry, "DTSTART", "starts_at")
        start = self._moment(begin)
        if "DTEND" in entry:
            return start, self._moment(_told(entry, "DTEND", "ends_at"))
        if "DURATION" in entry:
            return start, start + _told(entry, "DURATION", "ends_at")
        if not isinstance(begin, datetime):
            return start, self._moment(begin + timedelta(days=1))
        raise Wrong("ends_at", say("Write when the session ends."))

    def _moment(self, told: date | datetime) -> datetime:
        """Return a moment; a whole day runs as the event's days do."""
        if isinstance(told, datetime):
            return self._frame.placed(told, self._zone)
        return self._frame.placed(datetime.combine(told, self._frame.day_starts_at), self._zone)

    def _dates(self, entry: Event, name: str) -> Iterator[datetime]:
        for each in _listed(entry.get(name)):
            for told in each.dts:
                yield self._moment(told.dt[0] if isinstance(told.dt, tuple) else told.dt)


def _zone_told(entry: Event, name: str) -> str:
    """Return the zone a start names, "" for one that Windows calls after a region: which city is meant, it says not."""
    told = getattr(entry.get("DTSTART"), "params", {}).get("TZID")
    return "" if told and zone_name(str(told)) == "" else name


def _told(entry: Event, name: str, field: str) -> Any:
    """Return a day, a moment or a duration, or raise Wrong."""
    told = entry.decoded(name, None)
    if not isinstance(told, date | timedelta):
        raise Wrong(field, say("{name} is missing or cannot be read.", name=name))
    return told


def _listed(value: Any) -> Sequence[Any]:
    """Return the values of a property, which may stand once or several times."""
    return [] if value is None else value if isinstance(value, list) else [value]


def _links(entry: Event) -> Iterator[tuple[str, str]]:
    """Yield the links of an entry by their label (RFC 7986, 5.11); a join link without one is a meeting's."""
    for conference in _listed(entry.get("CONFERENCE")):
        label = str(conference.params.get("LABEL", "")).casefold()
        yield ("stream" if label == "stream" else "meeting"), str(conference)


def _latest(masters: Entries) -> Entries:
    """Of entries that share their UID and title, and differ in their revision, keep the last."""
    revisions: dict[str, set[int]] = defaultdict(set)
    for _, entry in masters:
        revisions[_name(entry)].add(_revision(entry))
    kept: dict[tuple[str, ...], tuple[int, Event]] = {}
    for number, entry in masters:
        revised = len(revisions[_name(entry)]) > 1
        key = (_name(entry),) if revised else (_name(entry), str(number))
        before = kept.get(key)
        if before is None or _revision(before[1]) <= _revision(entry):
            kept[key] = (number, entry)
    return sorted(kept.values(), key=lambda each: each[0])


def _name(entry: Event) -> str:
    return str(entry.get("SUMMARY", ""))


def _revision(entry: Event) -> int:
    told = entry.get("SEQUENCE")
    return told if isinstance(told, int) else 0


def _repetition(item: Item, moment: datetime) -> Item:
    assert item.starts_at
    assert item.ends_at
    end = moment + (item.ends_at - item.starts_at)
    return replace(
        item, starts_at=moment.astimezone(UTC), ends_at=end.astimezone(UTC),
        origin=_repeated(item.origin, moment), code="",
    )  # fmt: skip


def _repeated(origin: str, moment: datetime) -> str:
    """Return what one repetition is called: UID and the moment it was planned for."""
    stamp = f"#{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    if len(origin) + len(stamp) > 300:
        origin = hashlib.sha256(origin.encode()).hexdigest()
    return f"{origin}{stamp}" if origin else ""
