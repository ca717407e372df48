"""Whoever changes what somebody else has changed is told what, before and after, and overwrites nothing."""

import pytest

from eventhub.installation import Installation
from eventhub.sessions import actions
from eventhub.sessions.model import AnySession
from tests import callers, make
from tests.callers import Client

SESSION = "/api/v1/events/rakortek/sessions/session-1"
FORM = "/manage/rakortek/programme/sessions/session-1?lang=en"
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
async def organizer(client: Client, installation: Installation) -> dict[str, str]:
    await make.stored(
        installation.database,
        make.event(),
        make.room(1, name="Ruang Satu"),
        make.room(2, name="Ruang Dua"),
        make.session(title="Pembukaan"),
    )
    return await callers.bearer(installation, "organizer") | ENGLISH


async def change(client: Client, headers: dict[str, str], **changes: object) -> None:
    answer = await client.patch(SESSION, headers=headers | {"If-Match": "*"}, json=changes)
    assert answer.status == 200


async def stored(installation: Installation) -> AnySession:
    async with installation.database.reading() as tx:
        return await actions.get_session(tx, 1, "session-1")


async def test_a_program_is_told_what_all_changes_since_came_to(
    client: Client, installation: Installation, organizer: dict[str, str]
) -> None:
    await change(client, organizer, room="room-2", title="Rapat")
    await change(client, organizer, ends_at="2021-02-25T10:30+07:00", abstract="Baru")
    await change(client, organizer, title="Pembukaan")

    answer = await client.patch(
        SESSION, headers=organizer | {"If-Match": '"1"'}, json={"title": "Lain"}
    )

    assert (answer.status, (await answer.json())["detail"]) == (
        412,
        (
            "organizer of 1 changed Pembukaan meanwhile: room Ruang Satu → Ruang Dua; length 60 → 90 minutes;"
            " other details. Your change was not saved."
        ),
    )
    assert ((await stored(installation)).title, (await stored(installation)).version) == (
        "Pembukaan",
        4,
    )


async def test_a_change_of_what_lies_in_the_tray_now_says_so(
    client: Client, installation: Installation, organizer: dict[str, str]
) -> None:
    await change(client, organizer, starts_at=None, ends_at=None)

    answer = await client.delete(SESSION, headers=organizer | {"If-Match": '"1"'})

    assert (answer.status, (await answer.json())["detail"]) == (
        412,
        (
            "organizer of 1 changed Pembukaan meanwhile: start Thu 25 Feb 2021, 09:00 WIB → no time."
            " Your change was not saved."
        ),
    )
    assert (await stored(installation)).version == 2


async def test_a_form_says_what_changed_and_keeps_what_was_typed(
    client: Client, installation: Installation, organizer: dict[str, str]
) -> None:
    csrf = await callers.signed_in(client, installation, "owner")
    await change(client, organizer, title="Rapat")

    answer = await client.post(
        FORM,
        data={
            "title": "Judul saya", "version": "1", "csrf": csrf, "format": "onsite", "room": "room-1",
            "starts_at": "2021-02-25T09:00", "ends_at": "2021-02-25T10:00", "kind": "panel",
        },
    )  # fmt: skip
    page = await answer.text()

    assert answer.status == 412
    assert "organizer of 1 changed Rapat meanwhile: title “Pembukaan” → “Rapat”." in page
    assert 'value="Judul saya"' in page
    assert (await stored(installation)).title == "Rapat"


async def test_after_work_on_many_sessions_it_is_said_how_the_session_is_now(
    client: Client, installation: Installation, organizer: dict[str, str]
) -> None:
    await change(client, organizer, room="room-2")
    await client.post("/api/v1/events/rakortek/releases", headers=organizer, json={})

    answer = await client.patch(
        SESSION, headers=organizer | {"If-Match": '"1"'}, json={"title": "Lain"}
    )

    assert (await answer.json())["detail"] == (
        "Somebody changed Pembukaan meanwhile: it now starts Thu 25 Feb 2021, 09:00 WIB, lasts 60 minutes"
        " and is in Ruang Dua. Your change was not saved."
    )
