"""What tests do with the board in a browser."""

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from eventhub.installation import Installation
from eventhub.web.guard import LOGIN_COOKIE
from tests import callers
from tests.callers import Client

BOARD = "/manage/rakortek/programme?view=board&day=2021-02-25"
QUARTER_PX = 20


async def organizer(
    client: Client, installation: Installation, browser: Browser, role: str = "organizer"
) -> BrowserContext:
    await callers.signed_in(client, installation, role)
    cookies = client.session.cookie_jar.filter_cookies(client.make_url("/"))
    context = await browser.new_context(
        viewport={"width": 1280, "height": 1100}, locale="en", timezone_id="America/New_York"
    )
    login = cookies[LOGIN_COOKIE].value
    await context.add_cookies(
        [{"name": LOGIN_COOKIE, "value": login, "url": str(client.make_url("/"))}]
    )
    return context


async def opened(context: BrowserContext, client: Client) -> Page:
    page = await context.new_page()
    await page.goto(str(client.make_url(BOARD)))
    await expect(page.locator("#board[data-ready]")).to_be_visible()
    return page


def card(page: Page, title: str) -> Locator:
    return page.locator(".ec-event:not(.ec-preview)").filter(has_text=title)


async def middle(place: Locator) -> tuple[float, float]:
    box = await place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def drag(page: Page, what: Locator, x: float, y: float, *, edge: float = 0) -> None:
    """Drag something by its middle (or `edge` px below) by some pixels, as a hand does, and hold it."""
    from_x, from_y = await middle(what)
    await page.mouse.move(from_x, from_y + edge)
    await page.mouse.down()
    await page.mouse.move(from_x + x / 2, from_y + edge + y / 2, steps=4)
    await page.mouse.move(from_x + x, from_y + edge + y, steps=4)


async def to_the_right(page: Page) -> float:
    """Return how far the next room's column is."""
    first, second = (
        page.locator(".ec-event", has_text="Panel"),
        page.locator(".ec-event", has_text="Sidang"),
    )
    return (await middle(second))[0] - (await middle(first))[0]


async def is_said(page: Page, words: str) -> None:
    await expect(page.locator("#said")).to_have_text(words)


class Finger:
    """A finger on the screen, which presses long and carries."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def down(self, x: float, y: float) -> None:
        self._line = await self._page.context.new_cdp_session(self._page)
        await self._send("touchStart", {"x": x, "y": y})

    async def move(self, x: float, y: float) -> None:
        await self._send("touchMove", {"x": x, "y": y})

    async def up(self) -> None:
        await self._send("touchEnd")

    async def _send(self, type: str, *points: dict[str, float]) -> None:
        event = {"type": type, "touchPoints": list(points)}
        await self._line.send("Input.dispatchTouchEvent", event)
