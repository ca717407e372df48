"""Days, times and durations as people and programs write them. Pure."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

_MONTHS = (
    "januari january jan",
    "februari february feb pebruari",
    "maret march mar mrt",
    "april apr",
    "mei may",
    "juni june jun",
    "juli july jul",
    "agustus august aug agu ags agt",
    "september sep sept",
    "oktober october oct okt",
    "november nov nopember",
    "desember december dec des",
)
LONGEST = timedelta(days=366)
MONTHS = {word: n for n, words in enumerate(_MONTHS, start=1) for word in words.split()}
# The three zones of Indonesia by the letters behind a time.
LETTERS = {
    "wib": "Asia/Jakarta",
    "wita": "Asia/Makassar",
    "wit": "Asia/Jayapura",
    "utc": "UTC",
    "gmt": "UTC",
}
_NUMERIC = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_WORDED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.?[\s-]+([^\W\d]+)\.?,?[\s-]+(\d{4})")
_ENGLISH = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?:[:.](\d{2})(?:\.\d+)?)?\s*(am|pm)?", re.IGNORECASE)
_LETTERS = re.compile(rf"\s*\b({'|'.join(LETTERS)})\.?$", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:-|–|—|s\.?\s*/?\s*d\.?|to|until|sampai)\s*", re.IGNORECASE)


def month_first(cells: Iterable[str]) -> bool:
    """Whether days are written 02/25/2021: a second part above 12 shows it, a first part above 12 the contrary."""
    parts = [found.groups() for cell in cells if (found := _NUMERIC.search(cell))]
    return any(int(second) > 12 for _, second, _ in parts) and not any(
        int(first) > 12 for first, _, _ in parts
    )


def read_day(text: str, *, american: bool = False) -> date:
    """Return the day a text writes, with or without its weekday; raises ValueError."""
    text = re.sub(r"^[^\W\d]+,\s*", "", text.strip())
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        pass
    if found := _NUMERIC.match(text):
        first, second, year = map(int, found.groups())
        day, month = (second, first) if american else (first, second)
        return date(year, month, day)
    if found := _WORDED.search(text):
        return date(int(found[3]), _month(found[2]), int(found[1]))
    if found := _ENGLISH.search(text):
        return date(int(found[3]), _month(found[1]), int(found[2]))
    raise ValueError(text)


def _month(word: str) -> int:
    if word.casefold() not in MONTHS:
        raise ValueError(word)
    return MONTHS[word.casefold()]


def read_time(text: str) -> tuple[time, str]:
    """Return the time of day a text writes and the zone its letters name ("" for none); raises ValueError."""
    text, zone = _zoned(text.strip())
    found = _TIME.fullmatch(text)
    if not found or (not found[2] and not found[4]):
        raise ValueError(text)
    hour = int(found[1])
    if found[4]:
        hour = hour % 12 + (12 if found[4].casefold() == "pm" else 0)
    return time(hour, int(found[2] or 0), int(found[3] or 0)), zone


def read_moment(text: str, *, american: bool = False) -> tuple[datetime, str]:
    """Return the day and time a text writes, aware where it has an offset, and the zone its letters name."""
    text, zone = _zoned(text.strip())
    try:
        return datetime.fromisoformat(text), zone
    except ValueError:
        pass
    day, _, clock = re.sub(r"\s+(?:pukul|jam|at)\s+", " ", f" {text}").rpartition(" ")
    if clock.casefold() in {"am", "pm"}:
        day, _, before = day.rpartition(" ")
        clock = f"{before} {clock}"
    moment, _ = read_time(clock)
    return datetime.combine(read_day(day.strip().rstrip(","), american=american), moment), zone


def read_span(text: str) -> tuple[time, time | None, str]:
    """Return from when to when "09.00 - 10.30 WIB" runs; the end is None where it is not said ("selesai")."""
    text, zone = _zoned(text.strip())
    start, *rest = _RANGE.split(text, maxsplit=1)
    begin, _ = read_time(start)
    try:
        return begin, read_time(rest[0])[0] if rest else None, zone
    except ValueError:
        return begin, None, zone


def read_duration(text: str, *, days_first: bool = False) -> timedelta:
    """Return how long "1:30", "01:30:00", "90" (minutes) or "PT1H30M" is; raises ValueError.

    `days_first`: "2:01:30" is days, hours and minutes, as pretalx writes a session that lasts longer than a day.
    """
    length = _length(text.strip(), days_first=days_first)
    if length > LONGEST:
        raise ValueError(text)
    return length


def _length(text: str, *, days_first: bool) -> timedelta:
    if re.fullmatch(r"\d+", text):
        return timedelta(minutes=int(text))
    if found := re.fullmatch(r"(\d{1,4}):(\d{2})", text):
        return timedelta(hours=int(found[1]), minutes=int(found[2]))
    if found := re.fullmatch(r"(\d{1,4}):(\d{2}):(\d{2})", text):
        first, second, third = map(int, found.groups())
        if days_first and len(found[1]) == 1 and second < 24:
            return timedelta(days=first, hours=second, minutes=third)
        return timedelta(hours=first, minutes=second, seconds=third)
    if (found := re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?", text)) and text != "PT":
        return timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0))
    if found := re.fullmatch(r"(\d+)\s*(?:min(?:utes?|s)?|menit|m)\.?", text, re.IGNORECASE):
        return timedelta(minutes=int(found[1]))
    raise ValueError(text)


def _zoned(text: str) -> tuple[str, str]:
    found = _LETTERS.search(text)
    return (text[: found.start()].strip(), LETTERS[found[1].casefold()]) if found else (text, "")
