"""What comes in and goes out about an event's scheduling."""

import re
from dataclasses import replace
from datetime import date, time
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from eventhub.web.fields import Day, Form, Shape

from .scheduling import HOURS, WEEKDAYS, Hours, Scheduling, TravelMinutes, Weekday


def _wall_time(value: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
        raise PydanticCustomError("wall_time", "This is no time of day, such as 04:00.")
    return value


WallTime = Annotated[str, AfterValidator(_wall_time)]

# Neighbours are looked for within these minutes, so they bound how much a check reads.
Minutes = Annotated[int, Field(ge=0, le=240)]


class HoursForm(Form):
    """From when to when, as wall times of a day."""

    start: WallTime
    end: WallTime


class TravelForm(Form):
    """Minutes between two sessions of somebody; what is left out keeps its value."""

    buildings: Minutes = TravelMinutes().buildings
    rooms: Minutes = TravelMinutes().rooms
    online: Minutes = TravelMinutes().online


class SchedulingForm(Form):
    """What sessions are held against; what is left out keeps its value, hours that are null are not asked."""

    travel_minutes: TravelForm = TravelForm()
    day_hours: HoursForm | None = None
    remote_hours: HoursForm | None = HoursForm(start="07:00", end="18:00")
    friday_break: HoursForm | None = HoursForm(start="11:30", end="13:00")
    weekend: Annotated[list[Weekday], Field(max_length=7)] = Field(
        default_factory=lambda: list(Scheduling().weekend)
    )
    holidays: Annotated[list[Day], Field(max_length=400)] = Field(default_factory=list)

    def over(self, scheduling: Scheduling) -> Scheduling:
        """Return a scheduling with the fields that were sent; the others stay as they are."""
        values = self.given()
        for name in HOURS & values.keys():
            values[name] = _hours(values[name])
        if "travel_minutes" in values:
            minutes = values["travel_minutes"].given()
            values["travel_minutes"] = replace(scheduling.travel_minutes, **minutes)
        if "weekend" in values:
            values["weekend"] = tuple(sorted(set(values["weekend"]), key=WEEKDAYS.index))
        if "holidays" in values:
            values["holidays"] = tuple(sorted(set(values["holidays"])))
        return replace(scheduling, **values)


def _hours(form: HoursForm | None) -> Hours | None:
    if form is None:
        return None
    return Hours(time.fromisoformat(form.start), time.fromisoformat(form.end))


class HoursShape(Shape):
    start: str
    end: str


class TravelShape(Shape):
    buildings: int
    rooms: int
    online: int


class SchedulingShape(Shape):
    travel_minutes: TravelShape
    day_hours: HoursShape | None
    remote_hours: HoursShape | None
    friday_break: HoursShape | None
    weekend: list[str]
    holidays: list[date]


def typed_of(scheduling: Scheduling) -> dict[str, Any]:
    """Return a scheduling as the fields of the settings page."""
    minutes = scheduling.travel_minutes
    typed: dict[str, Any] = {
        f"scheduling.travel_minutes.{name}": getattr(minutes, name) for name in minutes.__slots__
    }
    for name in HOURS:
        hours: Hours | None = getattr(scheduling, name)
        for end in ("start", "end"):
            typed[f"scheduling.{name}.{end}"] = f"{getattr(hours, end):%H:%M}" if hours else ""
    typed["weekend"] = list(scheduling.weekend)
    typed["holidays"] = ", ".join(day.isoformat() for day in scheduling.holidays)
    return typed
