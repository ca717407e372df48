"""The pages everybody opens, and what the server weighs after them."""

import psutil

from scripts.serving import Server

from .figure import DESK_DAY, Caller, Figure


def figures(server: Server) -> list[Figure]:
    """Measure the public programme, personal pages and feeds of the sample event."""
    public = Caller(server.base_url)
    event = f"{server.base_url}/{server.said['event']}/"
    people = server.said["people"]
    page = public.call("GET", f"{event}?day={DESK_DAY}")
    whole = public.call("GET", f"{event}?day=all")
    agenda = f"{people['meeting']}agenda.ics"
    return [
        Figure("programme page of a desk day", public.page_ms(f"{event}?day={DESK_DAY}"), "ms", 50),
        Figure("the same page's size", len(page) / 1000, "kB", 300),
        Figure("page of the whole event, size", len(whole) / 1000, "kB", 300),
        Figure("personal page, in the meeting", public.page_ms(people["meeting"]), "ms", 20),
        Figure("personal page, on site", public.page_ms(people["onsite"]), "ms", 20),
        Figure("agenda.ics of one person", public.page_ms(agenda), "ms", 10),
    ]


def memory(server: Server) -> Figure:
    """Return the resident memory of the server and what it started."""
    process = psutil.Process(server.process.pid)
    family = [process, *process.children(recursive=True)]
    resident = sum(member.memory_info().rss for member in family)
    return Figure("memory after all of this", resident / 1e6, "MB", 250)
