"""The rooms of the sample event: real buildings of the Ministry of Home Affairs, capacities assumed."""

from dataclasses import dataclass

from .desks import Desk, desks

HALL = "sasana-bhakti-praja"
FOYER = "selasar-gedung-c"


@dataclass(frozen=True, slots=True)
class PlannedRoom:
    """A room by code, with its seats."""

    code: str
    name: str
    building: str
    capacity: int
    parallel: bool = False


def rooms() -> tuple[PlannedRoom, ...]:
    """Return the hall, its foyer, and a room per desk."""
    return (
        PlannedRoom(HALL, "Gedung Sasana Bhakti Praja", "Gedung C, Kemendagri", 600),
        PlannedRoom(FOYER, "Selasar Gedung C", "Gedung C, Kemendagri", 400),
        *(
            PlannedRoom(desk.code, f"Ruang Desk {desk.label}", _building(desk), _seats(desk))
            for desk in desks()
        ),
    )


def _building(desk: Desk) -> str:
    return "Gedung F, Kemendagri" if desk.label.startswith(("1.", "2.")) else "Gedung H, Kemendagri"


def _seats(desk: Desk) -> int:
    return 30 if desk.label.startswith(("1.", "KW.")) else 20
