"""What a welcome is filled with: the page, the calendar, and in words what gets no invitation of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from eventhub.language import Reader
from eventhub.web.subscribing import subscription

from .drafts import Draft, Office
from .lines import hours

# As who speaks them calls them.
LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}


@dataclass(frozen=True, slots=True)
class Line:
    """A session in words, by each clock; `is_asked`: an invitation of its own goes out too."""

    when: tuple[str, ...]
    title: str
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A day in words: its first sessions, and how many more there are."""

    name: str
    count: str
    lines: list[Line]
    more: int


def values_of(draft: Draft, office: Office, reader: Reader, page: str) -> dict[str, Any]:
    """Return what the template of a welcome shows, in the reader's language; `page` is their own."""
    event, payload = draft.event, draft.mail.payload
    span = [reader.day(day) for day in (event.days[0], event.days[-1])]
    feed = office.links.feed_url(draft.mail.participant_id, draft.generation)
    home = payload["guest"]["time_zone"]
    days = [_day(one, home, reader) for one in payload.get("days", [])]
    return {
        "days": " – ".join(dict.fromkeys(span)),
        "feed": subscription(feed, event.title),
        "digest": days,
        "asked": sum(line.is_asked for day in days for line in day.lines),
        "languages": [
            (LANGUAGES[one], f"{page}?lang={one}")
            for one in event.languages
            if one in LANGUAGES and one != reader.language
        ],
    }


def _day(told: Mapping[str, Any], home: str, reader: Reader) -> Day:
    many = told["sessions"]
    words = reader.ngettext("%(day)s: %(num)s session", "%(day)s: %(num)s sessions", many)
    name = reader.long_day(date.fromisoformat(told["day"]))
    lines = [_line(one, home, reader) for one in told.get("told", [])]
    return Day(name, words % {"day": name, "num": many}, lines, told.get("more", 0))


def _line(one: Mapping[str, Any], home: str, reader: Reader) -> Line:
    starts_at = datetime.fromisoformat(one["starts_at"])
    ends_at = datetime.fromisoformat(one["ends_at"])
    when = hours(starts_at, ends_at, one["time_zone"], home, reader)
    return Line(when, one["title"], one["is_asked"])
