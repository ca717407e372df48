"""Certificates: who gets one and when, what the paper says, and what its code vouches for."""

import asyncio
import io
import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from pypdf import PdfReader

from eventhub.cli import main
from eventhub.clock import set_clock
from eventhub.db.engine import Database
from eventhub.events import actions as events
from eventhub.events.model import Attendance
from eventhub.installation import Installation
from eventhub.language import Reader
from eventhub.participants.links import PersonalLinks
from eventhub.participants.tables import participants
from eventhub.reports import certificates
from eventhub.reports.certificate_paper import sentence
from eventhub.reports.certificates import Attended, Certificate
from eventhub.reports.model import ReportedSession
from eventhub.settings import Settings
from eventhub.streaming.tables import viewings
from eventhub.wording import render
from tests import make
from tests.callers import Client, bearer, signed_in
from tests.reports import world
from tests.standins.clock import StillClock

API = "/api/v1/events/rakortek/certificates"
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


def here(address: str) -> str:
    """Return the path of an address of this site."""
    return urlsplit(address).path


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


def test_the_days_on_the_paper_are_those_of_the_sessions_it_lists() -> None:
    def said(*days: str) -> str:
        attended = tuple(
            Attended(
                ReportedSession(
                    n,
                    f"s{n}",
                    "Sidang",
                    make.at("09:00", day),
                    make.at("10:00", day),
                    "Asia/Jakarta",
                ),
                Attendance.ONSITE,
                60,
            )
            for n, day in enumerate(days)
        )
        paper = Certificate(1, "x", "", "", "", "en", attended, make.at("15:00").date())
        event = make.event(starts_on=date(2021, 2, 1), ends_on=date(2021, 3, 31))
        return render(sentence(event, paper, Reader("en", event.zone)), Reader("en", event.zone))

    assert said("2021-02-18", "2021-02-25", "2021-03-10") == (
        "attended 3 sessions for 3 h in all, from Thursday, 18 February 2021 to Wednesday, 10 March 2021."
    )
    assert said("2021-02-18", "2021-02-18") == (
        "attended 2 sessions for 2 h in all, on Thursday, 18 February 2021."
    )


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


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (make.at("09:59"), ""),
        (make.at("09:44"), "corrected after it was made and now show less"),
        (None, "no longer kept"),
    ],
)
async def test_the_page_says_where_the_records_show_something_else_by_now(
    client: Client,
    database: Database,
    settings: Settings,
    clock: StillClock,
    left: datetime | None,
    told: str,
) -> None:
    await attended(database)
    clock.moment = AFTER
    (text,) = texts(await (await client.get(f"{page_of(settings, 4)}certificate.pdf")).read())
    address = re.search(r"/verify/([\w -]+)", text)
    assert address is not None
    async with database.transaction() as tx:
        mine = viewings.c.participant_id == 4
        if left is None:
            await tx.execute(sa.delete(viewings).where(mine))
        else:
            await tx.execute(viewings.update().where(mine).values(last_beat_at=left))

    answer = await client.get(f"/verify/{address[1].replace(' ', '')}?lang=en")

    said = await answer.text()
    assert "This certificate is genuine" in said
    assert told in said
    assert ("records of attendance" in said) == bool(told)


async def test_a_name_is_shown_as_text(
    client: Client, database: Database, settings: Settings, clock: StillClock
) -> None:
    await attended(database)
    clock.moment = AFTER
    async with database.transaction() as tx:
        named = "<img src=x onerror=alert(1)>"
        await tx.execute(participants.update().where(participants.c.id == 4).values(name=named))
        event = await events.get_event_by_id(tx, 1)
        certificate = await certificates.of_person(tx, event, 4, at=AFTER)
    assert certificate is not None

    answer = await client.get(f"/verify/{certificates.sign(settings.secret, certificate)}")
    paper = texts(await (await client.get(f"{page_of(settings, 4)}certificate.pdf")).read())

    assert "<img" not in await answer.text()
    assert "&lt;img src=x" in await answer.text()
    assert named in paper[0]


async def test_programs_list_certificates_and_fetch_one(
    client: Client, installation: Installation, database: Database, clock: StillClock
) -> None:
    await attended(database)
    headers = await bearer(installation, "organizer")
    early = await client.get(API, headers=headers)
    clock.moment = AFTER

    first = await (await client.get(f"{API}?limit=1", headers=headers)).json()
    rest = await (await client.get(f"{API}?cursor={first['next']}", headers=headers)).json()
    none = await (await client.get(f"{API}?delegation=nowhere", headers=headers)).json()
    paper = await client.get(here(first["items"][0]["pdf_url"]), headers=headers)
    missing = await client.get(f"{API}/3", headers=headers)
    found = [*first["items"], *rest["items"]]
    checked = await client.get(here(found[0]["verify_url"]))

    assert early.status == 409
    assert [(each["participant"], each["delegation"], each["minutes"]) for each in found] == [
        (4, "office-2", 60),
        (1, "office-1", 31),
    ]
    assert rest["next"] is None
    assert none["items"] == []
    assert (paper.status, paper.content_type, missing.status) == (200, "application/pdf", 404)
    assert "1 jam" in texts(await paper.read())[0]
    assert checked.status == 200


@pytest.mark.parametrize("role", ["viewer", "gate", "health", "streaming"])
async def test_only_organizers_programs_get_certificates(
    client: Client, installation: Installation, database: Database, clock: StillClock, role: str
) -> None:
    await attended(database)
    clock.moment = AFTER
    headers = await bearer(installation, role)

    answers = [await client.get(path, headers=headers) for path in (API, f"{API}/4")]

    assert [answer.status for answer in answers] == [403, 403]


def test_the_command_writes_one_file_or_one_for_each(tmp_path: Path) -> None:
    async def fill() -> None:
        database = Database(f"sqlite:///{tmp_path}/eventhub.db")
        await database.migrate()
        await attended(database)
        await database.close()

    asyncio.run(fill())
    set_clock(tmp_path, AFTER)
    command = ["--data", str(tmp_path), "certificates", "--event", "rakortek", "-o"]

    def run(name: str, *more: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, [*command, str(tmp_path / name), *more])
        return done.exit_code, done.output

    one, each = run("all.pdf"), run("each.zip", "--delegation", "office-2")
    wrong = [run("all.doc")[0], run("x.pdf", "--delegation", "nowhere")[0]]

    assert one == (0, f"{tmp_path}/all.pdf: 2 certificates.\n")
    assert each == (0, f"{tmp_path}/each.zip: 1 certificates.\n")
    assert len(texts((tmp_path / "all.pdf").read_bytes())) == 2
    with zipfile.ZipFile(tmp_path / "each.zip") as packed:
        (name,) = packed.namelist()
        assert "Kepala Bappeda Provinsi 4" in texts(packed.read(name))[0]
    assert name == "Bappeda Papua/Kepala Bappeda Provinsi 4 4.pdf"
    assert wrong == [2, 1]
