"""A participant's own page."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO

import pytest
import sqlalchemy as sa
import zxingcpp
from aiohttp import ClientResponse
from PIL import Image

from eventhub.checkin import declaring
from eventhub.checkin.model import Declaration
from eventhub.db.engine import Database
from eventhub.installation import Installation
from eventhub.participants.tables import participants, rsvps
from tests import make
from tests.callers import Client
from tests.personal.conftest import AGENCY, DIRECTOR, GOVERNOR, Addresses
from tests.standins.clock import StillClock

pytestmark = pytest.mark.usefixtures("published")
DEAD = "Tautan ini tidak berlaku"


async def answers(database: Database) -> Sequence[tuple[int, str, str]]:
    async with database.reading() as tx:
        rows = await tx.execute(
            sa.select(rsvps.c.participant_id, rsvps.c.session_code, rsvps.c.status).order_by(
                rsvps.c.session_code
            )
        )
        return [tuple(row) for row in rows]


async def post(client: Client, path: str, **form: str) -> ClientResponse:
    return await client.post(path, data=form, allow_redirects=False)


async def test_a_governor_reads_what_is_next_in_both_zones(
    client: Client, links: Addresses
) -> None:
    answer = await client.get(links.page(GOVERNOR))

    page = await answer.text()
    assert answer.status == 200
    assert "Gubernur Papua" in page
    assert "Pembukaan" in page
    assert "09.00–10.00 WIB" in page
    assert "11.00–12.00 WIT" in page
    assert "Dibuka pukul 08.45 WIB." in page
    assert links.join(GOVERNOR, 1) in page
    assert "Tampilkan tiket saya" not in page


async def test_the_page_is_private(client: Client, links: Addresses) -> None:
    answer = await client.get(links.page(GOVERNOR))

    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"].startswith("private")
    assert answer.headers["X-Robots-Tag"] == "noindex"


async def test_the_way_in_is_open_from_a_quarter_of_an_hour_before(
    client: Client, links: Addresses, clock: StillClock
) -> None:
    clock.moment = make.at("08:45")

    page = await (await client.get(links.page(GOVERNOR))).text()

    assert "Dibuka pukul" not in page
    assert 'class="button large meeting"' in page


async def test_a_viewer_sees_only_what_they_may_watch(client: Client, links: Addresses) -> None:
    page = await (await client.get(links.page(AGENCY))).text()

    assert "Tonton siaran" in page
    assert "Desk Kesehatan" not in page
    assert "meet.example.org" not in page


async def test_somebody_on_site_has_their_ticket_one_tap_away(
    client: Client, links: Addresses
) -> None:
    page = await (await client.get(links.page(DIRECTOR))).text()

    assert 'href="ticket"' in page
    assert "Sasana Bhakti Praja, Gedung C" in page
    assert "/j/" not in page


async def test_an_answer_is_kept_and_can_be_changed(
    client: Client, links: Addresses, database: Database
) -> None:
    page = links.page(GOVERNOR)

    first = await post(client, page + "answer", answer="opening:accepted")
    await post(client, page + "answer", answer="desk-kesehatan:tentative")
    await post(client, page + "answer", answer="opening:declined")

    assert first.status == 303
    assert first.headers["Location"].endswith("/#s-opening")
    assert await answers(database) == [
        (GOVERNOR, "desk-kesehatan", "tentative"),
        (GOVERNOR, "opening", "declined"),
    ]
    shown = await (await client.get(page)).text()
    assert 'value="opening:declined" aria-pressed="true"' in shown
    assert '<h2 id="coming">Desk Kesehatan</h2>' in shown


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("opening:delegated", 422),
        ("opening:yes", 422),
        ("opening", 422),
        ("desk-kesehatan:accepted", 404),
        ("nowhere:accepted", 404),
    ],
)
async def test_what_is_no_answer_to_their_own_session_changes_nothing(
    client: Client, links: Addresses, database: Database, given: str, status: int
) -> None:
    answer = await post(client, links.page(AGENCY) + "answer", answer=given)

    assert answer.status == status
    assert await answers(database) == []


async def test_a_session_that_is_over_takes_no_answer(
    client: Client, links: Addresses, database: Database, clock: StillClock
) -> None:
    clock.moment = make.at("10:00")

    answer = await post(client, links.page(GOVERNOR) + "answer", answer="opening:accepted")

    assert answer.status == 409
    assert "Pembukaan sudah selesai" in await answer.text()
    assert await answers(database) == []


async def test_another_sites_page_cannot_answer(
    client: Client, links: Addresses, database: Database
) -> None:
    answer = await client.post(
        links.page(GOVERNOR) + "answer",
        data={"answer": "opening:accepted"},
        headers={"Origin": "https://elsewhere.example.org"},
    )

    assert answer.status == 403
    assert await answers(database) == []


async def test_a_renewed_link_kills_the_old_one_and_says_what_to_do(
    client: Client, links: Addresses, installation: Installation
) -> None:
    async with installation.database.transaction() as tx:
        await tx.execute(
            participants.update().where(participants.c.id == GOVERNOR).values(link_generation=2)
        )

    old = await client.get(links.page(GOVERNOR), headers={"Accept-Language": "id"})
    new = await client.get(links.page(GOVERNOR, 2))

    assert old.status == 404
    assert DEAD in await old.text()
    assert new.status == 200


@pytest.mark.parametrize("token", ["x", "AAAA", "é", "a" * 3000])
async def test_an_unknown_token_says_what_to_do(client: Client, token: str) -> None:
    for path in (f"/p/{token}/", f"/p/{token}/agenda.ics", f"/p/{token}/ticket", f"/f/{token}.ics"):
        answer = await client.get(path, headers={"Accept-Language": "id"})

        assert answer.status == 404
        assert DEAD in await answer.text()


async def test_one_links_token_opens_no_other_kind(client: Client, links: Addresses) -> None:
    feed = links.feed(GOVERNOR).rpartition("/")[2].removesuffix(".ics")
    join = links.join(GOVERNOR, 1).rpartition("/")[2]

    assert (await client.get(f"/p/{feed}/")).status == 404
    assert (await client.get(f"/p/{join}/")).status == 404


async def test_the_page_speaks_the_persons_language_until_another_is_chosen(
    client: Client, links: Addresses
) -> None:
    page = links.page(GOVERNOR)

    theirs = await (await client.get(page, headers={"Accept-Language": "en"})).text()
    chosen = await (await client.get(page + "?lang=en")).text()

    assert "Agenda saya" in theirs
    assert "My agenda" in chosen


async def test_a_declaration_is_asked_once_a_day_of_those_who_come(
    client: Client, links: Addresses, database: Database
) -> None:
    page = links.page(DIRECTOR)
    asked = await (await client.get(page)).text()

    answer = await post(client, page + "declaration", symptoms="no", contact="yes", travel="no")

    assert answer.status == 303
    assert "Pernyataan kesehatan untuk Kam 25 Feb 2021" in asked
    assert "Pernyataan kesehatan" not in await (await client.get(page)).text()
    async with database.reading() as tx:
        assert await declaring.find_declaration(tx, DIRECTOR, date(2021, 2, 25)) == Declaration(
            date(2021, 2, 25), symptoms=False, contact=True, travel=False
        )


async def test_nobody_afar_is_asked_for_a_declaration(client: Client, links: Addresses) -> None:
    page = await (await client.get(links.page(GOVERNOR))).text()

    assert "Pernyataan kesehatan" not in page


async def test_a_declaration_with_a_question_left_out_is_not_kept(
    client: Client, links: Addresses, database: Database
) -> None:
    answer = await post(
        client, links.page(DIRECTOR) + "declaration", symptoms="no", contact="maybe"
    )

    assert answer.status == 422
    assert "Silakan jawab setiap pertanyaan dengan ya atau tidak." in await answer.text()
    async with database.reading() as tx:
        assert await declaring.find_declaration(tx, DIRECTOR, date(2021, 2, 25)) is None


async def test_the_ticket_is_the_same_on_screen_and_as_pictures(
    client: Client, links: Addresses
) -> None:
    page = links.page(DIRECTOR)

    screen = await (await client.get(page + "ticket")).text()
    svg = await client.get(page + "ticket.svg")
    png = await client.get(page + "ticket.png")

    assert svg.content_type == "image/svg+xml"
    assert await svg.text() in screen
    picture = Image.open(BytesIO(await png.read()))
    text = zxingcpp.read_barcodes(picture.convert("L"))[0].text
    assert len(text) == 122
    assert " ".join(text[i : i + 4] for i in range(0, len(text), 4)) in screen


async def test_who_attends_from_afar_has_no_ticket(client: Client, links: Addresses) -> None:
    for name in ("ticket", "ticket.svg", "ticket.png"):
        assert (await client.get(links.page(GOVERNOR) + name)).status == 404


async def test_a_longer_agenda_takes_no_more_statements(
    client: Client, installation: Installation, links: Addresses
) -> None:
    async def statements(person: int) -> int:
        seen: list[str] = []

        def note(*call: object) -> None:
            seen.append(str(call[2]))

        sa.event.listen(sa.Engine, "before_cursor_execute", note)
        await client.get(links.page(person))
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
        return len([one for one in seen if one.startswith("SELECT")])

    # On SQLite the person and the agenda are read past SQLAlchemy.
    expected = 5 if installation.database.is_sqlite else 7
    assert await statements(AGENCY) == await statements(GOVERNOR) == expected
