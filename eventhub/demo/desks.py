"""The 34 desks: one per affair and two regional ones. Each has a room, a meeting link and a track of its own."""

from dataclasses import dataclass
from functools import cache

from .offices import PLANNING_AGENCY, affairs


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk: the ministry it belongs to, and which offices of a province (names without it) it calls.

    `turn` is its place in the order of the day: desks that call the same office never have the same.
    """

    code: str
    label: str
    name: str
    responsible: str
    offices: tuple[str, ...]
    turn: int
    stream: bool = False

    @property
    def meeting_url(self) -> str:
        return f"https://meet.example.org/{self.code}"

    @property
    def track(self) -> str:
        return f"{self.label} {self.name}"


@cache
def desks() -> tuple[Desk, ...]:
    """Return the desks of the affairs by code, then the regional ones, of which the first is streamed."""
    found: list[Desk] = []
    for affair in affairs():
        code = affair.code.replace(".", "-")
        found.append(
            Desk(
                f"desk-{code}",
                affair.code,
                f"Desk {affair.name}",
                affair.responsible,
                affair.offices,
                _turn(affair.offices, found),
            )
        )
    for label, name, responsible, stream in (
        ("KW.1", "Desk Kewilayahan Indikator Makro", "PPN-BAPPENAS", True),
        ("KW.2", "Desk Kewilayahan Usulan Daerah", "KEMENDAGRI", False),
    ):
        code = f"desk-{label.lower().replace('.', '-')}"
        offices = (PLANNING_AGENCY,)
        found.append(Desk(code, label, name, responsible, offices, _turn(offices, found), stream))
    return tuple(found)


def _turn(offices: tuple[str, ...], others: list[Desk]) -> int:
    """Return the first turn that no desk with one of these offices has."""
    taken = {desk.turn for desk in others if set(desk.offices) & set(offices)}
    return next(turn for turn in range(len(others) + 1) if turn not in taken)
