"""Reads a programme from the rows of a sheet: its columns by header, Indonesian or English, in any order. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from eventhub.errors import Invalid
from eventhub.participants.spreadsheet import Row
from eventhub.wording import say

from . import moments, words
from .item import Frame, Item, Listed, RowFault, Wrong, checked, zone_name
from .plain import plain_line, plain_text

HEADERS = {
    "code": "code|kode|kode sesi|session code|id|session id",
    "title": "title|judul|nama sesi|sesi|session|session title|acara|nama acara|agenda|kegiatan|nama kegiatan|"
    "topik|topic|subject|mata acara|summary",
    "abstract": "abstract|abstrak|description|deskripsi|uraian|keterangan|details",
    "kind": "kind|jenis|type|tipe|session type|jenis sesi",
    "format": "format|bentuk|moda|mode|cara|pelaksanaan",
    "track": "track|jalur|bidang|urusan|topik utama|kelompok|category|kategori",
    "day": "day|date|hari|tanggal|hari tanggal|hari dan tanggal|tgl|start date|tanggal mulai",
    "span": "time|waktu|jam|pukul|hours",
    "starts_at": "starts at|start|starts|mulai|jam mulai|waktu mulai|pukul mulai|start time|begin|begins|awal",
    "ends_at": "ends at|end|ends|selesai|jam selesai|waktu selesai|pukul selesai|end time|finish|akhir",
    "last_day": "end date|tanggal selesai",
    "duration": "duration|durasi|lama|length",
    "time_zone": "time zone|timezone|zone|zona|zona waktu|tz",
    "room": "room|ruang|ruangan|nama ruang|nama ruangan|tempat|lokasi|location|venue|aula",
    "building": "building|gedung|hotel",
    "meeting_url": "meeting url|meeting link|meeting|link rapat|tautan rapat|link zoom|tautan|link|url|zoom",
    "stream": "stream|streaming|siaran|siaran langsung|live stream|livestream",
    "speakers": "speakers|speaker|narasumber|pembicara|pemateri|persons|presenter|presenters|penyaji|moderator",
    "state": "state|status",
}
FIELDS = {header: name for name, headers in HEADERS.items() for header in headers.split("|")}
HEADER_WITHIN = 20
# Sheets made to be printed carry such rows between their days.
ONLY_A_TITLE = say(
    "This row has only a title. Write when it starts, or its code or duration if that is not known yet."
)
CANCELLED = frozenset({"cancelled", "canceled", "batal", "dibatalkan"})
Cells = Mapping[str, str]


def read_sheet(rows: Sequence[Row], frame: Frame) -> Listed:
    """Return the sessions below the header; raises Invalid without a column for title and time, NoZone."""
    at, columns = _find_header(rows)
    cells = [
        (row.number, {name: row.cells[i] for name, i in columns.items() if i < len(row.cells)})
        for row in rows[at + 1 :]
    ]
    days = ("day", "last_day", "starts_at", "ends_at")
    american = moments.month_first(each.get(name, "") for _, each in cells for name in days)
    reader = _Reader(frame, american=american)
    listed = Listed()
    for number, each in cells:
        if not any(each.values()):
            continue
        try:
            listed.items.append(reader.read(number, each))
        except Wrong as wrong:
            listed.faulty.append(RowFault(number, wrong.field, wrong.reason))
    return listed


def _find_header(rows: Sequence[Row]) -> tuple[int, dict[str, int]]:
    best: dict[str, int] = {}
    for index, row in enumerate(rows[:HEADER_WITHIN]):
        columns: dict[str, int] = {}
        for place, cell in enumerate(row.cells):
            if name := _column(cell):
                columns.setdefault(name, place)
        if "title" in columns and columns.keys() & {"starts_at", "span"}:
            return index, columns
        best = max(best, columns, key=len)
    if "title" in best:
        raise Invalid.field(
            "starts_at",
            say('The file has no column for the time. Call it "Mulai" or "starts_at", or "Waktu".'),
        )
    raise Invalid.field(
        "title",
        say('The file has no column for the title. Call it "Judul" or "title" in the first row.'),
    )


def _column(header: str) -> str | None:
    if known := FIELDS.get(_words(header)):
        return known
    bare = re.sub(r"\([^)]*\)", " ", header)
    parts = {FIELDS.get(_words(part)) for part in re.split(r"[/|\n]", bare)}
    return parts.pop() if len(parts) == 1 else FIELDS.get(_words(bare))


def _words(text: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold()).split())


class _Reader:
    def __init__(self, frame: Frame, *, american: bool) -> None:
        self._frame = frame
        self._american = american

    def read(self, number: int, cells: Cells) -> Item:
        """Return what a row says, or raise Wrong."""
        zone = _zone(cells.get("time_zone", ""))
        starts_at, ends_at, named = self._span(cells, zone)
        code = cells.get("code", "").strip()
        if code and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", code):
            reason = say(
                "This may hold letters, digits, dots, hyphens and underscores only, at most 64."
            )
            raise Wrong("code", reason)
        return checked(
            row=number,
            title=plain_line(cells.get("title", "")),
            starts_at=starts_at,
            ends_at=ends_at,
            code=code,
            abstract=plain_text(cells.get("abstract", "")),
            kind=words.meaning(cells.get("kind", ""), words.KINDS),
            format=_format(cells.get("format", "")),
            minutes=None if starts_at else _minutes(cells.get("duration", "")),
            time_zone=zone or named,
            room=words.place(cells.get("room", "")),
            building=cells.get("building", ""),
            meeting_url=_link(cells.get("meeting_url", "")),
            stream=_stream(cells.get("stream", "")),
            track=plain_line(cells.get("track", "")),
            speakers=_speakers(cells.get("speakers", "")),
            cancelled=cells.get("state", "").strip().casefold() in CANCELLED,
        )

    def _span(self, cells: Cells, zone: str) -> tuple[datetime | None, datetime | None, str]:
        """Return when a session starts and ends; neither where the row names no day and no time: it has none yet."""
        if not any(cells.get(name) for name in ("starts_at", "ends_at", "span", "day")):
            if not any(text for name, text in cells.items() if name != "title"):
                raise Wrong("starts_at", ONLY_A_TITLE)
            return None, None, zone
        if cells.get("starts_at"):
            start, named = self._moment("starts_at", cells["starts_at"], cells.get("day", ""))
        elif cells.get("span"):
            return self._daily(cells, zone)
        else:
            raise Wrong("starts_at", say("Write when the session starts."))
        zone = zone or named
        start = self._frame.placed(start, zone)
        return start, self._end(cells, start, zone), zone

    def _daily(self, cells: Cells, zone: str) -> tuple[datetime, datetime, str]:
        """Read "25 Februari 2021" and "09.00 - 10.30 WIB"."""
        try:
            begin, end, named = moments.read_span(cells["span"])
        except ValueError as error:
            raise _no_time("starts_at", cells["span"]) from error
        day = self._day("starts_at", cells.get("day", ""))
        zone = zone or named
        start = self._frame.placed(datetime.combine(day, begin), zone)
        if end is None:
            return start, self._end(cells, start, zone), zone
        return start, _after(start, end), zone

    def _end(self, cells: Cells, start: datetime, zone: str) -> datetime:
        if text := cells.get("ends_at"):
            try:
                return _after(start, moments.read_time(text)[0], self._last_day(cells))
            except ValueError:
                pass
            end, named = self._moment("ends_at", text, "")
            return self._frame.placed(end, zone or named)
        if text := cells.get("duration"):
            return start + _length(text)
        raise Wrong("ends_at", say("Write when the session ends."))

    def _last_day(self, cells: Cells) -> date | None:
        return self._day("ends_at", cells["last_day"]) if cells.get("last_day") else None

    def _moment(self, field: str, text: str, day: str) -> tuple[datetime, str]:
        try:
            clock, zone = moments.read_time(text)
        except ValueError:
            pass
        else:
            return datetime.combine(self._day(field, day), clock), zone
        try:
            return moments.read_moment(text, american=self._american)
        except ValueError as error:
            raise _no_time(field, text) from error

    def _day(self, field: str, text: str) -> date:
        if not text:
            raise Wrong(field, say("Write on which day the session lies."))
        try:
            return moments.read_day(text, american=self._american)
        except ValueError as error:
            raise Wrong(
                field, say("“{text}” is no day, such as 2021-02-25.", text=text[:80])
            ) from error


def _length(text: str) -> timedelta:
    try:
        return moments.read_duration(text)
    except (ValueError, OverflowError) as error:
        raise Wrong("duration", say("“{text}” is no duration, such as 1:30.", text=text)) from error


def _minutes(text: str) -> int | None:
    return _length(text) // timedelta(minutes=1) if text else None


def _after(start: datetime, end: time, day: date | None = None) -> datetime:
    """Return an end told as time of day: what lies before the start belongs to the next day."""
    moment = datetime.combine(day or start.date(), end, start.tzinfo)
    return moment + timedelta(days=1) if day is None and end < start.time() else moment


def _no_time(field: str, text: str) -> Wrong:
    return Wrong(
        field, say("“{text}” is no day and time, such as 2021-02-25 09:00.", text=text[:80])
    )


def _zone(text: str) -> str:
    if not text:
        return ""
    name = moments.LETTERS.get(text.strip().casefold()) or zone_name(text.strip())
    if not name:
        raise Wrong("time_zone", say("This is no IANA time zone, such as Asia/Jakarta."))
    return name


def _format(text: str) -> Any:
    found = words.meaning(text, words.FORMATS)
    if text and found is None:
        raise Wrong(
            "format", say("“{text}” is no format: write onsite, online or hybrid.", text=text[:80])
        )
    return found


def _stream(text: str) -> bool | None:
    word = text.strip().casefold()
    return True if word in words.YES or "://" in word else False if word in words.NO else None


def _link(text: str) -> str:
    return text.strip() if "://" in text else ""


def _speakers(text: str) -> list[str]:
    """Split names as written with their titles: at semicolons and line breaks, never at commas."""
    parts = (
        re.sub(r"^(?:\d+[.)]|[-•*])\s+", "", part.strip()) for part in re.split(r"[;\n]", text)
    )
    return [" ".join(part.split()) for part in parts if part.strip(" -–")]
