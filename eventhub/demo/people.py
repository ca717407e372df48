"""Who represents the offices of the sample event: named by function, so no person is invented."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from eventhub.events.model import Attendance

from .desks import Desk, desks
from .offices import PLANNING_AGENCY, Office, agencies, governments, ministries, provinces

BANGDA = "Direktorat Jenderal Bina Pembangunan Daerah"
HOME_AFFAIRS = "KEMENDAGRI"
PLANNING = "PPN-BAPPENAS"

# Ministries whose head office is led by a "Sekretaris Kementerian", not by a secretary general.
STATE_MINISTRIES = frozenset(
    [
        "KEMENSETNEG",
        "KEMENPANRB",
        "KEMENBUMN",
        "KEMENKOPUKM",
        "KEMENPPPA",
        "KEMENRISTEK-BRIN",
        "KEMENPORA",
        PLANNING,
    ]
)

HOSTS = {
    HOME_AFFAIRS: (
        ("dirjen-bangda", f"Direktur Jenderal, {BANGDA}"),
        ("sesditjen-bangda", f"Sekretaris {BANGDA}"),
        ("direktur-peipd", "Direktur Perencanaan, Evaluasi, dan Informasi Pembangunan Daerah"),
        ("kabag-protokol", "Kepala Bagian Protokol, Biro Umum"),
        ("kapuspen", "Kepala Pusat Penerangan"),
    ),
    PLANNING: (
        ("menteri", "Menteri Perencanaan Pembangunan Nasional/Kepala Bappenas"),
        ("deputi-regional", "Deputi Bidang Pengembangan Regional"),
        ("direktur-regional-1", "Direktur Regional I"),
        ("direktur-regional-2", "Direktur Regional II"),
        ("direktur-regional-3", "Direktur Regional III"),
    ),
}


@dataclass(frozen=True, slots=True)
class Person:
    """A participant. The e-mail address is unique and stands for the person elsewhere in the sample."""

    email: str
    name: str
    position: str
    office: str
    attendance: Attendance


@cache
def everybody() -> tuple[Person, ...]:
    """Return all participants: the centre on site, governments in the meeting, agencies by the stream."""
    return (*_centre(), *_governments(), *(_head(office) for office in agencies()))


def official(desk: Desk) -> str:
    """Return the address of the ministry's official at a desk."""
    return f"{desk.code}.{desk.responsible.lower()}@example.org"


def moderator(desk: Desk) -> str:
    """Return the address of the desk's moderator, of the Ministry of Home Affairs."""
    return f"moderator.{desk.code}@example.org"


def planner(desk: Desk) -> str:
    """Return the address of the national planner at the desk."""
    return f"perencana.{desk.code}@example.org"


def host(office: str, role: str) -> str:
    """Return the address of one of HOSTS."""
    return f"{role}.{office.lower()}@example.org"


def secretary(office: str) -> str:
    """Return the address of a ministry's highest official at the meeting."""
    return f"sekretaris.{office.lower()}@example.org"


def _centre() -> Iterator[Person]:
    for office in ministries():
        yield _onsite(office, secretary(office.code), f"{_secretary_title(office)} {office.name}")
        yield _onsite(office, f"karoren.{office.email}", f"Kepala Biro Perencanaan {office.name}")
        yield _onsite(
            office, f"program.{office.email}", f"Kepala Bagian Program dan Anggaran {office.name}"
        )
        for role, title in HOSTS.get(office.code, ()):
            yield _onsite(office, host(office.code, role), title)
        for desk in desks():
            if desk.responsible == office.code:
                yield _onsite(office, official(desk), f"Ketua Tim {desk.name}, {office.name}")
    for desk in desks():
        yield Person(
            moderator(desk),
            f"Moderator {desk.name}, {BANGDA}",
            "Moderator",
            HOME_AFFAIRS,
            Attendance.ONSITE,
        )
        yield Person(
            planner(desk),
            f"Perencana {desk.name}, Bappenas",
            "Perencana",
            PLANNING,
            Attendance.ONSITE,
        )


def _secretary_title(office: Office) -> str:
    if office.rank == "agency":
        return "Sekretaris Utama"
    if office.rank == "coordinating_ministry" or office.code in STATE_MINISTRIES:
        return "Sekretaris"
    return "Sekretaris Jenderal"


def _onsite(office: Office, email: str, name: str) -> Person:
    position = name.removesuffix(f" {office.name}").removesuffix(",")
    return Person(email, name, position, office.code, Attendance.ONSITE)


def _governments() -> Iterator[Person]:
    for province, office in zip(provinces(), governments(), strict=True):
        for role, position, name in (
            ("gubernur", "Gubernur", f"Gubernur {province.name}"),
            ("sekda", "Sekretaris Daerah", f"Sekretaris Daerah Provinsi {province.name}"),
        ):
            yield Person(
                f"{role}.{province.slug}@example.org",
                name,
                position,
                office.code,
                Attendance.MEETING,
            )


def _head(office: Office) -> Person:
    role, position, name = _head_title(office)
    return Person(f"{role}.{office.email}", name, position, office.code, Attendance.STREAM)


def _head_title(office: Office) -> tuple[str, str, str]:
    """Return the address's first word, the position and the name by function of an agency's head.

    The provincial secretary sits in the meeting for the government, so an assistant watches for the secretariat.
    """
    province = office.name.removeprefix(office.base)
    match office.base:
        case base if base == PLANNING_AGENCY:
            return "kepala", "Kepala Bappeda", f"Kepala Bappeda{province}"
        case "Sekretariat Daerah":
            position = "Asisten Perekonomian dan Pembangunan"
            return "asisten", position, f"{position} Sekretariat Daerah{province}"
        case "Sekretariat Dewan Perwakilan Rakyat Daerah":
            return "sekretaris", "Sekretaris DPRD", f"Sekretaris DPRD{province}"
        case "Inspektorat Daerah":
            return "inspektur", "Inspektur Daerah", f"Inspektur Daerah{province}"
        case "Badan Penanggulangan Bencana Daerah":
            return "kepala", "Kepala Pelaksana", f"Kepala Pelaksana {office.name}"
        case base:
            return "kepala", f"Kepala {base.split(' ', 1)[0]}", f"Kepala {office.name}"
