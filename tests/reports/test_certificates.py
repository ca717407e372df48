"""Certificates: who gets one and when, what the paper says, and what its code vouches for."""

import io
import re

import pytest
from pypdf import PdfReader

from eventhub.db.engine import Database
from eventhub.installation import Installation
from eventhub.participants.links import PersonalLinks
from eventhub.settings import Settings
from tests import make
from tests.callers import Client, signed_in
from tests.reports import world
from tests.standins.clock import StillClock

ALL = "/manage/rakortek/reports/certificates.pdf"
AFTER = make.at("15:00", "2021-02-26")


async def attended(database: Database) -> None:
    """Let person 1 stay 30 minutes of the opening in the room, person 4 watch all of it, and person 3 five minutes."""
    await world.stored(database)
    async with database.transaction() as tx:
        await world.visited(tx, 1, make.at("09:00"), make.at("09:30"))
        await world.watched(tx, 4, make.at("09:00"), make.at("09:59"))
        await world.watched(tx, 3, make.at("09:00"), make.at("09:04"), kind="meeting")


def page_of(settings: Settings, id: int) -> str:
    """Return the path of a personal page."""
    links = PersonalLinks(settings.secret, settings.base_url)
    return links.page_url(id, 1).removeprefix(settings.base_url)


def texts(pdf: bytes) -> list[str]:
    """Return what each page of a PDF says."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


async def test_who_attended_finds_a_certificate_on_their_page_once_the_event_is_over(
    client: Client, database: Database, settings: Settings, clock: StillClock
) -> None:
    await attended(database)
    early = await client.get(f"{page_of(settings, 4)}certificate.pdf")
    clock.moment = AFTER

    shown = await (await client.get(page_of(settings, 4))).text()
    answer = await client.get(f"{page_of(settings, 4)}certificate.pdf")
    other = await client.get(f"{page_of(settings, 3)}certificate.pdf")
    others_page = await (await client.get(page_of(settings, 3))).text()

    assert (early.status, answer.status, other.status) == (404, 200, 404)
    assert "certificate.pdf" in shown
    assert "certificate.pdf" not in others_page
    (text,) = texts(await answer.read())
    assert "Kepala Bappeda Provinsi 4" in text
    assert "Rapat Koordinasi Teknis" in text
    assert "Sertifikat kehadiran" in text
    assert "1 jam" in text
    assert "26 Februari 2021" in text


async def test_the_paper_leads_to_a_page_that_says_the_same(
    client: Client, database: Database, settings: Settings, clock: StillClock
) -> None:
    await attended(database)
    clock.moment = AFTER
    (text,) = texts(await (await client.get(f"{page_of(settings, 4)}certificate.pdf")).read())
    address = re.search(re.escape(settings.base_url) + r"/verify/([\w -]+)", text)
    assert address is not None
    token = address[1].replace(" ", "")

    answer = await client.get(f"/verify/{token}", headers={"Accept-Language": "en"})
    forged = await client.get(f"/verify/{token[:-2]}xx", headers={"Accept-Language": "en"})

    said = await answer.text()
    assert (answer.status, forged.status) == (200, 404)
    assert "Kepala Bappeda Provinsi 4" in said
    assert "Rapat Koordinasi Teknis" in said
    assert "1 h" in said
    assert "26 February 2021" in said
    assert "Bappeda Papua" not in said
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "Not a certificate of this site" in await forged.text()
    assert "Kepala" not in await forged.text()


@pytest.mark.parametrize("token", ["x", "AAAA", "%00", "é"])
async def test_anything_else_is_no_certificate(
    client: Client, database: Database, token: str
) -> None:
    await attended(database)

    assert (await client.get(f"/verify/{token}")).status == 404


async def test_organizers_print_those_of_a_delegation_of_a_person_or_all(
    client: Client, installation: Installation, database: Database, clock: StillClock
) -> None:
    await attended(database)
    await signed_in(client, installation, "organizer")
    early = await client.get(ALL)
    clock.moment = AFTER

    everybody = texts(await (await client.get(ALL)).read())
    office = texts(await (await client.get(f"{ALL}?delegation=office-2")).read())
    one = texts(await (await client.get(f"{ALL}?participant=1")).read())
    nobody = [await client.get(f"{ALL}?participant={id}") for id in ("3", "99", "x")]

    assert early.status == 409
    assert [len(everybody), len(office), len(one)] == [2, 1, 1]
    assert "Kepala Bappeda Provinsi 4" in office[0]
    assert "31 menit" in one[0]
    assert [each.status for each in nobody] == [404, 404, 404]


@pytest.mark.parametrize("role", ["viewer", "gate", "health", "streaming"])
async def test_only_organizers_print_certificates(
    client: Client, installation: Installation, database: Database, clock: StillClock, role: str
) -> None:
    await attended(database)
    clock.moment = AFTER
    await signed_in(client, installation, role)

    assert (await client.get(ALL)).status == 403


async def test_the_reports_lead_organizers_to_certificates(
    client: Client, installation: Installation, database: Database, clock: StillClock
) -> None:
    await attended(database)
    clock.moment = AFTER
    await signed_in(client, installation, "organizer")

    offices = await (await client.get("/manage/rakortek/reports/delegations?day=all")).text()
    opening = await (await client.get("/manage/rakortek/reports/sessions/opening")).text()

    assert "certificates.pdf?delegation=office-2" in offices
    assert "certificates.pdf?participant=4" in opening
    assert "certificates.pdf?participant=3" not in opening
