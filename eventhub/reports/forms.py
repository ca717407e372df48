"""What goes out about attendance, in the contract's shape."""

from datetime import date

from eventhub.web.fields import Form, Shape

from .model import Count, DelegationFigures, Report, Totals


class AttendanceQuery(Form):
    """`day`: only the sessions of this event day."""

    day: date | None = None


class CountShape(Shape):
    onsite: int
    meeting: int
    stream: int


class PeopleShape(Shape):
    invited: int
    present: int
    attended: int


class TotalsShape(Shape):
    """The sums over sessions; `people` counts each person once."""

    invited: CountShape
    present: CountShape
    attended: CountShape
    people: PeopleShape
    minutes: int


class SessionAttendanceShape(Shape):
    session: str
    invited: CountShape
    present: CountShape
    attended: CountShape


class DelegationAttendanceShape(Shape):
    """People of a delegation who were invited to any session, came to any, attended any; minutes in all."""

    delegation: str
    invited: int
    present: int
    attended: int
    minutes: int


class ProvinceAttendanceShape(Shape):
    """People of a province's delegations; `province` is the code of the delegation that is the province."""

    province: str
    invited: int
    present: int
    attended: int
    minutes: int


class AttendanceShape(Shape):
    totals: TotalsShape
    sessions: list[SessionAttendanceShape]
    delegations: list[DelegationAttendanceShape]
    provinces: list[ProvinceAttendanceShape]


def attendance_shape(report: Report) -> AttendanceShape:
    """Return a report in the contract's shape."""
    return AttendanceShape(
        totals=_totals(report.totals),
        sessions=[
            SessionAttendanceShape(
                session=each.session.code,
                invited=_count(each.invited),
                present=_count(each.present),
                attended=_count(each.attended),
            )
            for each in report.sessions
        ],
        delegations=[
            DelegationAttendanceShape(delegation=each.delegation.code, **_people(each))
            for each in report.delegations
        ],
        provinces=[
            ProvinceAttendanceShape(province=each.delegation.code, **_people(each))
            for each in report.provinces
        ],
    )


def _totals(totals: Totals) -> TotalsShape:
    people = totals.people
    return TotalsShape(
        invited=_count(totals.invited),
        present=_count(totals.present),
        attended=_count(totals.attended),
        people=PeopleShape(
            invited=people.invited, present=people.present, attended=people.attended
        ),
        minutes=totals.minutes,
    )


def _people(each: DelegationFigures) -> dict[str, int]:
    return {
        "invited": each.invited,
        "present": each.present,
        "attended": each.attended,
        "minutes": each.minutes,
    }


def _count(count: Count) -> CountShape:
    return CountShape(onsite=count.onsite, meeting=count.meeting, stream=count.stream)
