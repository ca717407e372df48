"""What organizers see and do about people: lists, forms, import and export, on both engines."""

import io
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from eventhub.db.engine import Database
from eventhub.installation import Installation
from eventhub.participants.spreadsheet import read_spreadsheet
from eventhub.participants.tables import delegations, participants
from tests import make
from tests.callers import Client, signed_in
from tests.participants.statements import counted

HERE = "/manage/rakortek/people"
LONG = "Dinas Pengendalian Penduduk dan Keluarga Berencana Provinsi Kepulauan Bangka Belitung"


async def names(database: Database) -> list[str]:
    async with database.reading() as tx:
        return list(
            (await tx.execute(sa.select(participants.c.name).order_by(participants.c.id))).scalars()
        )


async def text(client: Client, path: str, **options: Any) -> str:
    answer = await client.get(path, **options)
    assert answer.status == 200, await answer.text()
    return await answer.text()


async def uploaded(client: Client, csrf: str, content: bytes, **fields: str) -> tuple[int, str]:
    form = aiohttp.FormData({"csrf": csrf, **fields})
    form.add_field("file", io.BytesIO(content), filename="peserta.csv")
    answer = await client.post(f"{HERE}/import?lang=en", data=form)
    return answer.status, await answer.text()


async def test_the_list_shows_a_page_at_a_time_and_says_of_how_many(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(
        database,
        make.event(),
        make.delegation(1, name=LONG),
        *(make.participant(id, name=f"Peserta {id:03d}") for id in range(1, 53)),
    )
    await signed_in(client, installation, "organizer")

    first = await text(client, f"{HERE}?lang=en")
    second = await text(client, f"{HERE}?lang=en&start=50")
    found = await text(client, f"{HERE}?lang=en&q=peserta+007")
    none = await text(client, f"{HERE}?lang=en&q=nobody&attendance=stream")

    assert "50 of 52" in first
    assert ("Peserta 050" in first, "Peserta 051" in first) == (True, False)
    assert ("Peserta 050" in second, "Peserta 051" in second) == (False, True)
    assert "1 of 1" in found
    assert "Nobody matches" in none


async def test_a_viewer_sees_no_contacts_and_may_change_nothing(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(database, make.event(), make.delegation(1), make.participant(1))
    csrf = await signed_in(client, installation, "viewer")

    listed = await text(client, HERE)
    shown = await text(client, f"{HERE}/1")
    exported = await (await client.get(f"{HERE}.csv")).text()
    refused = [
        (await client.post(f"{HERE}/1/{act}", data={"csrf": csrf})).status
        for act in ("edit", "remove", "renew")
    ]

    assert "kepala-1@example.org" not in listed + shown + exported
    assert "/p/" not in shown
    assert refused == [403, 403, 403]
    assert await names(database) == ["Kepala Bappeda Provinsi 1"]


async def test_a_participant_is_added_changed_and_removed(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(database, make.event(), make.delegation(1), make.delegation(2, name="Sekda"))
    csrf = await signed_in(client, installation, "organizer")
    fields = {"csrf": csrf, "name": "A", "delegation": "sekda", "language": "id", "attendance": ""}

    added = await client.post(f"{HERE}/new", data=fields, allow_redirects=False)
    where = added.headers["Location"]
    form = await text(client, f"{where}/edit")
    changed = await client.post(
        f"{where}/edit",
        data=fields | {"name": "B", "attendance": "stream", "version": "1"},
        allow_redirects=False,
    )
    stale = await client.post(
        f"{where}/edit", data=fields | {"attendance": "stream", "version": "1"}
    )
    after = await names(database)
    removed = await client.post(f"{where}/remove", data={"csrf": csrf}, allow_redirects=False)

    assert (added.status, changed.status, stale.status, removed.status) == (303, 303, 412, 303)
    assert 'value="office-2"' in form
    assert after == ["B"]
    assert await names(database) == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"delegation": ""}, "Write the person&#39;s delegation."),
        ({"delegation": "nowhere"}, "There is no delegation nowhere."),
        ({"delegation": "a\x00b"}, "Control characters are not allowed."),
        ({"position": "a\x07b"}, "Control characters are not allowed."),
        ({"in_place_of": "x" * 201}, "This is too long: at most 200 characters."),
        ({"delegation": "Twin"}, "Several delegations are called so."),
        ({"name": ""}, "This field is needed."),
        ({"email": "no address"}, "This is no e-mail address."),
        ({"phone": "abc"}, "This is no phone number."),
        ({"delegation": "full"}, "Penuh may name 0 participants and has named them."),
    ],
)
async def test_a_refused_form_keeps_what_was_typed(
    client: Client,
    installation: Installation,
    database: Database,
    fields: dict[str, str],
    sentence: str,
) -> None:
    await make.stored(
        database,
        make.event(),
        make.delegation(1),
        make.delegation(2, name="Twin"),
        make.delegation(3, name="Twin"),
        make.delegation(4, code="full", name="Penuh", quota=0),
    )
    csrf = await signed_in(client, installation, "organizer")
    typed = {"csrf": csrf, "name": "Nama Panjang", "position": "Plt.", "delegation": "office-1"}
    kept = "Nama Panjang" if "position" in fields else "Plt."

    answer = await client.post(f"{HERE}/new?lang=en", data=typed | {"language": "id"} | fields)
    shown = await answer.text()

    assert answer.status in {409, 422}
    assert sentence in shown
    assert f'value="{kept}"' in shown
    assert await names(database) == []


async def test_new_links_replace_the_old_ones(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(database, make.event(), make.delegation(1), make.participant(1))
    csrf = await signed_in(client, installation, "organizer")

    before = await text(client, f"{HERE}/1")
    await client.post(f"{HERE}/1/renew", data={"csrf": csrf})
    after = await text(client, f"{HERE}/1")

    def link(page: str) -> str:
        return page.partition(f"{installation.settings.base_url}/p/")[2].partition('"')[0]

    assert "" != link(before) != link(after) != ""


async def test_delegations_are_listed_added_changed_and_removed(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(database, make.event(), make.delegation(1, quota=3), make.participant(1))
    csrf = await signed_in(client, installation, "organizer")
    where = "/manage/rakortek/delegations"
    fields = {"csrf": csrf, "name": LONG, "kind": "agency", "attendance": "stream"}

    added = await client.post(
        f"{where}/new", data=fields | {"code": "bkkbn"}, allow_redirects=False
    )
    listed = await text(client, f"{where}?lang=en")
    form = await text(client, f"{where}/bkkbn")
    changed = await client.post(
        f"{where}/bkkbn",
        data=fields | {"parent": "office-1", "quota": "2", "version": "1"},
        allow_redirects=False,
    )
    kept = await client.post(f"{where}/office-1/remove?lang=en", data={"csrf": csrf})
    removed = await client.post(f"{where}/bkkbn/remove", data={"csrf": csrf}, allow_redirects=False)

    assert (added.status, changed.status, kept.status, removed.status) == (303, 303, 409, 303)
    assert LONG in listed
    assert "1 of 3" in listed
    assert 'name="version" value="1"' in form
    assert "has participants" in await kept.text()
    async with database.reading() as tx:
        assert list((await tx.execute(sa.select(delegations.c.code))).scalars()) == ["office-1"]


async def test_a_list_is_checked_then_imported_and_faulty_rows_are_shown(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(database, make.event(), make.delegation(1))
    csrf = await signed_in(client, installation, "organizer")
    content = b"Nama;Instansi;Surel\nA;office-1;a@example.org\nB;office-1;no address\n"

    checked = await uploaded(client, csrf, content, dry_run="1")
    after_check = await names(database)
    imported = await uploaded(client, csrf, content)

    assert (checked[0], imported[0]) == (200, 200)
    assert "This was only a check of peserta.csv. Nothing is written yet." in checked[1]
    assert "Row 3" in imported[1]
    assert "“no address” is no e-mail address." in imported[1]
    assert (after_check, await names(database)) == ([], ["A"])


@pytest.mark.parametrize(
    ("content", "status", "sentence"),
    [
        (b"", 400, "The file is empty."),
        (b"\x89PNG\r\n", 400, "This is a picture, not a spreadsheet."),
        (b"PK\x03\x04", 400, "The workbook is broken."),
        (b"Jabatan,Surel\nx,y\n", 422, "The file has no column for the name."),
        (b"a" * 20_000_001, 413, "The file is larger than 20 MB."),
        (b"a" * 20_200_000, 413, "This is too large"),
    ],
)
async def test_what_is_no_list_is_refused_on_the_page(
    client: Client,
    installation: Installation,
    database: Database,
    content: bytes,
    status: int,
    sentence: str,
) -> None:
    await make.stored(database, make.event())
    csrf = await signed_in(client, installation, "organizer")

    answered, shown = await uploaded(client, csrf, content)

    assert answered == status
    assert sentence in shown
    assert await names(database) == []


async def test_the_export_comes_back_unchanged_and_holds_no_formula(
    client: Client, installation: Installation, database: Database
) -> None:
    await make.stored(
        database,
        make.event(),
        make.delegation(1, name="Papua"),
        make.delegation(2, name=LONG, parent="office-1", kind="agency"),
        make.participant(1, name="=HYPERLINK(1)", phone="+62812345", attendance="meeting"),
        make.participant(2, name="Drs. Kepala, M.Si.", delegation_id=2, in_place_of="Gubernur"),
    )
    csrf = await signed_in(client, installation, "organizer")

    files = [await (await client.get(f"{HERE}.{form}?lang=id")).read() for form in ("csv", "xlsx")]
    pages = [await uploaded(client, csrf, content) for content in files]

    assert b"'=HYPERLINK(1)" in files[0]
    assert read_spreadsheet(files[0]) == read_spreadsheet(files[1])
    for status, shown in pages:
        assert status == 200
        assert "<b>2</b><span>Unchanged" in shown.replace("\n", "")


@pytest.mark.parametrize("path", [HERE, "/manage/rakortek/delegations", f"{HERE}.csv"])
async def test_three_take_the_same_number_of_queries_as_one(
    client: Client, installation: Installation, database: Database, path: str
) -> None:
    await make.stored(database, make.event(), make.delegation(1), make.participant(1))
    await signed_in(client, installation, "organizer")

    with counted() as one:
        await client.get(path)
    await make.stored(
        database,
        make.delegation(2),
        make.delegation(3),
        make.participant(2, delegation_id=2),
        make.participant(3, delegation_id=3),
    )
    with counted() as three:
        await client.get(path)

    assert len(three) == len(one)
