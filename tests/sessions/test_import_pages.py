"""A file over an existing programme: what is new, moved and gone is shown, then exactly that is done."""

from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import FormData

from eventhub.events.actions import get_event
from eventhub.events.tables import rooms
from eventhub.installation import Installation
from eventhub.sessions import actions
from eventhub.sessions.model import AnySession, Session, SessionState, Unscheduled
from eventhub.sessions.tables import uploads
from tests import callers, make
from tests.callers import Client

IMPORT = "/manage/rakortek/programme/import"
FILE = """code,title,date,start,end,room
session-1,Sidang 1,2021-02-25,09:00,10:00,Ruang 1
session-2,Sidang 2,2021-02-25,11:00,12:00,Ruang 1
,Sidang baru,2021-02-26,09:00,10:00,Aula
"""


@pytest.fixture
async def published(installation: Installation) -> Installation:
    """Publish four sessions, of which the file knows two, one at another time; and draft one it does not know."""
    await make.stored(
        installation.database,
        make.event(),
        make.room(),
        make.session(1),
        make.session(2, starts_at=make.at("10:00"), ends_at=make.at("11:00")),
        make.session(3, starts_at=make.at("13:00"), ends_at=make.at("14:00")),
    )
    async with installation.database.transaction() as tx:
        event, at = await get_event(tx, "rakortek"), installation.clock.now()
        await actions.publish(tx, event, note="", notify="none", who="test", at=at)
        draft = make.session(0, code="draf", starts_at=make.at("15:00"), ends_at=make.at("16:00"))
        await actions.add_session(tx, event, draft, at=at)
    return installation


async def everything(installation: Installation) -> dict[str, Session | Unscheduled]:
    async with installation.database.reading() as tx:
        scheduled = await actions.list_sessions(tx, 1, actions.Wanted())
        every: list[AnySession] = [*scheduled, *await actions.list_unscheduled(tx, 1)]
    return {session.code: session for session in every}


async def uploaded(client: Client, csrf: str, content: str, **fields: str) -> Any:
    form = FormData({"csrf": csrf, "zone": "Asia/Jakarta", **fields})
    form.add_field("file", content.encode(), filename="jadwal.csv", content_type="text/csv")
    return await client.post(f"{IMPORT}?lang=en", data=form, allow_redirects=False)


async def looked(client: Client, address: str, gone: str = "keep") -> tuple[str, str]:
    text = await (await client.get(address, params={"gone": gone, "lang": "en"})).text()
    return text, text.split('name="seen" value="')[1].split('"')[0]


async def test_a_file_without_a_needed_column_is_refused_in_words_on_its_page(
    client: Client, published: Installation
) -> None:
    csrf = await callers.signed_in(client, published, "organizer")

    answer = await uploaded(client, csrf, "title\nSidang\n")

    assert answer.status == 422
    assert "The file has no column for the time." in await answer.text()


async def test_what_is_new_moved_and_gone_is_shown_and_then_done(
    client: Client, published: Installation
) -> None:
    csrf = await callers.signed_in(client, published, "organizer")
    before = await everything(published)

    answer = await uploaded(client, csrf, FILE)
    address = answer.headers["Location"]
    text, seen = await looked(client, address)
    unchanged = await everything(published)
    done = await client.post(
        address, data={"csrf": csrf, "seen": seen, "gone": "keep"}, allow_redirects=False
    )
    after = await everything(published)

    assert answer.status == 303
    assert "Sidang 2 moves from Thu 25 Feb 2021, 10:00 WIB to Thu 25 Feb 2021, 11:00 WIB." in text
    assert "Sidang baru is new: Fri 26 Feb 2021, 09:00 WIB." in text
    assert "New rooms are made: Aula." in text
    assert "2 sessions are not in the file" in text
    assert unchanged == before
    assert done.status == 303
    assert after.keys() - before.keys() == {"sidang-baru"}
    moved = after["session-2"]
    assert isinstance(moved, Session)
    assert moved.starts_at == make.at("11:00")
    kept = {"session-1", "session-3", "draf"}
    assert {code: after[code] for code in kept} == {code: before[code] for code in kept}
    async with published.database.reading() as tx:
        assert (await tx.execute(sa.select(sa.func.count()).select_from(uploads))).scalar_one() == 0


@pytest.mark.parametrize(
    ("gone", "published_one", "draft"),
    [("tray", Unscheduled, Unscheduled), ("cancel", SessionState.CANCELLED, None)],
)
async def test_what_is_not_in_the_file_goes_where_it_is_chosen_to_and_comes_back(
    client: Client, published: Installation, gone: str, published_one: Any, draft: Any
) -> None:
    csrf = await callers.signed_in(client, published, "organizer")
    before = await everything(published)
    address = (await uploaded(client, csrf, FILE)).headers["Location"]

    _, seen = await looked(client, address, gone)
    data = {"csrf": csrf, "seen": seen, "gone": gone}
    await client.post(address, data=data, allow_redirects=False)
    after = await everything(published)
    back = f"{IMPORT.removesuffix('import')}bulk/1/take-back"
    await client.post(back, data={"csrf": csrf}, allow_redirects=False)

    third = after["session-3"]
    assert third.state is published_one or type(third) is published_one
    assert (type(after["draf"]) if "draf" in after else None) is draft
    assert {
        code: str(each).split("version")[0]
        for code, each in (await everything(published)).items()
        if code != "draf"
    } == {code: str(each).split("version")[0] for code, each in before.items() if code != "draf"}
    assert "draf" in await everything(published)


async def test_what_changed_meanwhile_is_shown_again_and_nothing_is_done(
    client: Client, published: Installation
) -> None:
    csrf = await callers.signed_in(client, published, "organizer")
    address = (await uploaded(client, csrf, FILE)).headers["Location"]
    _, seen = await looked(client, address)
    async with published.database.transaction() as tx:
        event, at = await get_event(tx, "rakortek"), published.clock.now()
        session = await actions.get_session(tx, 1, "session-2")
        await actions.change_session(tx, event, session, {"title": "Sidang kedua"}, at=at)
    before = await everything(published)

    late = await client.post(
        f"{address}?lang=en",
        data={"csrf": csrf, "seen": seen, "gone": "keep"},
        allow_redirects=False,
    )

    assert late.status == 412
    assert "The programme was changed in the meantime." in await late.text()
    assert await everything(published) == before
    async with published.database.reading() as tx:
        names = (await tx.execute(sa.select(rooms.c.name))).scalars().all()
    assert names == ["Ruang 1"]


async def test_while_rows_are_faulty_nothing_is_gone(
    client: Client, published: Installation
) -> None:
    csrf = await callers.signed_in(client, published, "organizer")
    broken = FILE.replace("2021-02-25,11:00", "kapan,11:00")
    address = (await uploaded(client, csrf, broken)).headers["Location"]

    text, _ = await looked(client, address, "cancel")

    assert "Row 3" in text
    assert "They are cancelled" not in text
    assert "is cancelled" not in text


async def test_what_cannot_be_read_is_refused_beside_its_field(
    client: Client, published: Installation
) -> None:
    csrf = await callers.signed_in(client, published, "organizer")

    other = await uploaded(client, csrf, "%PDF-1.7 no programme at all")
    zone = await uploaded(client, csrf, FILE, zone="")
    nowhere = await client.get(f"{IMPORT}/77")

    assert (other.status, zone.status, nowhere.status) == (400, 422, 404)
    assert 'id="zone-error"' in await zone.text()


@pytest.mark.parametrize("role", ["gate", "viewer"])
async def test_others_import_nothing(client: Client, published: Installation, role: str) -> None:
    csrf = await callers.signed_in(client, published, role)

    assert (await client.get(IMPORT)).status == 403
    assert (await uploaded(client, csrf, FILE)).status == 403
