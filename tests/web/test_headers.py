"""What every answer carries, and what machines that watch are told."""

from eventhub.installation import Installation
from tests.callers import Client


async def test_every_page_is_hardened(client: Client) -> None:
    answer = await client.get("/manage/sign-in")

    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" not in answer.headers


async def test_the_language_asked_for_is_kept(client: Client) -> None:
    asked = await client.get("/manage/sign-in?lang=id", headers={"Accept-Language": "en"})
    later = await client.get("/manage/sign-in", headers={"Accept-Language": "en"})

    assert [asked.headers["Content-Language"], later.headers["Content-Language"]] == ["id", "id"]


async def test_a_proxys_request_number_is_kept_and_nonsense_is_not(client: Client) -> None:
    kept = await client.get("/healthz", headers={"X-Request-Id": "abc-12345678"})
    replaced = await client.get("/healthz", headers={"X-Request-Id": "a b"})

    assert kept.headers["X-Request-Id"] == "abc-12345678"
    assert len(replaced.headers["X-Request-Id"]) == 16


async def test_alive_ready_and_figures(client: Client, installation: Installation) -> None:
    alive = await client.get("/healthz")
    ready = await client.get("/readyz")
    figures = await client.get("/metrics")

    assert await alive.json() == {"status": "alive"}
    assert (ready.status, await ready.json()) == (200, {"status": "ready"})
    assert 'eventhub_requests_total{route="healthz",status="200"}' in await figures.text()
    assert installation.settings.secret not in await figures.text()


async def test_an_address_without_its_last_slash_leads_to_the_page(client: Client) -> None:
    manage = await client.get("/manage?lang=id", allow_redirects=False)
    nothing = await client.get("/no/such/page", allow_redirects=False)
    below = await client.post("/api/v1/events/", allow_redirects=False)

    assert (manage.status, manage.headers["Location"]) == (308, "/manage/?lang=id")
    assert (nothing.status, below.status) == (404, 404)


async def test_an_address_with_a_secret_tells_nobody_even_where_nothing_answers(
    client: Client,
) -> None:
    answer = await client.get("/p/no-such-token/nowhere")

    assert answer.status == 404
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cache-Control"].startswith("private")


async def test_a_page_in_somebodys_language_is_theirs_alone(client: Client) -> None:
    answer = await client.get("/")

    assert answer.headers["Cache-Control"] == "private, no-cache"
