"""Checkpoints, passages, tickets and health over HTTP: shapes, rights, and what is audited."""

from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient

from eventhub.accounts.tables import audit_log
from eventhub.checkin import badge
from eventhub.checkin.tables import passages as passages_table
from eventhub.events.model import Attendance, Protocol
from eventhub.installation import Installation
from eventhub.participants.tables import participants
from tests.callers import bearer
from tests.checkin import gate
from tests.checkin.gate import WELL

URL = "/api/v1/events/rakortek"
Client = TestClient[Any, Any]


def path_of(url: str) -> str:
    return urlsplit(url).path


async def as_role(installation: Installation, role: str, **more: Any) -> dict[str, str]:
    return await bearer(installation, role, **more)


async def audited(installation: Installation) -> list[tuple[str, str, str]]:
    async with installation.database.reading() as tx:
        query = sa.select(audit_log.c.actor, audit_log.c.action, audit_log.c.subject)
        rows = await tx.execute(query.order_by(audit_log.c.id))
        return [tuple(row) for row in rows]


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


async def test_readings_are_for_health_officers_and_owners_and_every_look_is_audited(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database, protocol=Protocol())
    await hall.scan(1, health=WELL)

    seen = {}
    for role in ("owner", "organizer", "gate", "health"):
        headers = await as_role(installation, role)
        [item] = (await (await client.get(f"{URL}/passages", headers=headers)).json())["items"]
        seen[role] = item["health"]

    assert seen == {"owner": WELL, "organizer": None, "gate": None, "health": WELL}
    assert [entry for entry in await audited(installation) if entry[1] == "readings.read"] == [
        ("token owner of 1", "readings.read", "1 readings"),
        ("token health of 1", "readings.read", "1 readings"),
    ]


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


async def test_a_ticket_is_shown_and_its_pictures_open_without_a_token(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    headers = await as_role(installation, "gate")

    ticket = await (await client.get(f"{URL}/participants/1/ticket", headers=headers)).json()
    svg = await client.get(path_of(ticket["svg_url"]))
    png = await client.get(path_of(ticket["png_url"]))

    assert (ticket["text"], ticket["revoked"]) == (hall.texts[1], False)
    assert await svg.text() == badge.draw_svg(hall.texts[1])
    assert await png.read() == badge.draw_png(hall.texts[1])
    assert (svg.content_type, png.content_type) == ("image/svg+xml", "image/png")


async def test_reissue_kills_the_old_ticket_and_its_picture(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    headers = await as_role(installation, "organizer")
    url = f"{URL}/participants/1/ticket"
    old = await (await client.get(url, headers=headers)).json()

    fresh = await client.post(f"{url}/reissue", headers=headers)
    picture = await client.get(path_of(old["svg_url"]))

    new = await fresh.json()
    assert (fresh.status, picture.status, new["text"] != old["text"]) == (200, 404, True)
    assert (await hall.scan(old["text"])).reason == "revoked"
    assert (await hall.scan(new["text"])).reason is None


async def test_who_is_not_on_site_has_no_ticket(client: Client, installation: Installation) -> None:
    hall = await gate.built(installation.database)
    async with hall.database.transaction() as tx:
        await tx.execute(participants.update().values(attendance=Attendance.STREAM))
    headers = await as_role(installation, "organizer")

    answer = await client.get(f"{URL}/participants/1/ticket", headers=headers)

    assert (answer.status, (await answer.json())["detail"]) == (
        404,
        "Kepala Bappeda Provinsi 1 attends from afar and needs no ticket.",
    )


async def test_declarations_and_proofs_are_written_by_the_gate_and_read_by_health_officers(
    client: Client, installation: Installation
) -> None:
    await gate.built(installation.database)
    writer, reader = await as_role(installation, "gate"), await as_role(installation, "health")
    declaration = {"date": "2021-02-25", "symptoms": False, "contact": False, "travel": True}
    proof = {
        "kind": "pcr",
        "taken_at": "2021-02-24T10:00:00+07:00",
        "negative": True,
        "doses": None,
    }
    url = f"{URL}/participants/1"

    declared = await client.post(f"{url}/declarations", json=declaration, headers=writer)
    proven = await client.post(f"{url}/proofs", json=proof, headers=writer)
    refused = [
        (await client.get(f"{url}/{what}", headers=writer)).status
        for what in ("declarations", "proofs")
    ]
    declarations = await (await client.get(f"{url}/declarations", headers=reader)).json()
    proofs = await (await client.get(f"{url}/proofs", headers=reader)).json()

    assert (declared.status, proven.status, refused) == (201, 201, [403, 403])
    assert declarations["items"] == [declaration | {"declared_at": "2021-02-25T01:30:00Z"}]
    assert proofs["items"] == [
        proof
        | {"taken_at": "2021-02-24T03:00:00Z", "seen_by": "gate", "seen_at": "2021-02-25T01:30:00Z"}
    ]
    assert [entry[1:] for entry in await audited(installation) if entry[1].endswith(".read")] == [
        ("declarations.read", "Kepala Bappeda Provinsi 1"),
        ("proofs.read", "Kepala Bappeda Provinsi 1"),
    ]


async def test_a_vaccine_proof_needs_its_doses(client: Client, installation: Installation) -> None:
    await gate.built(installation.database)
    headers = await as_role(installation, "health")
    proof = {
        "kind": "vaccine",
        "taken_at": "2021-02-24T10:00:00+07:00",
        "negative": None,
        "doses": None,
    }

    answer = await client.post(f"{URL}/participants/1/proofs", json=proof, headers=headers)

    assert (answer.status, [e["field"] for e in (await answer.json())["errors"]]) == (
        422,
        ["doses"],
    )


async def test_a_test_needs_its_result_and_nothing_is_taken_from_the_future(
    client: Client, installation: Installation
) -> None:
    await gate.built(installation.database)
    headers = await as_role(installation, "health")
    proof = {"kind": "pcr", "taken_at": "2021-02-26T10:00:00+07:00"}
    far = {"date": "2021-03-01", "symptoms": False, "contact": False, "travel": False}

    proven = await client.post(f"{URL}/participants/1/proofs", json=proof, headers=headers)
    declared = await client.post(f"{URL}/participants/1/declarations", json=far, headers=headers)
    tomorrow = await client.post(
        f"{URL}/participants/1/declarations", json=far | {"date": "2021-02-26"}, headers=headers
    )

    assert [e["field"] for e in (await proven.json())["errors"]] == ["taken_at", "negative"]
    assert [e["field"] for e in (await declared.json())["errors"]] == ["date"]
    assert tomorrow.status == 201


async def test_contacts_are_added_up_clipped_and_audited(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    await hall.record(
        hall.item(1, "door-1", -60),
        hall.item(2, "door-1", -50),
        hall.item(3, "door-2", -50),
        hall.item(2, "door-1", -40, type="exit"),
        hall.item(1, "door-2", -37),
        hall.item(2, "door-2", -35),
    )
    headers = await as_role(installation, "health")
    window = "from=2021-02-25T08:15:00%2B07:00&to=2021-02-25T09:00:00%2B07:00"

    answer = await client.get(f"{URL}/contacts?participant=1&{window}&minutes=5", headers=headers)
    forbidden = await client.get(
        f"{URL}/contacts?participant=1", headers=await as_role(installation, "gate")
    )

    # It is 08:30: open visits count until now.
    assert (await answer.json())["items"] == [
        {
            "participant": 2,
            "minutes": 10,
            "rooms": [
                {
                    "room": "room-1",
                    "from": "2021-02-25T01:15:00Z",
                    "to": "2021-02-25T01:20:00Z",
                    "minutes": 5,
                },
                {
                    "room": "room-2",
                    "from": "2021-02-25T01:25:00Z",
                    "to": "2021-02-25T01:30:00Z",
                    "minutes": 5,
                },
            ],
        },
        {
            "participant": 3,
            "minutes": 7,
            "rooms": [
                {
                    "room": "room-2",
                    "from": "2021-02-25T01:23:00Z",
                    "to": "2021-02-25T01:30:00Z",
                    "minutes": 7,
                }
            ],
        },
    ]
    assert forbidden.status == 403
    assert ("contacts.read", "Kepala Bappeda Provinsi 1") in [
        e[1:] for e in await audited(installation)
    ]


CALLS = [
    ("GET", "/checkpoints", None, "owner organizer gate health"),
    ("POST", "/checkpoints", {"kind": "gate"}, "owner organizer"),
    ("POST", "/passages", {"passages": [1]}, "owner organizer gate health"),
    ("GET", "/passages", None, "owner organizer gate health"),
    ("GET", "/passages/conflicts", None, "owner organizer gate health"),
    ("GET", "/scanner/snapshot", None, "owner organizer gate health"),
    ("GET", "/occupancy", None, "owner organizer gate health streaming viewer"),
    ("GET", "/participants/1/ticket", None, "owner organizer gate"),
    ("POST", "/participants/1/ticket/reissue", None, "owner organizer"),
    ("GET", "/participants/1/declarations", None, "owner health"),
    ("GET", "/participants/1/proofs", None, "owner health"),
    ("GET", "/contacts?participant=1", None, "owner health"),
]


async def test_only_the_roles_of_the_contract_may_call(
    client: Client, installation: Installation
) -> None:
    await gate.built(installation.database)
    roles = ("owner", "organizer", "gate", "health", "streaming", "viewer")
    tokens = {role: await as_role(installation, role) for role in roles}

    allowed = {}
    for method, path, body, _ in CALLS:
        statuses = {
            role: (await client.request(method, URL + path, json=body, headers=tokens[role])).status
            for role in roles
        }
        assert set(statuses.values()) <= {200, 201, 403}
        allowed[method, path] = " ".join(role for role in roles if statuses[role] != 403)

    assert allowed == {(method, path): expected for method, path, _, expected in CALLS}


async def test_another_events_participants_are_not_found(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    await gate.with_event(hall)
    headers = await as_role(installation, "owner")

    for path in ("ticket", "declarations", "proofs"):
        answer = await client.get(f"{URL}/participants/200/{path}", headers=headers)
        assert answer.status == 404


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
    assert (query.status, path.status in {400, 404}) == (422, True)


async def test_the_snapshot_is_given_again_only_when_something_changed(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    headers = await as_role(installation, "gate")
    url = f"{URL}/scanner/snapshot"

    first = await client.get(url, headers=headers)
    tag = {"If-None-Match": first.headers["ETag"]}
    same = await client.get(f"{url}?since=2021-02-25T08:00:00Z", headers=headers | tag)
    await hall.scan(1)
    other = await client.get(url, headers=headers | tag)

    assert (first.status, same.status, await same.text(), other.status) == (200, 304, "", 200)
    assert len((await first.json())["tickets"]) == 3


async def test_a_participant_who_was_scanned_stays(
    client: Client, installation: Installation
) -> None:
    hall = await gate.built(installation.database)
    await hall.scan(1)
    headers = await as_role(installation, "organizer") | {"If-Match": "*"}

    removed = await client.delete(f"{URL}/participants/1", headers=headers)

    assert removed.status == 409
    assert await hall.rows(passages_table, "participant_id") == [(1,)]
