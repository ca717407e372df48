"""A phone becomes a scanner by a one-time link, scans as the API does, and is stopped at once."""

import base64
import json
from hashlib import sha256
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from eventhub.checkin import badge, enrolling
from eventhub.checkin.tables import devices, enrolments, passages
from eventhub.errors import Invalid
from eventhub.events.model import Protocol
from eventhub.installation import Installation
from eventhub.web.access import Role
from tests.callers import signed_in
from tests.checkin import gate
from tests.checkin.gate import WELL, Hall
from tests.standins.clock import StillClock

Client = TestClient[Any, Any]


async def invited(hall: Hall, *checkpoints: str, **rights: bool) -> str:
    async with hall.database.transaction() as tx:
        return await enrolling.invite_device(
            tx,
            hall.event,
            name="Gerbang 1",
            checkpoints=checkpoints,
            **rights,
            who="command",
            at=hall.now.replace(hour=1),
        )


async def enrolled(client: Client, hall: Hall, *checkpoints: str, **more: Any) -> None:
    code = await invited(hall, *checkpoints, **more)
    answer = await client.post(f"/scan/enrol/{code}", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/scan")


async def test_looking_at_the_link_changes_nothing(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    code = await invited(hall, "gate-1")

    answer = await client.get(f"/scan/enrol/{code}")

    text = await answer.text()
    assert (answer.status, "Gerbang 1" in text, "Gate-1" in text, "Gate-2" in text) == (
        200,
        True,
        True,
        False,
    )
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert await hall.rows(enrolments, "used_at") == [(None,)]
    assert await hall.rows(devices, "id") == []


async def test_a_link_enrols_once(client: Client, installation: Installation) -> None:
    hall = await gate.built(installation.database)
    code = await invited(hall)

    first = await client.post(f"/scan/enrol/{code}", allow_redirects=False)
    second = await client.post(f"/scan/enrol/{code}", allow_redirects=False)
    shown = await client.get(f"/scan/enrol/{code}")

    assert (first.status, second.status, shown.status) == (303, 404, 404)
    cookie = first.cookies["eventhub_device"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/scan")
    assert len(await hall.rows(devices, "id")) == 1


async def test_a_link_lives_for_a_day(
    client: Client, installation: Installation, clock: StillClock
) -> None:
    hall = await gate.built(installation.database)
    code = await invited(hall)
    clock.moment = clock.moment.replace(day=26, hour=2)

    assert (await client.post(f"/scan/enrol/{code}", allow_redirects=False)).status == 404


async def test_a_withdrawn_link_opens_nothing(client: Client, installation: Installation) -> None:
    hall = await gate.built(installation.database)
    code = await invited(hall)
    csrf = await signed_in(client, installation, Role.ORGANIZER)
    url = "/manage/rakortek/checkin/scanners/links/1"

    withdrawn = await client.post(url, data={"csrf": csrf}, allow_redirects=False)
    again = await client.post(url, data={"csrf": csrf}, allow_redirects=False)
    opened_link = await client.post(f"/scan/enrol/{code}", allow_redirects=False)

    assert (withdrawn.status, again.status, opened_link.status) == (303, 404, 404)
    assert await hall.rows(devices, "id") == []


async def test_another_sites_page_enrols_nobody(client: Client, installation: Installation) -> None:
    hall = await gate.built(installation.database)
    code = await invited(hall)

    answer = await client.post(f"/scan/enrol/{code}", headers={"Origin": "https://example.org"})

    assert answer.status == 403
    assert await hall.rows(devices, "id") == []


async def test_a_scanner_is_bound_to_checkpoints_of_its_event(installation: Installation) -> None:
    hall = await gate.built(installation.database)

    with pytest.raises(Invalid) as refused:
        await invited(hall, "gate-9")

    assert [fault.field for fault in refused.value.fields] == ["checkpoints"]
    assert await hall.rows(enrolments, "id") == []


async def test_the_scanner_is_told_who_it_is_and_what_to_ask(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database, protocol=Protocol())
    await enrolled(client, hall, "gate-1", "door-1")
    await hall.scan(1, "door-1")

    config = await (await client.get("/scan/config", headers={"Accept-Language": "id"})).json()

    assert config["device"] == {
        "name": "Gerbang 1",
        "may_override": False,
        "may_search": False,
    }
    assert config["checkpoints"] == [
        {
            "code": "door-1",
            "name": "Door-1",
            "kind": "door",
            "room": {"code": "room-1", "name": "Ruang 1"},
            "open": True,
            "limit": 25,
            "inside": 1,
        },
        {
            "code": "gate-1",
            "name": "Gate-1",
            "kind": "gate",
            "room": None,
            "open": True,
            "limit": None,
            "inside": 0,
        },
    ]
    assert config["ask"] == {
        "temperature": True,
        "mask": True,
        "max_temperature_c": 37.3,
        "recheck": "daily",
        "declaration": False,
        "proof": False,
    }
    assert (config["language"], config["now"]) == ("id", "2021-02-25T01:30:00+00:00")
    assert config["reasons"]["full"] == {
        "title": "Penuh",
        "help": "Tunggu sampai ada yang keluar, atau hubungi penyelia.",
    }
    assert len(config["reasons"]) == 19


async def test_a_phone_scans_as_the_api_does(client: Client, installation: Installation) -> None:
    hall = await gate.built(installation.database)
    await enrolled(client, hall, "gate-1")
    items = [hall.item(1), hall.item(2, "gate-2"), hall.item(3, force=True, force_reason="Tamu")]

    answer = await client.post("/scan/passages", json={"passages": items})

    results = (await answer.json())["results"]
    assert (answer.status, [r["reason"] for r in results]) == (
        200,
        [None, "malformed", "not_allowed"],
    )
    assert await hall.rows(passages, "by_kind", "by_name") == [("device", "Gerbang 1")] * 2


async def test_a_supervisors_phone_may_override(client: Client, installation: Installation) -> None:
    hall = await gate.built(installation.database)
    await hall.change("gate-1", open=False)
    await enrolled(client, hall, may_override=True)
    item = hall.item(1, force=True, force_reason="Tamu menteri")

    answer = await client.post("/scan/passages", json={"passages": [item]})

    assert [r["status"] for r in (await answer.json())["results"]] == ["ok"]


async def test_a_phone_that_is_no_scanner_gets_nothing(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    await enrolled(client, hall)
    csrf = await signed_in(client, installation, Role.ORGANIZER)
    revoke = "/manage/rakortek/checkin/scanners/1/revoke"

    before = (await client.get("/scan/config")).status
    revoked = await client.post(revoke, data={"csrf": csrf}, allow_redirects=False)
    after = [
        (await client.get(f"/scan/{what}", headers={"Accept": "application/json"})).status
        for what in ("config", "occupancy", "snapshot")
    ]
    scan = await client.post("/scan/passages", json={"passages": [hall.item(1)]})

    assert (before, revoked.status, after, scan.status) == (200, 303, [401, 401, 401], 401)
    assert await hall.written() == (0, 0, 0)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"passages": []}', "application/json", 422),
        (b'{"passages": [1]}', "text/plain", 415),
    ],
)
async def test_a_broken_batch_from_a_phone_is_a_problem(
    client: Client, installation: Installation, body: bytes, kind: str, status: int
) -> None:
    hall = await gate.built(installation.database)
    await enrolled(client, hall)

    answer = await client.post("/scan/passages", data=body, headers={"Content-Type": kind})

    assert answer.status == status


async def test_the_snapshot_opens_only_with_a_ticket(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database, protocol=Protocol())
    await enrolled(client, hall)
    await hall.record(hall.item(1, "gate-1", health=WELL), hall.item(1, "door-1", 1))

    answer = await client.get("/scan/snapshot")
    again = await client.get("/scan/snapshot", headers={"If-None-Match": answer.headers["ETag"]})

    text = await answer.text()
    snapshot = json.loads(text)
    assert (again.status, "Kepala" in text, len(snapshot["tickets"])) == (304, False, 3)
    assert opened(snapshot, hall.texts[1]) == {
        "name": "Kepala Bappeda Provinsi 1",
        "position": "Kepala",
        "delegation": "Bappeda Provinsi 1",
        "attendance": "onsite",
        "audience": "4f53cda18c2b",
        "day": "2021-02-25",
        "inside": True,
        "room": "room-1",
        "checked": True,
    }
    assert opened(snapshot, hall.texts[2])["checked"] is False
    [key] = snapshot["keys"]
    assert badge.read(hall.texts[1]).is_signed_by(unpadded(key["public_key"]))


def opened(snapshot: dict[str, Any], ticket: str) -> dict[str, Any]:
    name = sha256(b"eventhub ticket id\n" + ticket.encode()).digest()[:16]
    sealed = unpadded(snapshot["tickets"][base64.urlsafe_b64encode(name).rstrip(b"=").decode()])
    key = sha256(b"eventhub ticket data\n" + ticket.encode()).digest()
    holder: dict[str, Any] = json.loads(AESGCM(key).decrypt(sealed[:12], sealed[12:], None))
    return holder


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def test_organizers_set_checkin_up_on_its_page(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    csrf = await signed_in(client, installation, Role.ORGANIZER)
    here = "/manage/rakortek/checkin"

    added = await client.post(
        f"{here}/checkpoints/new",
        data={
            "csrf": csrf,
            "name": "Pintu timur",
            "leads": "room:room-2",
            "code": "east",
            "limit": "7",
        },
        allow_redirects=False,
    )
    refused = await client.post(
        f"{here}/checkpoints/new", data={"csrf": csrf, "name": "", "leads": "room:nowhere"}
    )
    closed = await client.post(
        f"{here}/checkpoints/east", data={"csrf": csrf, "open": "0"}, allow_redirects=False
    )
    link = await client.post(
        f"{here}/scanners/new",
        data=[
            ("csrf", csrf),
            ("name", "Ponsel biru"),
            ("checkpoints", "east"),
            ("checkpoints", "gate-1"),
        ],
    )
    shown = await client.get(here)

    assert (added.status, refused.status, closed.status, link.status, shown.status) == (
        303,
        422,
        303,
        200,
        200,
    )
    assert "/scan/enrol/" in await link.text()
    assert await hall.rows(enrolments, "device_name", "checkpoints") == [
        ("Ponsel biru", ["east", "gate-1"])
    ]
    page = await shown.text()
    assert all(word in page for word in ("Pintu timur", "Ponsel biru", "east, gate-1"))


async def test_the_page_shows_who_is_inside_and_who_was_refused(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    await hall.record(hall.item(1), hall.item(1, minute=1), hall.item(2, "door-1", 2))
    await signed_in(client, installation, Role.GATE)

    answer = await client.get("/manage/rakortek/checkin/now", headers={"Accept-Language": "id"})

    text = await answer.text()
    assert all(
        word in text for word in ("Sudah di dalam", "Kepala Bappeda Provinsi 1", "1 dari 50")
    )


async def test_conflicts_stand_on_a_page_of_their_own(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    pair = [hall.item(1, f"gate-{n}", n, offline=True, decided="ok") for n in (1, 2)]
    await hall.record(*pair, hall.item("HELLO", offline=True, decided="ok"))
    await signed_in(client, installation, Role.GATE)

    text = await (await client.get("/manage/rakortek/checkin/conflicts?lang=en")).text()

    assert "and again at gate-2" in text
    assert "with a text that is no ticket of this event" in text


async def test_the_registration_desk_shows_and_replaces_a_ticket(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    csrf = await signed_in(client, installation, Role.ORGANIZER)
    url = "/manage/rakortek/checkin/tickets/1"

    before = await (await client.get(url)).text()
    replaced = await client.post(url, data={"csrf": csrf}, allow_redirects=False)
    after = await (await client.get(url)).text()

    typed = " ".join(hall.texts[1][start : start + 4] for start in range(0, 122, 4))
    assert (typed in before, replaced.status, typed in after) == (True, 303, False)


async def test_badges_are_printed_from_the_page(client: Client, installation: Installation) -> None:
    await gate.built(installation.database)
    csrf = await signed_in(client, installation, Role.ORGANIZER)

    chosen = await (await client.get("/manage/rakortek/checkin/badges?lang=en")).text()
    answer = await client.post(
        "/manage/rakortek/checkin/badges", data={"csrf": csrf, "delegation": ""}
    )
    nobody = await client.post(
        "/manage/rakortek/checkin/badges", data={"csrf": csrf, "delegation": "office-2"}
    )

    assert "Everybody on site: 3 badges" in chosen
    assert '<option value="office-1">Bappeda Provinsi 1: 3</option>' in chosen
    assert (answer.status, answer.content_type) == (200, "application/pdf")
    assert (await answer.read()).startswith(b"%PDF-")
    assert nobody.status == 404


async def test_a_form_without_its_token_changes_nothing(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    await signed_in(client, installation, Role.ORGANIZER)

    answers = [
        (await client.post(f"/manage/rakortek/checkin/{path}", data={"name": "X"})).status
        for path in ("checkpoints/new", "checkpoints/gate-1", "scanners/new", "tickets/1")
    ]

    assert answers == [403] * 4
    assert await hall.rows(enrolments, "id") == []
