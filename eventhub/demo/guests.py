"""Who is invited to which planned session, and which three people the sample leaves for whoever tries it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from eventhub.events.model import Attendance

from .people import everybody
from .plan import Planned
from .plenaries import programme


@dataclass(frozen=True, slots=True)
class SamplePeople:
    """E-mail addresses of one person on site, one in the meeting and one at the stream.

    They have not been invited by mail and have not come today, so their tickets, links and mails can be tried.
    """

    onsite: str = "desk-1-02.kemenkes@example.org"
    meeting: str = "sekda.papua@example.org"
    stream: str = "kepala.dinkes.papua@example.org"

    def __contains__(self, email: object) -> bool:
        return email in {self.onsite, self.meeting, self.stream}


SAMPLE = SamplePeople()


@dataclass(frozen=True, slots=True)
class Guest:
    """One person invited to one session; `registered` is how they attend the event as a whole."""

    email: str
    session: Planned
    attendance: Attendance
    registered: Attendance

    @property
    def has_mail(self) -> bool:
        """Whether an invitation was sent: to the centre and the governments, not yet to the 1,394 agencies."""
        return self.email not in SAMPLE and self.registered is not Attendance.STREAM


@cache
def guests() -> tuple[Guest, ...]:
    """Return everybody's invitations in order of the programme; a seat for a person wins over their office's."""
    members = defaultdict(list)
    own: dict[str, Attendance] = {}
    for person in everybody():
        members[person.office].append(person.email)
        own[person.email] = person.attendance
    return tuple(
        Guest(email, session, attendance, own[email])
        for session in programme()
        for email, attendance in _invited(session, members, own).items()
    )


def _invited(
    session: Planned, members: Mapping[str, list[str]], own: Mapping[str, Attendance]
) -> dict[str, Attendance]:
    invited = {}
    for seat in session.audience:
        if seat.office:
            invited.update(dict.fromkeys(members[seat.office], seat.attendance))
    invited.update({email: own[email] for email in session.speakers})
    invited.update({seat.person: seat.attendance for seat in session.audience if seat.person})
    return invited
