"""Who was present and who attended.

Present is who came at all: a visit to the room, a join of the meeting, one beat of watching. Attended is who was
there for as many distinct clock minutes of the session as the event's presence rule asks.
"""

from collections.abc import Iterable, Mapping
from math import ceil

from eventhub.events.model import Attendance, PresenceRule

from .model import Came, Count, DelegationFigures, Heard, ReportedSession, SessionFigures, Stay

DOORS_OPEN_MINUTES = 30

# Somebody who came in two ways counts once, by the way that is the surer sign of having been there.
ORDER = (Attendance.ONSITE, Attendance.MEETING, Attendance.STREAM)


def needed_minutes(rule: PresenceRule, session_minutes: int) -> int:
    """Return how many minutes attend a session: the rule's minutes or its percentage, whichever is reached first."""
    return min(rule.minutes, ceil(session_minutes * rule.percent / 100))


def distinct_minutes(spans: Iterable[tuple[int, int]]) -> int:
    """Count the minutes in any of the spans, whose first and last minute both belong to them."""
    count, counted_to = 0, -1
    for first, last in sorted(spans):
        begin = max(first, counted_to + 1)
        if last >= begin:
            count += last - begin + 1
            counted_to = last
    return count


def attendance(
    stays: Iterable[Stay], sessions: Mapping[int, ReportedSession], rule: PresenceRule
) -> list[Came]:
    """Return who came to which session: how, for how many of its minutes, and whether that attends it.

    Minutes before the session's first and after its last do not count; a stay without any of its minutes is
    presence all the same.
    """
    by_person: dict[tuple[int, int], list[Stay]] = {}
    for stay in stays:
        by_person.setdefault((stay.session_id, stay.participant_id), []).append(stay)
    found = []
    for (session_id, participant_id), theirs in by_person.items():
        session = sessions[session_id]
        minutes = distinct_minutes(
            (max(stay.first, session.first_minute), min(stay.last, session.last_minute))
            for stay in theirs
        )
        way = min((stay.way for stay in theirs), key=ORDER.index)
        needed = needed_minutes(rule, session.minutes)
        found.append(Came(session_id, participant_id, way, minutes, minutes >= needed))
    return found


def session_figures(
    sessions: Iterable[ReportedSession],
    invited: Mapping[tuple[int, Attendance], int],
    came: Iterable[Came],
) -> list[SessionFigures]:
    """Count per session, in the order given; `invited` is how many by session id and way."""
    present: dict[int, Count] = {}
    attended: dict[int, Count] = {}
    for each in came:
        present[each.session_id] = present.get(each.session_id, Count()).plus(each.way)
        if each.attended:
            attended[each.session_id] = attended.get(each.session_id, Count()).plus(each.way)
    return [
        SessionFigures(
            session,
            Count(*(invited.get((session.id, way), 0) for way in ORDER)),
            present.get(session.id, Count()),
            attended.get(session.id, Count()),
        )
        for session in sessions
    ]


def delegation_figures(
    delegations: Iterable[Heard], invited: Mapping[int, int], came: Iterable[tuple[Came, int]]
) -> list[DelegationFigures]:
    """Count people per delegation, in the order given; minutes are added up over people and sessions.

    `invited` is how many people by delegation id; `came` pairs with the delegation's id.
    """
    present: dict[int, set[int]] = {}
    attended: dict[int, set[int]] = {}
    minutes: dict[int, int] = {}
    for each, delegation_id in came:
        present.setdefault(delegation_id, set()).add(each.participant_id)
        minutes[delegation_id] = minutes.get(delegation_id, 0) + each.minutes
        if each.attended:
            attended.setdefault(delegation_id, set()).add(each.participant_id)
    return [
        DelegationFigures(
            delegation,
            invited.get(delegation.id, 0),
            len(present.get(delegation.id, ())),
            len(attended.get(delegation.id, ())),
            minutes.get(delegation.id, 0),
        )
        for delegation in delegations
    ]


def province_figures(
    delegations: Iterable[DelegationFigures], province_of: Mapping[int, Heard]
) -> list[DelegationFigures]:
    """Add delegations up per province, by name; `province_of` is by delegation id, those of none are left out.

    Somebody belongs to one delegation, so each person counts once.
    """
    found: dict[int, DelegationFigures] = {}
    for each in delegations:
        province = province_of.get(each.delegation.id)
        if province is None:
            continue
        so_far = found.get(province.id, DelegationFigures(province, 0, 0, 0, 0))
        found[province.id] = DelegationFigures(
            province,
            so_far.invited + each.invited,
            so_far.present + each.present,
            so_far.attended + each.attended,
            so_far.minutes + each.minutes,
        )
    return sorted(found.values(), key=lambda each: (each.delegation.name, each.delegation.id))


def total(figures: Iterable[Count]) -> Count:
    """Add counts up, way by way."""
    onsite = meeting = stream = 0
    for count in figures:
        onsite += count.onsite
        meeting += count.meeting
        stream += count.stream
    return Count(onsite, meeting, stream)
