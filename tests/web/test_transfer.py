"""How answers travel over a slow line."""

from eventhub.installation import Installation
from eventhub.sessions import actions
from tests import callers, make
from tests.callers import Client

GZIP = {"Accept-Encoding": "gzip"}


async def publish(installation: Installation) -> None:
    event = make.event()
    await make.stored(installation.database, event, make.room(), make.session())
    async with installation.database.transaction() as tx:
        await actions.publish(tx, event, note="", notify="none", who="command", at=make.at("08:00"))


async def test_static_files_shrink_for_who_can_read_it_and_are_whole_for_others(
    client: Client,
) -> None:
    small = await client.get("/static/site.css", headers=GZIP)
    plain = await client.get("/static/site.css", headers={"Accept-Encoding": "identity"})
    part = await client.get("/static/site.css", headers={**GZIP, "Range": "bytes=0-9"})

    assert small.headers["Content-Encoding"] == "gzip"
    assert small.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in plain.headers
    assert await small.read() == await plain.read()
    assert (part.status, await part.read()) == (206, (await plain.read())[:10])


async def test_a_static_file_with_its_mark_is_kept_for_a_year_and_another_asked_for_again(
    client: Client,
) -> None:
    marked = await client.get("/static/site.css?v=0123456789")
    bare = await client.get("/static/site.css")
    again = await client.get("/static/site.css", headers={"If-None-Match": bare.headers["ETag"]})

    assert marked.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert bare.headers["Cache-Control"] == "no-cache"
    assert again.status == 304


async def test_public_pages_and_files_shrink(client: Client, installation: Installation) -> None:
    await publish(installation)

    encodings = [
        (await client.get(path, headers=GZIP)).headers.get("Content-Encoding")
        for path in (
            "/",
            "/rakortek/",
            "/rakortek/?day=all",
            "/rakortek/programme.ics",
            "/rakortek/programme.csv",
        )
    ]

    assert encodings == ["gzip"] * 5


async def test_pages_with_a_form_token_do_not_shrink(
    client: Client, installation: Installation
) -> None:
    await publish(installation)
    await callers.signed_in(client, installation, "organizer")

    encodings = [
        (await client.get(path, headers=GZIP)).headers.get("Content-Encoding")
        for path in ("/manage/sign-in", "/manage/", "/manage/rakortek/programme")
    ]

    assert encodings == [None] * 3


async def test_the_calendar_is_not_sent_twice_to_who_takes_it_shrunk(
    client: Client, installation: Installation
) -> None:
    await publish(installation)

    first = await client.get("/rakortek/programme.ics", headers=GZIP)
    again = await client.get(
        "/rakortek/programme.ics", headers={**GZIP, "If-None-Match": first.headers["ETag"]}
    )

    assert (first.status, again.status) == (200, 304)
    assert (await first.text()).startswith("BEGIN:VCALENDAR")
