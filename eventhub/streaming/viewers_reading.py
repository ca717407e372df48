"""Viewers over time of one session or of a day, read and drawn for a reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Event
from eventhub.language import Reader
from eventhub.wording import Text, render, say

from . import chart, shown_store, viewers_store
from .chart import LARGE, PHONE, SMALL, Axis, Drawn
from .model import Shown
from .viewers import Course, Line, Share, course, minutes_of_each, shares, within
from .viewers_store import Expected

# A table of more rows than this nobody reads: it takes whole steps, each with its most.
_MOST_ROWS = 180

# YouTube tells once a minute, where units run short every five.
_LATELY = 6

NAMES = {
    "youtube": say("Viewers on YouTube"),
    "stream": say("Participants at the stream"),
    "meeting": say("Participants in the meeting"),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """One line in words: now, the most and when, on average; None where nothing is known."""

    name: str
    label: Text
    now: int | None
    peak: int | None
    peak_at: datetime | None
    average: float | None


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with what it says in figures. `rows` are moments with the figures of the lines.

    `goes_on`: its end is not reached yet.
    """

    drawing: Markup
    figures: tuple[Figures, ...]
    rows: tuple[tuple[datetime, tuple[int | None, ...]], ...]
    step: int
    watched: int
    is_empty: bool
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Audience:
    """Who came from afar by office and province, and who was expected there and did not."""

    delegations: list[Share]
    provinces: list[Share]
    absent: list[Expected]
    expected: int
    came: int


async def read_course(tx: AsyncConnection, shown: Shown, at: datetime) -> Course:
    """Return a session's viewers minute by minute."""
    found = await viewers_store.find(tx, [shown.session_id])
    return course(found, shown.starts_at, shown.ends_at, at)


async def read_day(tx: AsyncConnection, event: Event, day: date, at: datetime) -> Course | None:
    """Return the viewers of all of a day's sessions together, each participant once a minute; None without sessions."""
    listed = await shown_store.list_shown(tx, event.id, at)
    todays = [each for each in listed if event.day_of(each.starts_at) == day]
    if not todays:
        return None
    found = await viewers_store.find(tx, [each.session_id for each in todays])
    begin = min(each.starts_at for each in todays)
    return course(found, begin, max(each.ends_at for each in todays), at)


async def chart_of(
    tx: AsyncConnection,
    event: Event,
    shown: Shown,
    at: datetime,
    reader: Reader,
    *,
    small: bool = False,
) -> Chart:
    """Return a session's viewers as a chart; a small one stands in the control room."""
    key = f"viewers-{shown.session_id}"
    read = await read_course(tx, shown, at)
    marks = (shown.starts_at, shown.ends_at)
    return drawn(read, event, reader, key=key, title=shown.title, marks=marks, small=small)


def drawn(
    read: Course,
    event: Event,
    reader: Reader,
    *,
    key: str,
    title: str,
    marks: Sequence[datetime] = (),
    small: bool = False,
) -> Chart:
    """Draw a course; `marks` are moments that a line stands for, such as the planned start and end."""
    lines = {name: line for name, line in _lines(read).items() if not line.is_empty}
    figures = tuple(_figures(name, line, read) for name, line in lines.items())
    axis = _axis(read, event, reader, marks)
    drawings = [
        chart.draw(
            [Drawn(name, line.values) for name, line in lines.items()],
            axis,
            key=f"{key}-{size.name}",
            title=render(say("Viewers over time: {title}", title=title), reader),
            description=_described(figures, event, reader),
            size=size,
        )
        for size in ([SMALL] if small else [LARGE, PHONE])
    ]
    step, rows = (1, ()) if small else _rows(read, list(lines.values()))
    return Chart(
        drawing=Markup("").join(drawings),
        figures=figures,
        rows=rows,
        step=step,
        watched=read.watched,
        is_empty=not lines,
        goes_on=len(read.stream.values) < read.minutes,
    )


def _axis(read: Course, event: Event, reader: Reader, marks: Sequence[datetime]) -> Axis:
    return Axis(
        begin=read.begin,
        minutes=read.minutes,
        zone=event.zone,
        clock=reader.clock,
        number=lambda value: _number(value, reader),
        marks=tuple(int((each - read.begin).total_seconds() // 60) for each in marks),
    )


def _lines(read: Course) -> dict[str, Line]:
    return {"youtube": read.youtube, "stream": read.stream, "meeting": read.meeting}


def _figures(name: str, line: Line, read: Course) -> Figures:
    peak = line.peak
    return Figures(
        name=name,
        label=NAMES[name],
        now=line.latest(_LATELY),
        peak=peak[0] if peak else None,
        peak_at=read.moment(peak[1]) if peak else None,
        average=line.average(read.since),
    )


def _described(figures: Sequence[Figures], event: Event, reader: Reader) -> str:
    """Say what the lines show."""
    if not figures:
        return render(say("Nobody has been seen yet."), reader)
    return " ".join(
        render(
            say(
                "{line}: at most {peak} at {time}, {average} on average.",
                line=each.label,
                peak=_number(each.peak or 0, reader),
                time=reader.clock(each.peak_at, event.zone) if each.peak_at else "",
                average=_number(round(each.average or 0), reader),
            ),
            reader,
        )
        for each in figures
    )


def _number(value: int, reader: Reader) -> str:
    return f"{value:,}".replace(",", "." if reader.language == "id" else ",")


def _rows(
    read: Course, lines: Sequence[Line]
) -> tuple[int, tuple[tuple[datetime, tuple[int | None, ...]], ...]]:
    """Return the figures of each minute, or of whole steps of minutes with the most in each."""
    passed = len(read.stream.values)
    step = next(n for n in (1, 5, 10, 15, 30) if passed / n <= _MOST_ROWS)
    rows = []
    for minute in range(0, passed, step):
        parts = [line.values[minute : minute + step] for line in lines]
        known = [[value for value in part if value is not None] for part in parts]
        rows.append((read.moment(minute), tuple(max(part, default=None) for part in known)))
    return step, tuple(rows)


async def read_audience(tx: AsyncConnection, event: Event, shown: Shown) -> Audience:
    """Return who came from afar to a session and who did not."""
    people = await viewers_store.list_people(tx, event.id, shown.session_id)
    found = await viewers_store.find(tx, [shown.session_id])
    stays = (*found.stream, *found.meeting)
    came = {stay.participant for stay in stays}
    minutes = dict.fromkeys(came, 0) | minutes_of_each(
        within(stays, shown.starts_at, shown.ends_at)
    )
    absent = [each for each in people if each.is_expected and each.participant not in came]
    return Audience(
        delegations=shares(
            ((each.delegation_name, each.participant, each.is_expected) for each in people), minutes
        ),
        provinces=shares(
            ((each.province, each.participant, each.is_expected) for each in people), minutes
        ),
        absent=absent,
        expected=sum(each.is_expected for each in people),
        came=len(came),
    )
