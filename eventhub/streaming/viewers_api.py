"""Viewers over time for programs."""

from typing import Annotated

from pydantic import Field

from eventhub.web.access import Right
from eventhub.web.fields import Instant, Shape
from eventhub.web.operations import Answer, Call, operation

from . import actions, viewers_reading
from .viewers import Course, Line

Count = Annotated[int, Field(ge=0)]


class LineShape(Shape):
    """A line's figures: null where nothing is known."""

    peak: Count | None
    peak_at: Instant | None
    average: float | None


class MinuteShape(Shape):
    """One minute: viewers as YouTube told them, null where it did not; participants known here."""

    at: Instant
    youtube: Count | None
    stream: Count
    meeting: Count


class ViewersOverTime(Shape):
    """A session's viewers minute by minute, kept after its end."""

    session: str
    youtube: LineShape
    stream: LineShape
    meeting: LineShape
    minutes_watched: Count
    minutes: list[MinuteShape]


@operation(
    "GET",
    "/events/{event}/broadcasts/{session}/viewers",
    right=Right.BROADCASTS_READ,
    answers={200: ViewersOverTime},
    summary="Show a session's viewers minute by minute",
)
async def show_viewers(call: Call[None, None]) -> Answer:
    shown = await actions.get_shown(call.tx, call.event.id, call.path["session"], call.at)
    read = await viewers_reading.read_course(call.tx, shown, call.at)
    lines = zip(read.youtube.values, read.stream.values, read.meeting.values, strict=True)
    minutes = [
        MinuteShape(
            at=read.moment(minute), youtube=youtube, stream=stream or 0, meeting=meeting or 0
        )
        for minute, (youtube, stream, meeting) in enumerate(lines)
    ]
    shape = ViewersOverTime(
        session=shown.session,
        youtube=_line(read.youtube, read),
        stream=_line(read.stream, read),
        meeting=_line(read.meeting, read),
        minutes_watched=read.watched,
        minutes=minutes,
    )
    return Answer(200, shape)


def _line(line: Line, read: Course) -> LineShape:
    peak, average = line.peak, line.average(read.since)
    return LineShape(
        peak=peak[0] if peak else None,
        peak_at=read.moment(peak[1]) if peak else None,
        average=round(average, 1) if average is not None else None,
    )


API = [show_viewers]
