"""How a Google project's daily units are shared out: setting up, going live, looking on. Pure.

Google gives 10,000 units a day, counted from midnight Pacific, and charges refused calls too. A day's plan aims at
`AIM`, so that a whole second day's worth is left for what nobody planned.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")

UNITS_A_DAY = 10_000
AIM = 4_500
FOR_SETTING_UP = 3_000

# From 80 % on nothing is done that can wait; the last units are for transitions alone.
SPARING_FROM = 8_000
RESERVE = 1_500

# What setting up one session costs at most: encoder stream, insert, bind and a look at each.
SET_UP_UNITS = 155
# A thumbnail, and a playlist item with a look before it.
THUMBNAIL_UNITS = 50
PLAYLIST_UNITS = 51

# Testing, live, complete, and some looks until each is there.
ON_AIR_UNITS = 170
# States, encoders' health, viewers.
LOOK_UNITS = 3

# Before the start the encoder is checked, so its health is wanted.
LOOK_BEFORE = timedelta(minutes=30)
LOOK_SELDOM = timedelta(minutes=5)

_FURTHEST = 60


class Purpose(StrEnum):
    """What units are spent on."""

    SET_UP = "set_up"
    EXTRAS = "extras"
    ON_AIR = "on_air"
    LOOKS = "looks"


class Mode(StrEnum):
    """How much of the day is left: `sparing` does no extras and looks seldom, `reserved` only goes on and off air."""

    NORMAL = "normal"
    SPARING = "sparing"
    RESERVED = "reserved"
    EXHAUSTED = "exhausted"


@dataclass(frozen=True, slots=True)
class Units:
    """Units spent on a Pacific day by purpose; `exhausted_at`: when YouTube said that none are left."""

    set_up: int = 0
    extras: int = 0
    on_air: int = 0
    looks: int = 0
    exhausted_at: datetime | None = None

    @property
    def used(self) -> int:
        return self.set_up + self.extras + self.on_air + self.looks

    @property
    def left(self) -> int:
        return 0 if self.exhausted_at else max(0, UNITS_A_DAY - self.used)


def mode_of(units: Units) -> Mode:
    """Return how the rest of the day's units are treated."""
    if units.left == 0:
        return Mode.EXHAUSTED
    if units.used >= UNITS_A_DAY - RESERVE:
        return Mode.RESERVED
    return Mode.SPARING if units.used >= SPARING_FROM else Mode.NORMAL


def refusal(mode: Mode, purpose: Purpose) -> str | None:
    """Return the code of the problem for which a call is not made, or None."""
    if mode is Mode.EXHAUSTED:
        return "quotaExceeded"
    if mode is Mode.RESERVED and purpose is not Purpose.ON_AIR:
        return "reserved"
    if mode is Mode.SPARING and purpose is Purpose.EXTRAS:
        return "sparing"
    return None


def planned_units(on_air: Iterable[tuple[datetime, datetime]]) -> int:
    """Return what a day's sessions cost to put on air and look at each minute; given their starts and ends (UTC)."""
    sessions = sorted(on_air)
    minutes = 0.0
    until: datetime | None = None
    for starts_at, ends_at in sessions:
        begin = starts_at - LOOK_BEFORE if until is None else max(until, starts_at - LOOK_BEFORE)
        if ends_at > begin:
            minutes += (ends_at - begin) / timedelta(minutes=1)
            until = ends_at
    return len(sessions) * ON_AIR_UNITS + round(minutes) * LOOK_UNITS


def allowance(planned: int, units: Units = Units()) -> int:
    """Return what may still be spent on setting up on a day whose sessions on air are planned to cost so much."""
    return max(0, min(FOR_SETTING_UP, AIM - planned) - units.set_up - units.extras)


def spread(
    costs: Sequence[tuple[str, int]],
    left_today: int,
    today: date,
    allowed: Callable[[date], int],
) -> list[tuple[str, date]]:
    """Return on which Pacific day each piece of work finds its units, in the order given."""
    day, left = today, left_today
    planned = []
    for subject, units in costs:
        while units > left and day < today + timedelta(days=_FURTHEST):
            day += timedelta(days=1)
            left = allowed(day)
        left -= units
        planned.append((subject, day))
    return planned


def day_ends(at: datetime) -> datetime:
    """Return the next midnight Pacific, when the day's units are given again."""
    tomorrow = at.astimezone(PACIFIC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(0), PACIFIC).astimezone(at.tzinfo)
