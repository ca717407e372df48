"""Which day of the draft an organizer looked at last, and how: new sessions begin there, and ways back lead there."""

from datetime import date

from aiohttp import web

from eventhub.web.keys import EVENT, SETTINGS

COOKIE = "programme"


def remember(request: web.Request, response: web.StreamResponse, day: date) -> None:
    """Keep, for this browser and event, the day shown and whether as a board."""
    shown = "board" if request.query.get("view") == "board" else "list"
    response.set_cookie(
        COOKIE,
        f"{shown}.{day.isoformat()}",
        path=f"/manage/{request[EVENT].slug}/programme",
        httponly=True,
        samesite="Lax",
        secure=request.app[SETTINGS].is_https,
    )


def last_day(request: web.Request) -> str:
    """Return the day last looked at, as ISO 8601; "" before any was."""
    return request.cookies.get(COOKIE, "").partition(".")[2]


def is_board(request: web.Request) -> bool:
    """Whether the programme was last looked at as a board."""
    return request.cookies.get(COOKIE, "").partition(".")[0] == "board"
