"""What an organizer chose to tell whom of which sessions. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from eventhub.events.model import Attendance


class Told(StrEnum):
    """How somebody is told of a session: by an invitation of its own, in words among others, or not at all.

    `digest`: its day is told in the welcome mail, its changes in one notice per release. What is told by `nothing`
    still stands on the personal page and in the feed.
    """

    REQUEST = "request"
    DIGEST = "digest"
    NOTHING = "nothing"


Cell = tuple[str, Attendance]


def usual(kind: str, attendance: Attendance) -> Told:
    """Return what holds unless an organizer chose: who only watches is invited to plenaries alone."""
    if attendance is Attendance.STREAM and kind != "plenary":
        return Told.DIGEST
    return Told.REQUEST


@dataclass(frozen=True, slots=True)
class Choices:
    """What an organizer chose, by session kind and way of attending; the rest is as usual."""

    chosen: Mapping[Cell, Told] = field(default_factory=dict)

    def of(self, kind: str, attendance: Attendance) -> Told:
        return self.chosen.get((kind, attendance)) or usual(kind, attendance)

    def invites(self, kind: str, attendance: Attendance) -> bool:
        """Whether this way of attending such a session gets an invitation of its own."""
        return self.of(kind, attendance) is Told.REQUEST

    def unusual(self) -> Iterator[tuple[Cell, Told]]:
        """Yield what differs from the usual, which is what is kept."""
        return (
            (cell, told) for cell, told in sorted(self.chosen.items()) if told is not usual(*cell)
        )

    def kinds(self, told: Told, attendance: Attendance, among: Collection[str]) -> set[str]:
        """Return the session kinds of which this way of attending is told so."""
        return {kind for kind in among if self.of(kind, attendance) is told}


USUAL = Choices()
