"""Every page of the sample event that a link leads to is there, renders, and is what its kind promises."""

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import aiohttp
import pytest

from scripts import docs
from scripts.serving import Server, served

DESK_DAY = "2021-03-01T09:30+07:00"
OF_EACH_KIND = 2
# They stream for ever.
ENDLESS = "/live/"


class Links(HTMLParser):
    """Collects where a page leads to and what it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep links, pictures, scripts and styles."""
        wanted = {"a": "href", "link": "href", "script": "src", "img": "src"}.get(tag)
        self.found += [value for name, value in attrs if name == wanted and value]


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[Server]:
    """Serve the sample event on the morning of a desk day."""
    data = tmp_path / "walked"
    data.mkdir()
    with served("demo", "--data", str(data), "--now", DESK_DAY, log=data / "log") as server:
        yield server


async def sign_in(visitor: aiohttp.ClientSession, said: dict[str, dict[str, str]]) -> None:
    """Sign the demo's organizer in, through the form."""
    form = await (await visitor.get("/manage/sign-in")).text()
    token = form.partition('name="csrf" value="')[2].partition('"')[0]
    answer = await visitor.post("/manage/sign-in", data={**said["sign_in"], "csrf": token})
    assert answer.status == 200


# The most particular address first, as it is matched.
ADDRESSES = sorted({path for _, path, _ in docs.routes()}, key=lambda path: path.count("{"))
PATTERNS = [(path, re.compile(re.sub(r"\{[^/]*\}", "[^/]+", path))) for path in ADDRESSES]


def kind(address: str) -> tuple[str, ...]:
    """Tell pages of one kind: the same route, and the same questions asked."""
    parts = urlsplit(address)
    asked = tuple(sorted(pair.partition("=")[0] for pair in parts.query.split("&")))
    route = next((path for path, pattern in PATTERNS if pattern.fullmatch(parts.path)), "files")
    return (route, *asked)


async def walk(visitor: aiohttp.ClientSession, base: str, starts: list[str]) -> dict[str, int]:
    """Follow links from the starts; return the status of each page seen."""
    waiting, seen, kinds = list(starts), dict[str, int](), Counter[tuple[str, ...]]()
    while waiting:
        path = waiting.pop(0)
        if path in seen or path.startswith(ENDLESS) or kinds[kind(path)] >= OF_EACH_KIND:
            continue
        kinds[kind(path)] += 1
        answer = await visitor.get(path)
        seen[path] = answer.status
        if answer.content_type == "text/html" and answer.status == 200:
            links = Links()
            links.feed(await answer.text())
            for link in links.found:
                url = urljoin(str(answer.url), link)
                if url.startswith(base + "/"):
                    waiting.append(url.removeprefix(base).partition("#")[0])
        else:
            await answer.read()
    return seen


@pytest.mark.slow
@pytest.mark.timeout(480)  # some hundred pages, twice, on a machine that may be busy
async def test_no_link_of_the_sample_event_is_dead_in_either_language(sample: Server) -> None:
    said = sample.said
    personal = [url.removeprefix(sample.base_url) for url in said["people"].values()]

    for language in ("id", "en"):
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(sample.base_url, cookie_jar=jar) as visitor:
            await visitor.get(f"/?lang={language}")
            await sign_in(visitor, said)
            seen = await walk(visitor, sample.base_url, ["/", "/manage/", "/api/docs", *personal])

        dead = {path: status for path, status in seen.items() if status >= 400}
        # A join link opens a quarter of an hour before its session.
        assert {p: s for p, s in dead.items() if not (p.startswith("/j/") and s == 425)} == {}
        assert len(seen) > 60
