"""The desk sessions: which desk meets which province when.

A province has one day, on which it meets all desks; a day has four or five provinces, two of them eastern. Five
slots a day, three of them before noon. Each turn below is an order of the day's provinces; in every slot the turns
meet different provinces, so an office called by up to three desks goes from one to the next, and every order sees
the two eastern provinces in the morning: 12:00 in Jakarta is 14:00 in Jayapura.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from eventhub.events.model import Attendance
from eventhub.sessions.model import Format, Kind

from . import people
from .desks import Desk, desks
from .offices import Province, affairs, agencies, provinces
from .plan import FRIDAY, Planned, Seat, at, desk_days, offices, persons

SLOTS = tuple((time(hour), time(hour + 1)) for hour in (9, 10, 11, 13, 14))

# On Fridays the morning ends at 11:30, for the Friday prayer.
FRIDAY_SLOTS = (
    (time(9), time(9, 50)),
    (time(9, 50), time(10, 40)),
    (time(10, 40), time(11, 30)),
    *SLOTS[3:],
)

# TURNS[turn][n] is the slot in which a desk of that turn meets the day's n-th province, easternmost first.
TURNS = ((0, 1, 2, 3, 4), (1, 2, 4, 0, 3), (2, 0, 3, 4, 1))


@dataclass(frozen=True, slots=True)
class ProvinceDay:
    """A desk day and its provinces, easternmost first."""

    day: date
    provinces: tuple[Province, ...]


def province_days() -> tuple[ProvinceDay, ...]:
    """Deal the provinces to the desk days: two eastern ones each, and two or three western ones.

    The western ones are dealt from the second day on, so that no short Friday has five.
    """
    days = desk_days()
    eastern, western = _by_longitude()
    dealt: list[list[Province]] = [[] for _ in days]
    for number, province in enumerate(eastern):
        dealt[number % len(days)].append(province)
    for number, province in enumerate(western, start=1):
        dealt[number % len(days)].append(province)
    return tuple(ProvinceDay(day, tuple(group)) for day, group in zip(days, dealt, strict=True))


def desk_sessions() -> tuple[Planned, ...]:
    """Return the 34 x 34 desk sessions, by day, desk and slot."""
    return tuple(
        session
        for province_day in province_days()
        for desk in desks()
        for session in _desk_day(desk, province_day)
    )


def _by_longitude() -> tuple[list[Province], list[Province]]:
    """Split the provinces by zone, those furthest ahead of UTC first: ahead of Jakarta, and the others."""
    noon = datetime(2021, 2, 26, 5, tzinfo=UTC)
    ahead = {
        province: noon.astimezone(ZoneInfo(province.time_zone)).replace(tzinfo=None)
        for province in provinces()
    }
    ordered = sorted(provinces(), key=lambda province: ahead[province], reverse=True)
    jakarta = min(ahead.values())
    eastern = [province for province in ordered if ahead[province] > jakarta]
    return eastern, [province for province in ordered if ahead[province] == jakarta]


def _desk_day(desk: Desk, province_day: ProvinceDay) -> Iterator[Planned]:
    slots = FRIDAY_SLOTS if province_day.day.weekday() == FRIDAY else SLOTS
    turn = TURNS[desk.turn]
    for province, place in sorted(
        zip(province_day.provinces, turn, strict=False), key=lambda pair: pair[1]
    ):
        begin, end = slots[place]
        yield Planned(
            code=f"{desk.code}-{province.code}",
            title=f"{desk.name}: Provinsi {province.name}",
            abstract=(
                f"Pembahasan usulan dan target indikator tahun 2022 bersama Pemerintah Provinsi {province.name}, "
                "dipandu Direktorat Jenderal Bina Pembangunan Daerah."
            ),
            kind=Kind.DESK,
            format=Format.HYBRID,
            starts_at=at(province_day.day, begin),
            ends_at=at(province_day.day, end),
            room=desk.code,
            track=desk.track,
            meeting_url=desk.meeting_url,
            stream=desk.stream,
            speakers=(people.moderator(desk),),
            audience=tuple(_audience(desk, province)),
        )


def _audience(desk: Desk, province: Province) -> Iterator[Seat]:
    """Seat the desk's three officials on site and the called offices in the meeting.

    The offices that no affair calls watch their province's streamed regional desk.
    """
    yield from persons(
        (people.official(desk), people.moderator(desk), people.planner(desk)), Attendance.ONSITE
    )
    yield from offices((province.agency(base) for base in desk.offices), Attendance.MEETING)
    if desk.stream:
        called = {base for affair in affairs() for base in affair.offices} | set(desk.offices)
        watching = (
            office.code
            for office in agencies()
            if office.parent == province.office and office.base not in called
        )
        yield from offices(watching, Attendance.STREAM)
