"""The programme on paper, read back from the PDF."""

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from pypdf import PdfReader

from eventhub.installation import Installation
from eventhub.language import Reader
from eventhub.sessions import actions, printed
from eventhub.sessions.model import Format, Release, Released, SessionState
from eventhub.sessions.printed import Rundown
from tests import callers, make
from tests.callers import Client
from tests.sessions.exchange.test_writing_schedules import released

EVENT = make.event()
RELEASE = Release(1, 1, 3, "", make.at("08:00", "2021-02-20"))
AT = make.at("08:00", "2021-02-21")


def pages(content: bytes) -> list[str]:
    """Return the text of each page, on single spaces."""
    return [
        re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(io.BytesIO(content)).pages
    ]


def rundown(*sessions: Released, is_draft: bool = False) -> Rundown:
    return Rundown(EVENT, sessions, None if is_draft else RELEASE, AT)


def rows(day: dict[str, Sequence[dict[str, Sequence[dict[str, object]]]]]) -> list[object]:
    """Return the times of a day's tables."""
    return [row["times"] for room in day["rooms"] for row in room["rows"]]


async def test_a_rundown_tells_each_day_and_room_with_the_three_clocks_side_by_side() -> None:
    sessions = [
        released(1, title="Pembukaan", speakers=((1, "Menteri"),), track="Pleno"),
        released(2, title="Panel", room_name="Ruang 10", format=Format.HYBRID, stream=True),
        released(
            3,
            title="Penutupan #[x] $y$ <b>",
            starts_at=make.at("13:00", "2021-02-26"),
            ends_at=make.at("14:00", "2021-02-26"),
        ),
    ]

    first, second = pages(await printed.write_pdf(rundown(*sessions), "id"))

    assert "Rapat Koordinasi Teknis" in first
    assert "Kamis, 25 Februari 2021" in first
    assert "Rilis 3, Sab 20 Feb 2021, 08.00 WIB" in first
    assert "Waktu dalam WIB. Di sampingnya waktu yang sama menurut WITA, WIT." in first
    assert "WIB WITA WIT Sesi Cara hadir 09.00–10.00 10.00–11.00 11.00–12.00 Pembukaan" in first
    assert "Pleno · Menteri" in first
    assert "Di tempat, Siaran" in first
    assert "Jumat, 26 Februari 2021" in second
    assert "13.00–14.00 14.00–15.00 15.00–16.00 Penutupan #[x] $y$ <b>" in second
    assert "DRAF" not in first + second


async def test_every_page_of_a_draft_says_so() -> None:
    sessions = [
        released(n, starts_at=start, ends_at=start + timedelta(hours=1))
        for n, start in enumerate([make.at("09:00"), make.at("09:00", "2021-02-26")], start=1)
    ]

    told = pages(await printed.write_pdf(rundown(*sessions, is_draft=True), "en"))

    assert len(told) == 2
    assert all("DRAFT" in page for page in told)
    assert all("Draft of Sun 21 Feb 2021, 08:00 WIB" in page for page in told)


def test_rooms_come_by_building_and_number_and_what_all_share_is_told_once() -> None:
    shared = {"track": "Desk", "speakers": ((1, "Moderator"),)}
    sessions = [
        released(1, room_name="Ruang 10", **shared),
        released(2, room_name="Ruang 2", **shared),
        released(3, room_name="Ruang 2", starts_at=make.at("10:00"), ends_at=make.at("11:00"), **shared),
        released(4, room_name="", building="", room_code=None, track="", stream=True),
    ]  # fmt: skip

    (day,) = printed.data_of(rundown(*sessions), Reader("en", EVENT.zone))["days"]

    assert [(room["name"], room["detail"]) for room in day["rooms"]] == [
        ("Ruang 2", "Desk · Moderator"),
        ("Ruang 10", ""),
        ("Online", ""),
    ]
    assert [row["detail"] for row in day["rooms"][1]["rows"]] == ["Desk · Moderator"]


def test_times_after_midnight_stand_under_their_day_and_say_so() -> None:
    night = released(starts_at=make.at("23:30"), ends_at=make.at("01:00", "2021-02-26"))

    data = printed.data_of(rundown(night), Reader("en", EVENT.zone))

    assert rows(data["days"][0]) == [
        ["23:30–01:00\u00a0+1", "00:30\u00a0+1–02:00\u00a0+1", "01:30\u00a0+1–03:00\u00a0+1"]
    ]
    assert data["zones"].endswith("+1 means the day after.")


def test_where_the_clock_changes_the_letters_say_which_is_meant() -> None:
    berlin = make.event(
        time_zone="Europe/Berlin", starts_on=date(2021, 3, 27), ends_on=date(2021, 3, 28)
    )
    sessions = [
        released(n, starts_at=start, ends_at=start + timedelta(hours=1), time_zone="Europe/Berlin")
        for n, start in enumerate(
            [datetime(2021, 3, 28, 0, 30, tzinfo=UTC), datetime(2021, 3, 28, 8, 0, tzinfo=UTC)]
        )
    ]
    asked = replace(rundown(*sessions), event=berlin)

    data = printed.data_of(asked, Reader("en", berlin.zone))

    assert [day["zones"] for day in data["days"]] == [["CET"], ["CEST"]]
    assert [rows(day) for day in data["days"]] == [
        [["01:30\u00a0+1–03:30\u00a0CEST\u00a0+1"]],
        [["10:00–11:00"]],
    ]
    assert data["note"] == "Times are in CET/CEST."


def test_a_cancelled_session_stays_and_says_so() -> None:
    data = printed.data_of(
        rundown(released(state=SessionState.CANCELLED)), Reader("en", EVENT.zone)
    )

    assert data["days"][0]["rooms"][0]["rows"][0]["off"] == "Cancelled"


async def test_a_thousand_sessions_are_printed() -> None:
    start = make.at("08:00")
    hours = [start + timedelta(hours=n) for n in range(36)]
    sessions = [
        released(
            n,
            room_name=f"Ruang {n % 34}",
            starts_at=hours[n // 34],
            ends_at=hours[n // 34] + timedelta(minutes=50),
        )
        for n in range(1, 1181)
    ]

    told = pages(await printed.write_pdf(rundown(*sessions), "id"))

    assert sum(page.count("Sidang ") for page in told) == 1180


async def test_the_public_gets_the_release_and_organizers_the_draft(
    client: Client, installation: Installation
) -> None:
    event = make.event()
    await make.stored(
        installation.database, event, make.room(), make.session(code="buka", title="Pembukaan")
    )
    await callers.signed_in(client, installation, "organizer")
    before = (await client.get("/rakortek/programme.pdf")).status
    async with installation.database.transaction() as tx:
        await actions.publish(tx, event, note="", notify="none", who="test", at=AT)
        session = await actions.get_session(tx, 1, "buka")
        await actions.change_session(tx, event, session, {"title": "Sidang pertama"}, at=AT)

    public = await client.get("/rakortek/programme.pdf?lang=en")
    again = await client.get(
        "/rakortek/programme.pdf?lang=en", headers={"If-None-Match": public.headers["ETag"]}
    )
    draft = await client.get("/manage/rakortek/programme.pdf?lang=en")

    assert (before, public.status, again.status, draft.status) == (404, 200, 304, 200)
    assert public.content_type == draft.content_type == "application/pdf"
    (page,), (drafted,) = pages(await public.read()), pages(await draft.read())
    assert ("Pembukaan" in page, "DRAFT" in page) == (True, False)
    assert ("Sidang pertama" in drafted, "DRAFT" in drafted) == (True, True)
