"""Putting the draft back to a release: seen before it is done, done whole, and published as a new release."""

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from eventhub.accounts.tables import audit_log
from eventhub.events.actions import get_event
from eventhub.events.model import Attendance
from eventhub.events.tables import rooms
from eventhub.installation import Installation
from eventhub.sessions import actions
from eventhub.sessions.model import Released, Session, SessionState, Unscheduled
from tests import callers, make
from tests.callers import Client

RELEASES = "/api/v1/events/rakortek/releases"
PAGE = "/manage/rakortek/releases/1/restore"


@pytest.fixture
async def published(installation: Installation) -> Installation:
    """Publish an opening, a desk and a panel; then change all of them and add what was not there."""
    await make.stored(
        installation.database,
        make.event(),
        make.room(),
        make.room(2),
        make.delegation(),
        make.participant(),
        make.participant(2),
        make.session(
            1, title="Pembukaan", speakers=(2,), audience=(make.audience(delegation_id=1),)
        ),
        make.session(2, title="Desk", starts_at=make.at("13:00"), ends_at=make.at("14:00")),
        make.session(3, title="Panel", starts_at=make.at("15:00"), ends_at=make.at("16:00")),
    )
    await publish(installation)
    await change(installation, "session-1", title="Lain", room_id=2, speakers=(), audience=())
    await change(
        installation,
        "session-2",
        starts_at=make.at("09:00", "2021-02-26"),
        ends_at=make.at("10:00", "2021-02-26"),
    )
    async with installation.database.transaction() as tx:
        panel = await actions.get_session(tx, 1, "session-3")
        await actions.remove_session(tx, panel, at=installation.clock.now())
    await add(
        installation,
        make.session(0, code="terbit", starts_at=make.at("11:00"), ends_at=make.at("12:00")),
    )
    await publish(installation)
    await add(
        installation,
        make.session(0, code="draf", starts_at=make.at("20:00"), ends_at=make.at("21:00")),
    )
    return installation


async def publish(installation: Installation) -> None:
    async with installation.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        at = installation.clock.now()
        await actions.publish(tx, event, note="", notify="none", who="test", at=at)


async def change(installation: Installation, code: str, **changes: Any) -> None:
    async with installation.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        session = await actions.get_session(tx, 1, code)
        await actions.change_session(tx, event, session, changes, at=installation.clock.now())


async def add(installation: Installation, session: Session) -> None:
    async with installation.database.transaction() as tx:
        event = await get_event(tx, "rakortek")
        await actions.add_session(tx, event, session, at=installation.clock.now())


async def shown(installation: Installation, number: int) -> list[Released]:
    """Return what a release shows as taking place, but for the sequences."""
    async with installation.database.reading() as tx:
        release = await actions.get_release(tx, 1, number)
        every = await actions.list_released(tx, release.id)
    return [replace(each, sequence=0) for each in every if each.state is SessionState.PUBLISHED]


async def test_published_changed_put_back_and_published_again_is_the_same_programme(
    client: Client, published: Installation
) -> None:
    headers = await callers.bearer(published, "organizer")

    answer = await client.post(f"{RELEASES}/1/restore", headers=headers, json={})
    told = await answer.json()
    release = await (await client.post(RELEASES, headers=headers, json={})).json()

    assert answer.status == 200
    assert [(each["session"], each["change"]) for each in told["changes"]] == [
        ("session-1", "room"),
        ("session-1", "text"),
        ("session-1", "audience"),
        ("terbit", "cancelled"),
        ("session-2", "moved"),
        ("session-3", "new"),
    ]
    assert (told["to_tray"], told["not_restored"], told["conflicts"]) == (["draf"], [], [])
    assert release["release"] == 3
    assert await shown(published, 3) == await shown(published, 1)
    async with published.database.reading() as tx:
        sequences = {
            code: (await actions.get_session(tx, 1, code)).sequence
            for code in ("session-1", "session-2", "session-3", "terbit")
        }
        tray = await actions.list_unscheduled(tx, 1)
        [line] = (
            await tx.execute(
                sa.select(audit_log.c.subject, audit_log.c.detail).where(
                    audit_log.c.action == "programme.restored"
                )
            )
        ).all()
    assert sequences == {"session-1": 2, "session-2": 2, "session-3": 2, "terbit": 1}
    assert [session.code for session in tray] == ["draf"]
    assert tuple(line) == ("1", {"sessions": 5})


async def test_a_dry_run_tells_the_same_and_changes_nothing(
    client: Client, published: Installation
) -> None:
    headers = await callers.bearer(published, "organizer")
    before = await everything(published)

    dry = await client.post(f"{RELEASES}/1/restore", headers=headers, json={"dry_run": True})
    after = await everything(published)
    done = await client.post(f"{RELEASES}/1/restore", headers=headers, json={})
    again = await (await client.post(f"{RELEASES}/1/restore", headers=headers, json={})).json()

    assert after == before
    assert await dry.json() == await done.json()
    assert again["changes"] == []


async def everything(installation: Installation) -> list[Session | Unscheduled]:
    async with installation.database.reading() as tx:
        scheduled = await actions.list_sessions(tx, 1, actions.Wanted())
        return [*scheduled, *await actions.list_unscheduled(tx, 1)]


async def test_what_is_gone_is_named_and_its_session_stays_whole(
    client: Client, published: Installation
) -> None:
    headers = await callers.bearer(published, "organizer")
    match = headers | {"If-Match": "*"}
    await change(published, "session-2", room_id=2)
    async with published.database.transaction() as tx:
        # Nothing stands in the first room any more but what is cancelled.
        await tx.execute(sa.text("UPDATE sessions SET room_id = 2 WHERE room_id = 1"))
        await tx.execute(rooms.delete().where(rooms.c.id == 1))
    gone = await client.delete("/api/v1/events/rakortek/participants/2", headers=match)
    before = await everything(published)

    told = await (await client.post(f"{RELEASES}/1/restore", headers=headers, json={})).json()

    assert gone.status == 204
    assert told["not_restored"] == [
        "Pembukaan stays as it is: its room Ruang 1 is gone.",
        "Panel stays as it is: its room Ruang 1 is gone.",
        "Desk stays as it is: its room Ruang 1 is gone.",
    ]
    kept = {"session-1", "session-2", "session-3"}
    after = await everything(published)
    assert [each for each in after if each.code in kept] == [
        each for each in before if each.code in kept
    ]


async def test_a_person_who_left_is_named_and_the_rest_comes_back(
    client: Client, published: Installation
) -> None:
    headers = await callers.bearer(published, "organizer") | {"If-Match": "*"}
    await client.delete("/api/v1/events/rakortek/participants/2", headers=headers)

    told = await (await client.post(f"{RELEASES}/1/restore", headers=headers, json={})).json()

    assert told["not_restored"] == ["Kepala Bappeda Provinsi 2, who spoke at Pembukaan, is gone."]
    async with published.database.reading() as tx:
        opening = await actions.get_session(tx, 1, "session-1")
    assert (opening.title, opening.room_id, opening.speakers) == ("Pembukaan", 1, ())
    assert opening.audience == (make.audience(Attendance.ONSITE, delegation_id=1),)


async def test_the_page_shows_what_it_does_and_does_just_that(
    client: Client, published: Installation
) -> None:
    csrf = await callers.signed_in(client, published, "organizer")

    text = await (await client.get(f"{PAGE}?lang=en")).text()
    seen = text.split('name="seen" value="')[1].split('"')[0]
    await change(published, "session-2", title="Desk lain")
    late = await client.post(PAGE, data={"csrf": csrf, "seen": seen}, allow_redirects=False)
    anew = (await late.text()).split('name="seen" value="')[1].split('"')[0]
    done = await client.post(PAGE, data={"csrf": csrf, "seen": anew}, allow_redirects=False)

    assert "Desk moves from Fri 26 Feb 2021, 09:00 WIB to Thu 25 Feb 2021, 13:00 WIB." in text
    assert "1 session loses its time" in text
    assert "Sidang 0 (draf)" in text
    assert (late.status, done.status) == (412, 303)
    assert done.headers["Location"] == "/manage/rakortek/programme/publish"
    async with published.database.reading() as tx:
        assert (await actions.get_session(tx, 1, "session-2")).title == "Desk"


async def test_releases_are_listed_and_shown(client: Client, published: Installation) -> None:
    await callers.signed_in(client, published, "viewer")

    every = await (await client.get("/manage/rakortek/releases?lang=en")).text()
    second = await (await client.get("/manage/rakortek/releases/2?lang=en")).text()
    refused = await client.get(PAGE)

    assert every.index("Release 2") < every.index("Release 1")
    assert "Panel is cancelled; it was planned for Thu 25 Feb 2021, 15:00 WIB." in second
    assert "Put the draft back" not in second
    assert refused.status == 403
