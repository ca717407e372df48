import pytest
from playwright.async_api import Browser


@pytest.mark.browser
async def test_a_page_opens_in_chromium(browser: Browser) -> None:
    page = await browser.new_page()

    await page.goto("data:text/html,<title>eventhub</title>")

    assert await page.title() == "eventhub"
