"""Content lines of iCalendar (RFC 5545), and zones as calendars read them (3.6.5). Pure.

Lines are written here and not by the icalendar package: it takes 0.3 ms a session, which is seconds for feeds that
calendars fetch again and again, and it writes the onset of daylight time by the clock after the change, an hour late.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LINE_OCTETS = 75
UTC_NAMES = frozenset({"UTC", "Etc/UTC", "Etc/UCT", "Etc/Zulu", "UCT", "Zulu"})
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})
_STEP = timedelta(hours=12)
_WALL = "%Y%m%dT%H%M%S"

Rule = tuple[timedelta, str, bool]


def text(value: str) -> str:
    """Escape a TEXT value (3.3.11)."""
    return value.translate(_ESCAPES)


def parameter(value: str) -> str:
    """Quote a parameter's value, which can hold neither quotes nor line breaks (3.2)."""
    return '"' + " ".join(value.replace('"', "'").split()) + '"'


# Many calendars hold the same sessions.
@lru_cache(4096)
def moment(name: str, at: datetime, zone: ZoneInfo) -> str:
    """Write a date-time property by wall time in a zone.

    A wall time that comes twice means its first coming (3.3.5), so the second one is written in UTC.
    """
    local = at.astimezone(zone)
    if local.fold or zone.key in UTC_NAMES:
        return f"{name}:{stamp(at)}"
    return f"{name};TZID={zone.key}:{local:%Y%m%dT%H%M%S}"


@lru_cache(1024)
def stamp(at: datetime) -> str:
    """Write a moment in UTC (3.3.5, form 2)."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def folded(lines: Iterable[str]) -> str:
    """Return lines ended by CRLF, folded at 75 octets, never inside a character (3.1)."""
    return "".join([_fold(line) for line in lines])


@lru_cache(8192)
def _fold(line: str) -> str:
    if line.isascii():
        if len(line) <= LINE_OCTETS:
            return line + "\r\n"
        # The blank that begins a continued line counts too.
        rest = range(LINE_OCTETS, len(line), LINE_OCTETS - 1)
        pieces = [line[:LINE_OCTETS], *(line[at : at + LINE_OCTETS - 1] for at in rest)]
        return "\r\n ".join(pieces) + "\r\n"
    if len(line.encode()) <= LINE_OCTETS:
        return line + "\r\n"
    pieces, piece, room = [], "", LINE_OCTETS
    for character in line:
        octets = len(character.encode())
        if octets > room:
            pieces.append(piece)
            piece, room = "", LINE_OCTETS - 1
        piece += character
        room -= octets
    return "\r\n ".join([*pieces, piece]) + "\r\n"


def zones(used: Iterable[tuple[datetime, ZoneInfo]]) -> Iterator[str]:
    """Yield a VTIMEZONE for each zone that moments are written in, first used first."""
    years: dict[str, set[int]] = {}
    for at, zone in used:
        if zone.key not in UTC_NAMES:
            years.setdefault(zone.key, set()).add(at.year)
    for name, seen in years.items():
        yield zone_rules(name, min(seen), max(seen))


@lru_cache(maxsize=256)
def zone_rules(name: str, first_year: int, last_year: int) -> str:
    """Return a zone's VTIMEZONE with all that holds from a year before to a year after these."""
    zone = ZoneInfo(name)
    begin = datetime(first_year - 1, 1, 1, tzinfo=UTC)
    rule = _rule(zone, begin)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}"]
    lines += _observance(rule[0], rule, [begin + rule[0]])
    changes: dict[tuple[timedelta, Rule], list[datetime]] = {}
    for at, before, after in _transitions(zone, begin, datetime(last_year + 2, 1, 1, tzinfo=UTC)):
        changes.setdefault((before[0], after), []).append(at + before[0])
    for (offset, after), onsets in changes.items():
        lines += _observance(offset, after, onsets)
    return folded([*lines, "END:VTIMEZONE"])


def _observance(before: timedelta, rule: Rule, onsets: list[datetime]) -> Iterator[str]:
    """Yield what holds from some onsets on, which are told by the clock before the change."""
    offset, name, is_daylight = rule
    what = "DAYLIGHT" if is_daylight else "STANDARD"
    yield f"BEGIN:{what}"
    yield f"DTSTART:{onsets[0].strftime(_WALL)}"
    if onsets[1:]:
        yield f"RDATE:{','.join(onset.strftime(_WALL) for onset in onsets[1:])}"
    yield f"TZOFFSETFROM:{_offset(before)}"
    yield f"TZOFFSETTO:{_offset(offset)}"
    yield f"TZNAME:{text(name)}"
    yield f"END:{what}"


def _transitions(
    zone: ZoneInfo, begin: datetime, end: datetime
) -> Iterator[tuple[datetime, Rule, Rule]]:
    """Yield when a zone's clock changes, to the second, with what holds before and after."""
    at, rule = begin, _rule(zone, begin)
    while at < end:
        next_at = at + _STEP
        if (after := _rule(zone, next_at)) != rule:
            low, high = at, next_at
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                low, high = (middle, high) if _rule(zone, middle) == rule else (low, middle)
            yield high, rule, after
            rule = after
        at = next_at


def _rule(zone: ZoneInfo, at: datetime) -> Rule:
    local = at.astimezone(zone)
    return local.utcoffset() or timedelta(), local.tzname() or "", bool(local.dst())


def _offset(offset: timedelta) -> str:
    """Write an offset (3.3.14)."""
    seconds = int(offset.total_seconds())
    hours, rest = divmod(abs(seconds), 3600)
    tail = f"{rest % 60:02d}" if rest % 60 else ""
    return f"{'-' if seconds < 0 else '+'}{hours:02d}{rest // 60:02d}{tail}"
