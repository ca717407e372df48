"""Changes as lists show them: each with its sign and its sentence, grouped by what kind they are or by day. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from eventhub.events.model import Event
from eventhub.language import Reader
from eventhub.wording import render, say

from .model import Change
from .sentences import sentence

# In the order in which they matter to whoever reads.
SIGNS = {
    "new": ("ok", "calendar-plus", say("New")),
    "moved": ("warn", "clock", say("Moved")),
    "cancelled": ("bad", "calendar-x", say("Cancelled")),
    "room": ("warn", "door-open", say("Another room")),
    "link": ("warn", "link", say("Another link")),
    "audience": ("", "users", say("Audience")),
    "text": ("", "file-text", say("Text")),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A change in words; `own` is the moment it tells in the reader's own zone, "" where the clocks agree."""

    tone: str
    icon: str
    word: str
    code: str
    sentence: str
    own: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Changes that belong together, under a heading; `tone` and `icon` are "" for a day."""

    title: str
    changes: Sequence[Told]
    tone: str = ""
    icon: str = ""


def told(change: Change, reader: Reader, own_zone: ZoneInfo | None = None) -> Told:
    """Return a change in words."""
    tone, icon, word = SIGNS[change.change]
    return Told(
        tone=tone,
        icon=icon,
        word=render(word, reader),
        code=change.session,
        sentence=render(sentence(change), reader),
        own=_own(change, reader, own_zone),
    )


def _own(change: Change, reader: Reader, own_zone: ZoneInfo | None) -> str:
    moment = _start_told(change)
    if moment is None or own_zone is None:
        return ""
    if moment.astimezone(own_zone).utcoffset() == moment.astimezone(reader.zone).utcoffset():
        return ""
    return reader.moment(moment, own_zone)


def _start_told(change: Change) -> datetime | None:
    """Return the start that a change's sentence ends with, None where it tells no time."""
    for when in (change.after, change.before):
        if isinstance(when, Mapping) and "starts_at" in when:
            return datetime.fromisoformat(when["starts_at"])
    return None


def by_kind(changes: Iterable[Change], reader: Reader) -> list[Group]:
    """Group changes by what they are, what matters most first; in each group in the order given."""
    kinds: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        kinds[change.change].append(change)
    return [
        Group(render(word, reader), [told(each, reader) for each in kinds[kind]], tone, icon)
        for kind, (tone, icon, word) in SIGNS.items()
        if kind in kinds
    ]


def by_day(
    changes: Iterable[Change],
    starts: Mapping[str, datetime],
    event: Event,
    reader: Reader,
    own_zone: ZoneInfo | None = None,
) -> list[Group]:
    """Group changes by the event's day on which their session lies; `starts` (by code) where they tell no time."""
    days: dict[date, list[Change]] = defaultdict(list)
    for change in changes:
        start = _start_told(change) or starts.get(change.session)
        days[event.day_of(start) if start else event.days[0]].append(change)
    return [
        Group(reader.long_day(day), [told(each, reader, own_zone) for each in days[day]])
        for day in sorted(days)
    ]
