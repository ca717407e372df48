"""Attendance for programs."""

from eventhub.web.access import Right
from eventhub.web.operations import Answer, Call, operation

from . import actions, certificate_api
from .forms import AttendanceQuery, AttendanceShape, attendance_shape


@operation(
    "GET",
    "/events/{event}/attendance",
    right=Right.REPORTS_READ,
    query=AttendanceQuery,
    answers={200: AttendanceShape},
    summary="Who was invited, present and attended, per session and per delegation",
)
async def show_attendance(call: Call[None, AttendanceQuery]) -> Answer:
    report = await actions.whole_report(call.tx, call.event, now=call.at, day=call.query.day)
    return Answer(200, attendance_shape(report))


API = [show_attendance, *certificate_api.API]
