"""Readings, declarations, proofs and contacts over HTTP: who may see them, and that every look is audited."""

from eventhub.events.model import Protocol
from eventhub.installation import Installation
from tests.checkin import gate
from tests.checkin.gate import WELL
from tests.checkin.over_http import URL, Client, as_role, audited


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
