"""An event's start page for organizers: what needs attention first, then figures with what they are out of."""

from aiohttp import web

from eventhub.events.model import Event
from eventhub.language import Reader
from eventhub.web.access import Right, allow
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading
from eventhub.web.pages import page

from . import store
from .figures import Figures, count
from .model import SessionState
from .standing import Standing, standing


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
    items += _unpublished(reader, here, figures, state)
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


def _unpublished(reader: Reader, here: str, figures: Figures, state: Standing) -> list[Item]:
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
    ]


def _open_ends(reader: Reader, here: str, figures: Figures, state: Standing) -> list[Item]:
    gettext, ngettext = reader.gettext, reader.ngettext
    return [
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
