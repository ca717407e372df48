"""Reminders before a day: asked for, seen, taken back."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from eventhub.accounts import audit
from eventhub.errors import Invalid, Refusal
from eventhub.web.access import Right, allow
from eventhub.web.filled import Filled, filled, text_fields
from eventhub.web.forms import posted
from eventhub.web.keys import CLOCK, EVENT, PRINCIPAL, READER, reading, transaction
from eventhub.web.pages import page, see_other
from eventhub.wording import say

from . import reminding

AFTERNOON = time(16)


@allow(Right.INVITATIONS)
async def show_reminders(request: web.Request) -> web.Response:
    """Show what was asked for, and how many would be reminded of each day."""
    return await _page(request)


@allow(Right.INVITATIONS)
async def ask(request: web.Request) -> web.Response:
    """Plan a reminder, or send it now."""
    form = await posted(request)
    event, at, who = request[EVENT], request.app[CLOCK].now(), request[PRINCIPAL]
    typed = text_fields(form)
    try:
        day, due_at = _day(typed.get("day", "")), None
        if typed.get("when") != "now":
            due_at = _moment(typed.get("at", ""), request)
        async with transaction(request) as tx:
            await reminding.ask(tx, event, day, due_at=due_at, who=who.name, at=at)
            await audit.record(
                tx,
                who,
                "invitations.reminder_asked",
                event.slug,
                event_id=event.id,
                at=at,
                detail={"day": day.isoformat(), "at": due_at.isoformat() if due_at else "now"},
            )
    except Refusal as refusal:
        shown = filled(typed, refusal, request[READER])
        return await _page(request, shown=shown, status=refusal.status)
    return see_other(request, "invitations.reminders", event=event.slug)


@allow(Right.INVITATIONS)
async def withdraw(request: web.Request) -> web.Response:
    """Take back a reminder that is not due yet."""
    await posted(request)
    event, number = request[EVENT], request.match_info["reminder"]
    async with transaction(request) as tx:
        await reminding.withdraw(tx, event, int(number))
        await audit.record(
            tx,
            request[PRINCIPAL],
            "invitations.reminder_withdrawn",
            event.slug,
            event_id=event.id,
            at=request.app[CLOCK].now(),
            detail={"reminder": int(number)},
        )
    return see_other(request, "invitations.reminders", event=event.slug)


async def _page(
    request: web.Request, shown: Filled | None = None, status: int = 200
) -> web.Response:
    event, at = request[EVENT], request.app[CLOCK].now()
    days = [day for day in event.days if event.day_bounds(day)[1] > at]
    async with reading(request) as tx:
        asked = await reminding.list_reminders(tx, event.id)
        people = await reminding.count_to_remind(tx, event, days, at=at)
    return await page(
        request,
        "invites/reminders.html",
        status=status,
        asked=asked,
        days=days,
        people=people,
        form=shown,
        proposed=_proposed(days, at, event.zone),
    )


def _proposed(days: Sequence[date], at: datetime, zone: ZoneInfo) -> str:
    """Return as a field holds it the afternoon before the first of days, or the next hour after that."""
    if not days:
        return ""
    eve = datetime.combine(days[0] - timedelta(days=1), AFTERNOON, zone)
    soon = at.astimezone(zone).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return f"{max(eve, soon):%Y-%m-%dT%H:%M}"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid.field("day", say("Please choose a day.")) from error


def _moment(text: str, request: web.Request) -> datetime:
    """Return a moment typed by the event's clocks, in UTC."""
    try:
        wall = datetime.fromisoformat(text)
        return wall.replace(tzinfo=wall.tzinfo or request[EVENT].zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid.field("at", say("Please give a day and a time.")) from error


HERE = "/manage/{event}/invitations/reminders"

ROUTES = [
    web.get(HERE, show_reminders, name="invitations.reminders"),
    web.post(HERE, ask, name="invitations.remind"),
    web.post(HERE + r"/{reminder:\d{1,9}}/withdraw", withdraw, name="invitations.unremind"),
]
