"""All of the programme but the desks: pre-meetings, opening, panels, daily coordination, breaks, closing."""

from collections.abc import Iterator
from datetime import date, time
from functools import cache

from eventhub.events.model import Attendance
from eventhub.sessions.model import Format, Kind

from . import people
from .desks import desks
from .offices import PLANNING_AGENCY, agencies, governments, ministries
from .people import HOME_AFFAIRS, PLANNING
from .plan import (
    CLOSING_DAY,
    FRIDAY,
    MINISTRIES_DAY,
    OPENING_DAY,
    PROVINCES_DAY,
    Planned,
    Seat,
    at,
    desk_days,
    offices,
    persons,
)
from .rooms import FOYER, HALL
from .timetable import ProvinceDay, desk_sessions, province_days

PLENARY = "Pleno"


@cache
def programme() -> tuple[Planned, ...]:
    """Return the whole programme in order of time, then of code."""
    planned = (
        *_pre_meetings(),
        *_opening(),
        *_coordination(),
        *_breaks(),
        *_closing(),
        *desk_sessions(),
    )
    return tuple(sorted(planned, key=lambda session: (session.starts_at, session.code)))


def _pre_meetings() -> Iterator[Planned]:
    bappeda = [office.code for office in agencies() if office.base == PLANNING_AGENCY]
    yield _streamed(
        code="pra-rapat-kementerian",
        title="Pra-Rakortekrenbang dengan Kementerian/Lembaga",
        abstract="Persiapan bahan, daftar indikator, dan penanggung jawab setiap desk.",
        kind=Kind.PRE_MEETING,
        day=MINISTRIES_DAY,
        hours=(time(9), time(11, 30)),
        speakers=(
            people.host(HOME_AFFAIRS, "dirjen-bangda"),
            people.host(PLANNING, "deputi-regional"),
        ),
        audience=(*_ministries(), *offices(bappeda, Attendance.STREAM)),
    )
    yield _streamed(
        code="pra-rapat-provinsi",
        title="Pra-Rakortekrenbang dengan Pemerintah Provinsi",
        abstract="Penjelasan jadwal desk, pengisian usulan, dan tata cara hadir melalui rapat daring.",
        kind=Kind.PRE_MEETING,
        day=PROVINCES_DAY,
        hours=(time(9), time(11, 30)),
        speakers=(
            people.host(HOME_AFFAIRS, "direktur-peipd"),
            people.host(PLANNING, "direktur-regional-1"),
        ),
        audience=(
            *offices((HOME_AFFAIRS, PLANNING), Attendance.ONSITE),
            *_governments(),
            *offices(bappeda, Attendance.MEETING),
            *(seat for seat in _agencies() if seat.office not in set(bappeda)),
        ),
    )


def _opening() -> Iterator[Planned]:
    yield _streamed(
        code="pembukaan",
        title="Pembukaan Rakortekrenbang 2021",
        abstract=(
            "Laporan Direktur Jenderal Bina Pembangunan Daerah, sambutan Sekretaris Jenderal Kementerian Dalam Negeri, "
            "serta arahan dan pembukaan oleh Menteri Perencanaan Pembangunan Nasional/Kepala Bappenas."
        ),
        kind=Kind.PLENARY,
        day=OPENING_DAY,
        hours=(time(9), time(11, 30)),
        speakers=(
            people.host(PLANNING, "menteri"),
            people.secretary(HOME_AFFAIRS),
            people.host(HOME_AFFAIRS, "dirjen-bangda"),
        ),
        audience=_all(),
    )
    yield _panel(
        code="panel-rkp-2022",
        title="Panel: Arah Kebijakan RKP 2022 dan Prioritas Wilayah",
        day=OPENING_DAY,
        hours=(time(13), time(15)),
        speakers=(
            people.host(PLANNING, "deputi-regional"),
            people.host(HOME_AFFAIRS, "direktur-peipd"),
            people.secretary("KEMENKEU"),
        ),
    )


def _coordination() -> Iterator[Planned]:
    for number, province_day in enumerate(province_days(), start=1):
        names = ", ".join(province.name for province in province_day.provinces)
        yield _streamed(
            code=f"koordinasi-{province_day.day:%m%d}",
            title=f"Koordinasi Harian Hari Desk ke-{number}",
            abstract=f"Hasil desk hari sebelumnya dan persiapan desk hari ini dengan Provinsi {names}.",
            kind=Kind.COORDINATION,
            day=province_day.day,
            hours=(time(8), time(8, 30)),
            speakers=(people.host(HOME_AFFAIRS, "direktur-peipd"),),
            audience=tuple(_coordinated(province_day)),
        )


def _coordinated(province_day: ProvinceDay) -> Iterator[Seat]:
    """Seat the hosts and the desks' officials on site, the day's governments in the meeting, agencies at the stream."""
    hosts = (HOME_AFFAIRS, PLANNING)
    yield from offices(hosts, Attendance.ONSITE)
    yield from persons(
        (people.official(desk) for desk in desks() if desk.responsible not in hosts),
        Attendance.ONSITE,
    )
    yield from offices((province.office for province in province_day.provinces), Attendance.MEETING)
    yield from _agencies()


def _breaks() -> Iterator[Planned]:
    for day in (OPENING_DAY, *desk_days(), CLOSING_DAY):
        friday = day.weekday() == FRIDAY
        yield Planned(
            code=f"ishoma-{day:%m%d}",
            title="Ishoma dan Salat Jumat" if friday else "Ishoma",
            abstract="",
            kind=Kind.BREAK,
            format=Format.ONSITE,
            starts_at=at(day, time(11, 30) if friday else time(12)),
            ends_at=at(day, time(13)),
            room=FOYER,
            track="",
        )


def _closing() -> Iterator[Planned]:
    yield _panel(
        code="panel-hasil-desk",
        title="Panel: Perumusan Hasil Desk",
        day=CLOSING_DAY,
        hours=(time(9), time(11, 30)),
        speakers=(
            people.host(HOME_AFFAIRS, "sesditjen-bangda"),
            people.host(PLANNING, "direktur-regional-2"),
        ),
    )
    yield _streamed(
        code="penutupan",
        title="Penutupan Rakortekrenbang 2021",
        abstract="Pembacaan hasil desk urusan dan desk kewilayahan, tindak lanjut menuju Musrenbang provinsi.",
        kind=Kind.PLENARY,
        day=CLOSING_DAY,
        hours=(time(13), time(14, 30)),
        speakers=(people.secretary(HOME_AFFAIRS), people.host(PLANNING, "deputi-regional")),
        audience=_all(),
    )


def _streamed(
    *,
    code: str,
    title: str,
    abstract: str,
    kind: Kind,
    day: date,
    hours: tuple[time, time],
    speakers: tuple[str, ...],
    audience: tuple[Seat, ...],
) -> Planned:
    """Plan a session in the hall, in the meeting and on the stream."""
    return Planned(
        code=code,
        title=title,
        abstract=abstract,
        kind=kind,
        format=Format.HYBRID,
        starts_at=at(day, hours[0]),
        ends_at=at(day, hours[1]),
        room=HALL,
        track=PLENARY,
        meeting_url="https://meet.example.org/pleno",
        stream=True,
        speakers=speakers,
        audience=audience,
    )


def _panel(
    *, code: str, title: str, day: date, hours: tuple[time, time], speakers: tuple[str, ...]
) -> Planned:
    return Planned(
        code=code,
        title=title,
        abstract="Diskusi panel dengan tanya jawab bersama pemerintah provinsi.",
        kind=Kind.PANEL,
        format=Format.HYBRID,
        starts_at=at(day, hours[0]),
        ends_at=at(day, hours[1]),
        room=HALL,
        track=PLENARY,
        meeting_url="https://meet.example.org/pleno",
        speakers=speakers,
        audience=(*_ministries(), *_governments()),
    )


def _ministries() -> Iterator[Seat]:
    return offices((office.code for office in ministries()), Attendance.ONSITE)


def _governments() -> Iterator[Seat]:
    return offices((office.code for office in governments()), Attendance.MEETING)


def _agencies() -> Iterator[Seat]:
    return offices((office.code for office in agencies()), Attendance.STREAM)


def _all() -> tuple[Seat, ...]:
    """Seat every office as it attends: the centre on site, governments in the meeting, agencies at the stream."""
    return (*_ministries(), *_governments(), *_agencies())
