"""What an event holds its programme against: hours, days off, and how long it takes from one session to the next."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, time
from typing import Any, Literal, get_args

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
FRIDAY = WEEKDAYS.index("fri")


@dataclass(frozen=True, slots=True)
class Hours:
    """From when to when, as wall times of a day; at `end` something may end and nothing else."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class TravelMinutes:
    """What must lie between two sessions of somebody: in two buildings, in two rooms of one, in a room and online."""

    buildings: int = 15
    rooms: int = 0
    online: int = 15

    @property
    def longest(self) -> int:
        return max(self.buildings, self.rooms, self.online)


@dataclass(frozen=True, slots=True)
class Scheduling:
    """What sessions are held against; hours that are None are not asked.

    `day_hours` bound every session and `friday_break` is kept free, both in the event's zone; `day_hours` may go on
    after midnight, up to where the event's day ends. `remote_hours` are those of whoever takes part from afar, where
    they are. On `weekend` and `holidays` nobody is expected to work.
    """

    travel_minutes: TravelMinutes = TravelMinutes()
    day_hours: Hours | None = None
    remote_hours: Hours | None = Hours(time(7), time(18))
    friday_break: Hours | None = Hours(time(11, 30), time(13))
    weekend: tuple[Weekday, ...] = ("sat", "sun")
    holidays: tuple[date, ...] = ()


HOURS = ("day_hours", "remote_hours", "friday_break")


def scheduling_values(scheduling: Scheduling) -> dict[str, Any]:
    """Return a scheduling as JSON values, in the contract's shape."""
    return {
        "travel_minutes": asdict(scheduling.travel_minutes),
        **{name: _hours_values(getattr(scheduling, name)) for name in HOURS},
        "weekend": list(scheduling.weekend),
        "holidays": [day.isoformat() for day in scheduling.holidays],
    }


def _hours_values(hours: Hours | None) -> dict[str, str] | None:
    return {"start": f"{hours.start:%H:%M}", "end": f"{hours.end:%H:%M}"} if hours else None


def scheduling_of(values: Mapping[str, Any]) -> Scheduling:
    """Return a scheduling from its JSON values; what is left out has its default."""
    known: dict[str, Any] = dict(values)
    if "travel_minutes" in known:
        known["travel_minutes"] = TravelMinutes(**known["travel_minutes"])
    for name in HOURS:
        if known.get(name) is not None:
            known[name] = Hours(**{key: time.fromisoformat(at) for key, at in known[name].items()})
    if "weekend" in known:
        known["weekend"] = tuple(known["weekend"])
    if "holidays" in known:
        known["holidays"] = tuple(date.fromisoformat(day) for day in known["holidays"])
    return Scheduling(**known)
