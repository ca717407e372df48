"""Addresses by which calendars subscribe to a feed. Pure."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed as calendars take it: by `webcal:`, and by the pages of Google and Outlook that ask to add it."""

    url: str
    webcal: str
    google: str
    outlook: str


def subscription(url: str, name: str) -> Subscription:
    """Return the ways to subscribe to a feed called `name` at an http(s) address."""
    webcal = "webcal://" + url.partition("://")[2]
    return Subscription(
        url=url,
        webcal=webcal,
        google=f"https://calendar.google.com/calendar/render?cid={quote(webcal, safe='')}",
        outlook="https://outlook.office.com/calendar/addfromweb"
        f"?url={quote(url, safe='')}&name={quote(name, safe='')}",
    )
