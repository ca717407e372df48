"""Checkpoints over HTTP."""

from typing import Any

import pytest

from eventhub.installation import Installation
from tests.checkin import gate
from tests.checkin.over_http import URL, Client, as_role


async def test_checkpoints_are_added_changed_and_taken_out(
    client: Client, installation: Installation
) -> None:
    await gate.built(installation.database)
    headers = await as_role(installation, "organizer")
    new = {"code": "door-3", "kind": "door", "room": "room-2", "limit": 5}

    added = await client.post(f"{URL}/checkpoints", json=new, headers=headers)
    etag = {"If-Match": added.headers["ETag"]}
    shut = await client.patch(
        f"{URL}/checkpoints/door-3", json={"open": False, "limit": None}, headers=headers | etag
    )
    stale = await client.patch(
        f"{URL}/checkpoints/door-3", json={"open": True}, headers=headers | etag
    )
    blind = await client.patch(f"{URL}/checkpoints/door-3", json={"open": True}, headers=headers)
    gone = await client.delete(
        f"{URL}/checkpoints/door-3", headers=headers | {"If-Match": shut.headers["ETag"]}
    )
    listed = await client.get(f"{URL}/checkpoints", headers=headers)

    shape = {
        "code": "door-3",
        "name": "Ruang 2",
        "kind": "door",
        "room": "room-2",
        "open": True,
        "limit": 5,
    }
    assert (added.status, await added.json()) == (201, shape)
    assert (shut.status, await shut.json()) == (200, shape | {"open": False, "limit": None})
    assert (stale.status, blind.status, gone.status) == (412, 428, 204)
    assert [c["code"] for c in (await listed.json())["items"]] == [
        "door-1",
        "door-2",
        "gate-1",
        "gate-2",
    ]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"kind": "door"}, 422, "room"),
        ({"kind": "door", "room": "nowhere"}, 422, "room"),
        ({"kind": "gate", "room": "room-1"}, 422, "room"),
        ({"kind": "window"}, 422, "kind"),
        ({"kind": "gate", "limit": -1}, 422, "limit"),
        ({"kind": "gate", "code": "gate-1"}, 409, None),
    ],
)
async def test_a_checkpoint_that_leads_nowhere_is_refused(
    client: Client, installation: Installation, body: dict[str, Any], status: int, field: str | None
) -> None:
    await gate.built(installation.database)
    headers = await as_role(installation, "organizer")

    answer = await client.post(f"{URL}/checkpoints", json=body, headers=headers)

    problem = await answer.json()
    assert answer.status == status
    assert [error["field"] for error in problem.get("errors", [])] == ([field] if field else [])


async def test_a_checkpoint_with_scans_keeps_leading_where_it_led(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    await hall.scan(1, "door-1")
    headers = await as_role(installation, "organizer") | {"If-Match": "*"}

    moved = await client.patch(
        f"{URL}/checkpoints/door-1", json={"room": "room-2"}, headers=headers
    )
    gone = await client.delete(f"{URL}/checkpoints/door-1", headers=headers)

    assert (moved.status, gone.status) == (409, 409)
    assert await hall.inside() == {"room-1": 1}


async def test_codes_that_no_checkpoint_can_have_are_told_so(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    headers = await as_role(installation, "owner")

    batch = {"passages": [hall.item(1, "\0"), hall.item(1, "x" * 65), hall.item("\0\ud7ff")]}
    scans = await client.post(f"{URL}/passages", json=batch, headers=headers)
    query = await client.get(f"{URL}/passages?checkpoint=%00", headers=headers)
    path = await client.get(f"{URL}/checkpoints/%00", headers=headers)

    reasons = [result["reason"] for result in (await scans.json())["results"]]
    assert (scans.status, reasons) == (200, ["malformed", "malformed", "unknown"])
    assert (query.status, path.status) == (422, 404)
