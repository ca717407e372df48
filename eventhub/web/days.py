"""The days of an event as tabs above what is shown a day at a time: `?day=2021-02-25`, or `all`."""

from datetime import date

from aiohttp import web

from eventhub.events.model import Event
from eventhub.web.keys import CLOCK, READER


def chosen_day(request: web.Request, event: Event) -> date | None:
    """Return the event day asked for; None for all. Without a wish: today, else the day nearest to it."""
    wish = request.query.get("day", "")
    if wish == "all":
        return None
    for day in event.days:
        if day.isoformat() == wish:
            return day
    today = event.day_of(request.app[CLOCK].now())
    past = [day for day in event.days if day <= today]
    return past[-1] if past else event.days[0]


def day_tabs(request: web.Request, event: Event, chosen: date | None) -> list[dict[str, object]]:
    """Return the tabs of the days, keeping what else the address asks for."""
    reader, today = request[READER], event.day_of(request.app[CLOCK].now())
    keep = {"q": request.query["q"][:200]} if request.query.get("q") else {}

    def tab(wish: str, text: str, note: str, day: date | None) -> dict[str, object]:
        href = str(request.rel_url.with_query({**keep, "day": wish}))
        current = day == chosen
        return {"href": href, "text": text, "note": note, "current": current, "today": day == today}

    tabs = [tab("all", reader.gettext("All days"), "", None)]
    for day in event.days:
        weekday, number, month, _ = reader.day(day).split()
        note = reader.gettext("Today") if day == today else weekday
        tabs.append(tab(day.isoformat(), f"{number} {month}", note, day))
    return tabs
