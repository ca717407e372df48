"""Delegations and participants."""

from dataclasses import dataclass
from enum import StrEnum

from eventhub.events.model import Attendance


class DelegationKind(StrEnum):
    MINISTRY = "ministry"
    PROVINCE = "province"
    AGENCY = "agency"
    OTHER = "other"


class Rsvp(StrEnum):
    """An answer to an invitation (RFC 5545, 3.2.12)."""

    NEEDS_ACTION = "needs_action"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"
    DELEGATED = "delegated"


@dataclass(frozen=True, slots=True)
class Delegation:
    """An invited office. `quota` bounds how many participants it may name; `time_zone` is IANA, "" for the event's."""

    id: int
    event_id: int
    code: str
    name: str
    kind: DelegationKind
    parent: str | None = None
    time_zone: str = ""
    email: str = ""
    quota: int | None = None
    attendance: Attendance = Attendance.ONSITE
    version: int = 1


@dataclass(frozen=True, slots=True)
class Details:
    """What is written about a participant; `delegation` is its office's code."""

    name: str
    position: str
    delegation: str
    email: str
    phone: str
    language: str
    attendance: Attendance
    in_place_of: str | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """A person who represents an office: name with titles as written, perhaps in somebody's place (mewakili)."""

    id: int
    event_id: int
    delegation_id: int
    delegation: str
    name: str
    position: str
    email: str
    phone: str
    language: str
    attendance: Attendance
    in_place_of: str | None = None
    link_generation: int = 1
    version: int = 1

    @property
    def details(self) -> Details:
        return Details(
            self.name,
            self.position,
            self.delegation,
            self.email,
            self.phone,
            self.language,
            self.attendance,
            self.in_place_of,
        )
