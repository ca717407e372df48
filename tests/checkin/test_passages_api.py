"""Passages, occupancy and conflicts over HTTP."""

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from eventhub.checkin.tables import passages as passages_table
from eventhub.events.model import Protocol
from eventhub.installation import Installation
from tests.checkin import gate
from tests.checkin.gate import WELL
from tests.checkin.over_http import URL, Client, as_role


async def test_passages_are_answered_in_the_contracts_shape(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    headers = await as_role(installation, "gate")
    item = hall.item(1, "door-1")

    answer = await client.post(
        f"{URL}/passages",
        json={"passages": [item, "nonsense"]},
        headers=headers | {"Accept-Language": "id"},
    )

    assert (answer.status, await answer.json()) == (
        200,
        {
            "results": [
                {
                    "nonce": item["nonce"],
                    "status": "ok",
                    "reason": None,
                    "explanation": "Selamat datang.",
                    "participant": {
                        "id": 1,
                        "name": "Kepala Bappeda Provinsi 1",
                        "position": "Kepala",
                        "delegation": "office-1",
                        "attendance": "onsite",
                    },
                    "checkpoint": "door-1",
                    "inside": 1,
                    "limit": 50,
                    "conflicts": [],
                    "replayed": False,
                },
                {
                    "nonce": None,
                    "status": "refused",
                    "reason": "malformed",
                    "explanation": "Ini harus berupa objek.",
                    "participant": None,
                    "checkpoint": None,
                    "inside": None,
                    "limit": None,
                    "conflicts": [],
                    "replayed": False,
                },
            ]
        },
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"passages": []}', 422),
        (b'{"passages": {}}', 422),
        (b"{}", 422),
        (b'{"passages": [1], "more": 1}', 422),
        (b'{"passages": [' + b"0," * 1000 + b"0]}", 422),
        (b"{", 400),
        (b"[" * 100_000, 400),
        (b'{"passages": ["' + b"x" * 2_000_001 + b'"]}', 413),
    ],
)
async def test_a_body_that_is_no_such_list_is_a_problem(
    client: Client, installation: Installation, body: bytes, status: int
) -> None:
    hall = await gate.built(installation.database)
    headers = await as_role(installation, "gate") | {"Content-Type": "application/json"}

    answer = await client.post(f"{URL}/passages", data=BytesIO(body), headers=headers)

    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert await hall.written() == (0, 0, 0)


async def test_a_body_of_a_thousand_wrong_items_is_answered_200(
    client: Client, installation: Installation
) -> None:
    await gate.built(installation.database)
    headers = await as_role(installation, "gate")

    answer = await client.post(f"{URL}/passages", json={"passages": [0] * 1000}, headers=headers)

    results = (await answer.json())["results"]
    assert (answer.status, {r["reason"] for r in results}, len(results)) == (
        200,
        {"malformed"},
        1000,
    )


async def test_passages_are_listed_by_what_was_asked(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    await hall.record(
        hall.item(1, "gate-1", 0),
        hall.item(2, "gate-2", 1),
        hall.item(1, "gate-2", 2),
        hall.item("X", minute=3),
    )
    headers = await as_role(installation, "organizer")

    async def told(query: str) -> list[tuple[Any, ...]]:
        answer = await client.get(f"{URL}/passages{query}", headers=headers)
        items = (await answer.json())["items"]
        return [
            (i["participant"] and i["participant"]["id"], i["checkpoint"], i["reason"])
            for i in items
        ]

    assert await told("?participant=1") == [(1, "gate-1", None), (1, "gate-2", "already_in")]
    assert await told("?checkpoint=gate-2") == [(2, "gate-2", None), (1, "gate-2", "already_in")]
    assert await told("?status=refused") == [
        (1, "gate-2", "already_in"),
        (None, "gate-1", "unknown"),
    ]
    assert await told("?since=2021-02-25T09:03:00%2B07:00") == [(None, "gate-1", "unknown")]
    first = await client.get(f"{URL}/passages?limit=3", headers=headers)
    cursor = (await first.json())["next"]
    assert await told(f"?limit=3&cursor={cursor}") == [(None, "gate-1", "unknown")]


async def test_occupancy_tells_the_event_and_each_room_with_its_doors(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database, protocol=Protocol(mask_required=False))
    await hall.record(
        hall.item(1, "gate-1", 0, health=WELL),
        hall.item(1, "door-1", 1),
        hall.item(2, "door-1", 2),
        hall.item(2, "door-1", 3, type="exit"),
    )

    answer = await client.get(f"{URL}/occupancy", headers=await as_role(installation, "viewer"))

    assert (await answer.json())["items"] == [
        {
            "room": None,
            "checkpoints": ["gate-1", "gate-2"],
            "inside": 1,
            "limit": None,
            "capacity": None,
        },
        {"room": "room-1", "checkpoints": ["door-1"], "inside": 1, "limit": 25, "capacity": 50},
        {"room": "room-2", "checkpoints": ["door-2"], "inside": 0, "limit": 25, "capacity": 50},
    ]


async def test_conflicts_are_listed_with_a_sentence(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    items = [
        hall.item(1, "gate-1", 0, offline=True, decided="ok"),
        hall.item(1, "gate-2", 1, offline=True, decided="ok"),
    ]
    await hall.record(*items)
    headers = await as_role(installation, "gate")

    answer = await client.get(f"{URL}/passages/conflicts", headers=headers)

    assert await answer.json() == {
        "items": [
            {
                "kind": "two_places",
                "participant": 1,
                "nonces": [item["nonce"] for item in items],
                "explanation": (
                    "Let in at gate-1, Thu 25 Feb 2021, 09:00 WIB, and again at gate-2, Thu 25 Feb 2021, 09:01 WIB,"
                    " without leaving."
                ),
            }
        ],
        "next": None,
    }


async def test_a_gate_token_without_the_right_may_not_override(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    await hall.change("gate-1", open=False)
    forced = hall.item(1, force=True, force_reason="Tamu menteri")
    told = []

    for supervisor in (False, True):
        async with installation.database.transaction() as tx:
            await tx.execute(sa.text("DELETE FROM tokens"))
        headers = await as_role(installation, "gate", may_override=supervisor)
        answer = await client.post(
            f"{URL}/passages",
            json={"passages": [forced | {"nonce": str(uuid4())}]},
            headers=headers,
        )
        told.append((await answer.json())["results"][0]["reason"])

    assert told == ["not_allowed", None]


async def test_a_participant_who_was_scanned_stays(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    await hall.scan(1)
    headers = await as_role(installation, "organizer") | {"If-Match": "*"}

    removed = await client.delete(f"{URL}/participants/1", headers=headers)

    assert removed.status == 409
    assert await hall.rows(passages_table, "participant_id") == [(1,)]
