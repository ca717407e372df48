"""An event's start page for organizers: what needs attention first, then figures with what they are out of."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from eventhub.events.model import Attendance, Event
from eventhub.events.tables import rooms
from eventhub.language import Reader
from eventhub.outbox import outbox
from eventhub.participants.tables import delegations, participants
from eventhub.web.access import Right, allow
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading
from eventhub.web.pages import page

from . import store
from .model import Kind, SessionState
from .standing import Standing, standing
from .tables import session_audiences, session_speakers, sessions


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of an event."""

    rooms: int
    sessions: int
    published: int
    uncalled: int
    uncalled_day: str
    delegations: int
    represented: int
    people: dict[str, int]
    failed_jobs: int
    today: int
    over: int
    unscheduled: int


@allow(Right.PROGRAMME_READ)
async def show_overview(request: web.Request) -> web.Response:
    """Show what needs attention and where the event stands."""
    event, at = request[EVENT], request.app[CLOCK].now()
    async with reading(request) as tx:
        figures = await count(tx, event, at)
        state = await standing(tx, event, request.app)
        wanted = store.Wanted(at, event.day_bounds(event.day_of(at))[1])
        soon = await store.list_sessions(tx, event.id, wanted, limit=8)
    return await page(
        request,
        "manage/home.html",
        figures=figures,
        state=state,
        soon=[session for session in soon if session.state is not SessionState.CANCELLED],
        at=at,
        attention=_attention(request[READER], event, figures, state),
        published="published" in request.query,
        may_write=request[PRINCIPAL].has(Right.PROGRAMME_WRITE),
    )


def _attention(
    reader: Reader, event: Event, figures: Figures, state: Standing
) -> list[dict[str, str]]:
    """Return what needs doing, the gravest first, each with where it is done."""
    here = f"/manage/{event.slug}"
    items = [*_grave(reader, here, figures, state), *_missing(reader, here, figures)]
    items += _open_ends(reader, here, figures, state)
    return [item for count, item in items if count]


Item = tuple[int | bool, dict[str, str]]


def _item(count: int | bool, tone: str, icon: str, text: str, *, href: str, link: str) -> Item:
    told = text % {"num": count} if "%(num)s" in text else text
    return count, {"tone": tone, "icon": icon, "text": told, "href": href, "link": link}


def _grave(reader: Reader, here: str, figures: Figures, state: Standing) -> list[Item]:
    gettext, ngettext = reader.gettext, reader.ngettext
    n, failed = state.forbidding, figures.failed_jobs
    return [
        _item(
            n,
            "bad",
            "ban",
            ngettext(
                "%(num)s conflict prevents the next release.",
                "%(num)s conflicts prevent the next release.",
                n,
            ),
            href=f"{here}/programme/conflicts",
            link=gettext("See the conflicts"),
        ),
        _item(
            failed,
            "bad",
            "mail",
            ngettext(
                "%(num)s task was given up after many tries.",
                "%(num)s tasks were given up after many tries.",
                failed,
            ),
            href=f"{here}/invitations",
            link=gettext("See the mail"),
        ),
    ]


def _missing(reader: Reader, here: str, figures: Figures) -> list[Item]:
    gettext = reader.gettext
    return [
        _item(
            not (figures.rooms or figures.sessions or figures.unscheduled),
            "",
            "door-open",
            gettext("No room is known yet. Start with the rooms."),
            href=f"{here}/rooms/new",
            link=gettext("Add a room"),
        ),
        _item(
            not sum(figures.people.values()),
            "",
            "users",
            gettext("Nobody takes part yet. Import or add people."),
            href=f"{here}/people",
            link=gettext("Add people"),
        ),
        _item(
            not (figures.sessions or figures.unscheduled),
            "",
            "calendar-plus",
            gettext("The programme is empty. Add its first session."),
            href=f"{here}/programme/new",
            link=gettext("Add a session"),
        ),
    ]


def _open_ends(reader: Reader, here: str, figures: Figures, state: Standing) -> list[Item]:
    gettext, ngettext = reader.gettext, reader.ngettext
    publish = f"{here}/programme/publish"
    changes = 0 if state.last is None else state.changes
    return [
        _item(
            changes,
            "warn",
            "refresh-cw",
            ngettext(
                "%(num)s change is not published yet.",
                "%(num)s changes are not published yet.",
                changes,
            ),
            href=publish,
            link=gettext("Publish"),
        ),
        _item(
            bool(figures.sessions) and state.last is None,
            "warn",
            "eye",
            gettext("The programme is not published yet: nobody outside sees it."),
            href=publish,
            link=gettext("Publish"),
        ),
        _item(
            figures.unscheduled,
            "warn",
            "calendar-days",
            ngettext(
                "%(num)s session has no time yet.",
                "%(num)s sessions have no time yet.",
                figures.unscheduled,
            ),
            href=f"{here}/programme?view=board",
            link=gettext("Open the board"),
        ),
        _item(
            figures.uncalled,
            "warn",
            "users",
            ngettext(
                "%(num)s session is for nobody yet.",
                "%(num)s sessions are for nobody yet.",
                figures.uncalled,
            ),
            href=f"{here}/programme?day={figures.uncalled_day}&audience=none",
            link=gettext("See them"),
        ),
        _item(
            state.warnings,
            "warn",
            "triangle-alert",
            ngettext(
                "%(num)s warning about the programme.",
                "%(num)s warnings about the programme.",
                state.warnings,
            ),
            href=f"{here}/programme/conflicts",
            link=gettext("See the warnings"),
        ),
    ]


async def count(tx: AsyncConnection, event: Event, at: datetime) -> Figures:
    """Count an event's rooms, sessions, delegations and people."""
    held = sa.and_(sessions.c.event_id == event.id, sessions.c.state != SessionState.CANCELLED)
    alive = sa.and_(held, store.HAS_TIME)
    start, end = event.day_bounds(event.day_of(at))
    today = sa.and_(alive, sessions.c.starts_at >= start, sessions.c.starts_at < end)
    called = sa.or_(
        sa.exists().where(session_audiences.c.session_id == sessions.c.id),
        sa.exists().where(session_speakers.c.session_id == sessions.c.id),
    )
    uncalled = sa.and_(alive, sessions.c.kind != Kind.BREAK, ~called)
    first = (
        await tx.execute(sa.select(sa.func.min(sessions.c.starts_at)).where(uncalled))
    ).scalar_one()
    represented = sa.exists().where(participants.c.delegation_id == delegations.c.id)
    failed = sa.and_(outbox.c.event_id == event.id, outbox.c.failed_at.is_not(None))

    async def number(table: sa.Table, *terms: sa.ColumnElement[bool]) -> int:
        return int(
            (
                await tx.execute(sa.select(sa.func.count()).select_from(table).where(*terms))
            ).scalar_one()
        )

    people = await tx.execute(
        sa.select(participants.c.attendance, sa.func.count().label("n"))
        .where(participants.c.event_id == event.id)
        .group_by(participants.c.attendance)
    )
    return Figures(
        rooms=await number(rooms, rooms.c.event_id == event.id),
        sessions=await number(sessions, alive),
        published=await number(sessions, alive, sessions.c.state == SessionState.PUBLISHED),
        uncalled=await number(sessions, uncalled),
        uncalled_day=event.day_of(first).isoformat() if first else "",
        delegations=await number(delegations, delegations.c.event_id == event.id),
        represented=await number(delegations, delegations.c.event_id == event.id, represented),
        people={way.value: 0 for way in Attendance} | {row.attendance: row.n for row in people},
        failed_jobs=await number(outbox, failed),
        today=await number(sessions, today),
        over=await number(sessions, today, sessions.c.ends_at <= at),
        unscheduled=await number(sessions, held, ~store.HAS_TIME),
    )


async def days_in_use(tx: AsyncConnection, event: Event) -> list[date]:
    """Return the event's days and those on which drafts lie all the same, in order."""
    starts = await tx.execute(
        sa.select(sessions.c.starts_at)
        .distinct()
        .where(sessions.c.event_id == event.id, store.HAS_TIME)
    )
    return sorted({*event.days, *(event.day_of(start) for start in starts.scalars())})


async def tracks(tx: AsyncConnection, event_id: int) -> list[str]:
    """Return the tracks in use, by name."""
    table = sessions.c
    query = sa.select(table.track).distinct().where(table.event_id == event_id, table.track != "")
    return list((await tx.execute(query.order_by(table.track))).scalars())


async def delegation_kinds(tx: AsyncConnection, event_id: int) -> dict[str, int]:
    """Return how many delegations of each kind there are."""
    table = delegations.c
    query = sa.select(table.kind, sa.func.count().label("n")).where(table.event_id == event_id)
    return {row.kind: row.n for row in await tx.execute(query.group_by(table.kind))}
