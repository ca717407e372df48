"""Who answered what, for programs: per session, and per delegation."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import Field, StringConstraints

from eventhub.sessions.actions import latest_release
from eventhub.web.access import Right
from eventhub.web.fields import Instant, Listing, Paging, Shape
from eventhub.web.operations import Answer, Call, operation
from eventhub.web.paging import cursor_of, read_cursor

from . import turnout
from .turnout import Office, Turnout

Row = TypeVar("Row", Turnout, Office)
PATH = "/events/{event}/answers"


class CountsShape(Shape):
    """How many were invited, and what they or who comes in their place answered.

    `delegated` are those of the invited who named somebody; `substitutes` how many come in somebody's place.
    """

    invited: int
    accepted: int
    tentative: int
    declined: int
    needs_action: int
    delegated: int
    substitutes: int


class OnsiteShape(Shape):
    """How many are expected on site (invited so, not declined, not delegated), and how many there is room for."""

    expected: int
    limit: int | None


class SessionAnswersShape(CountsShape):
    """The answers to a session of the last release; `mailed`: how many hold an invitation by mail."""

    session: str
    title: str
    starts_at: Instant
    mailed: int
    onsite: OnsiteShape


class OfficeAnswersShape(CountsShape):
    """A delegation's answers; `expected_onsite` counts seats."""

    delegation: str
    name: str
    expected_onsite: int


class OfficesQuery(Paging):
    """The answers to which session; without, to all of them."""

    session: Annotated[str, StringConstraints(max_length=64)] | None = Field(default=None)


@operation(
    "GET",
    PATH,
    right=Right.INVITATIONS,
    query=Paging,
    answers={200: Listing[SessionAnswersShape]},
    summary="Count answers per session, and who is expected on site against the room",
)
async def list_answers(call: Call[None, Paging]) -> Answer:
    rows = await turnout.list_turnout(call.tx, call.event)
    page, following = _page(rows, call.query)
    items = [_session(one) for one in page]
    return Answer(200, Listing[SessionAnswersShape](items=items, next=following))


@operation(
    "GET",
    f"{PATH}/delegations",
    right=Right.INVITATIONS,
    query=OfficesQuery,
    answers={200: Listing[OfficeAnswersShape]},
    summary="Count answers per delegation, to one session or to all",
)
async def list_office_answers(call: Call[None, OfficesQuery]) -> Answer:
    rows: list[Office] = []
    if call.query.session is not None:
        code = call.query.session
        release_id, session = await turnout.get_invited_session(call.tx, call.event.id, code)
        rows = await turnout.list_offices(call.tx, call.event.id, release_id, session.session_id)
    elif release := await latest_release(call.tx, call.event.id):
        rows = await turnout.list_offices(call.tx, call.event.id, release.id)
    page, following = _page(rows, call.query)
    items = [
        OfficeAnswersShape(
            delegation=one.code, name=one.name, expected_onsite=one.onsite, **_counts(one)
        )
        for one in page
    ]
    return Answer(200, Listing[OfficeAnswersShape](items=items, next=following))


def _session(one: Turnout) -> SessionAnswersShape:
    return SessionAnswersShape(
        session=one.code,
        title=one.title,
        starts_at=one.starts_at,
        mailed=one.mailed,
        onsite=OnsiteShape(expected=one.onsite.expected, limit=one.onsite.limit),
        **_counts(one),
    )


def _counts(one: Turnout | Office) -> dict[str, int]:
    given = {str(answer): number for answer, number in one.answers.items()}
    return given | {"invited": one.invited, "substitutes": one.substitutes}


def _page(rows: Sequence[Row], asked: Paging) -> tuple[Sequence[Row], str | None]:
    """Return a part of a list that is read whole, and the cursor of what follows."""
    (start,) = read_cursor(asked.cursor, int) or (0,)
    end = start + asked.limit
    return rows[start:end], cursor_of(end) if len(rows) > end else None


API = [list_answers, list_office_answers]
